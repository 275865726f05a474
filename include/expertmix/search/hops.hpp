#pragma once

#include "../mixture/workspace.hpp"
#include "../source/source.hpp"
#include "cuts.hpp"
#include "features.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A hop goes by way of the optimum of rows that weigh at random (Elidan, Ninio, Friedman and Schuurmans 2002, AAAI-02,
/// 132-139), or of a soft gate, that may harden elsewhere; or it gives one expert's rows to the others, and the expert
/// freed a part of another's rows, which it takes
enum class Hop {
  region,    ///< by a cut in the gate covariates
  oblique,   ///< by a cut in all covariates and the residual of one expert
  residual,  ///< by a cut in the covariates and residuals of that other expert
  line,      ///< from everywhere: those nearest to a hyperplane through random rows
  reheat,    ///< by way of a soft gate
  reweigh    ///< by way of rows that weigh at random
};

/// Hops reweigh so often. They find what no guess of responsibilities leads to.
constexpr double share_reweighed = 0.7;

/// Where parameters are tied, hops give the experts other names so often.
constexpr double share_renamed = 0.2;

/// The experts' names in random order.
inline uvec random_names(uword experts, Random& random) {
  uvec out = arma::regspace<uvec>(0, experts - 1);
  for (uword k = experts - 1; k > 0; --k) std::swap(out(k), out(random.index(k + 1)));
  return out;
}

/// The kind of a hop; a gate without a prior cannot be made soft.
inline Hop hop_kind(bool reheats, Random& random) {
  if (random.uniform() < share_reweighed) return Hop::reweigh;
  const Hop end = reheats ? Hop::reweigh : Hop::reheat;
  return static_cast<Hop>(random.index(static_cast<uword>(end)));
}

/// Weights times powers of exponential variates, from the first to the fourth, with the same sum.
inline vec random_weights(vec weight, Random& random) {
  const double total = arma::accu(weight), power = 1.0 + 3.0 * random.uniform();
  for (double& w : weight) w *= std::pow(-std::log1p(-random.uniform()), power);
  return weight * (total / arma::accu(weight));
}

/// Responsibilities of a source's rows at a point.
inline mat responsibilities(const Source& source, const Mixture& mixture, const Layout& layout, const vec& point,
                            uword rows) {
  mat out(rows, mixture.experts);
  Workspace work(mixture, layout);
  AlignedVector buffer;
  for (std::size_t b = 0, first = 0; first < rows; ++b) {
    const Block block = source.block(b, buffer);
    mixture.evaluate(block, layout, point, {}, work);
    const std::size_t count = std::min<std::size_t>(block.rows, rows - first);
    for (uword k = 0; k < mixture.experts; ++k) std::copy_n(work.r[k], count, out.colptr(k) + first);
    first += count;
  }
  return out;
}

/// Every row to the likeliest expert but one.
inline uvec labels_without(mat r, uword freed) {
  r.col(freed).fill(-1.0);
  return arma::index_max(r, 1);
}

inline uword another(uword expert, uword experts, Random& random) {
  const uword k = random.index(experts - 1);
  return k < expert ? k : k + 1;
}

/// A cut through an expert's rows along a normal direction of their covariates and of the residuals of their
/// regression.
inline void cut_residual(const Features& features, uword split, uword freed, uvec& labels, Random& random) {
  const uvec rows = arma::find(labels == split);
  if (rows.n_elem < 2) return;
  const mat residual = Features::residual(features.experts.rows(rows), features.response.rows(rows));
  const mat seen = features.all.rows(rows);
  const mat own = Features::standardised(arma::join_rows(residual, seen.head_cols(features.design.n_cols - 1)));
  vec direction(own.n_cols);
  direction.imbue([&] { return random.normal(); });
  cut(rows, own * direction, freed, labels, random);
}

/// Some of all rows, 3 % to half, that are nearest to a hyperplane through p + 1 of them.
inline void take_line(const Features& features, uword freed, uvec& labels, Random& random) {
  const mat& x = features.experts;
  const uword points = std::min<uword>(x.n_cols + 1, x.n_rows);
  const uvec chosen = random.sample(x.n_rows, points);
  mat coefficients;
  if (!find_solution(coefficients, mat(x.rows(chosen)), mat(features.response.rows(chosen)))) return;
  const vec distance = arma::sum(arma::square(features.response - x * coefficients), 1);
  const double share = 0.5 * std::pow(0.06, random.uniform());
  const uword count = std::clamp<uword>(static_cast<uword>(share * static_cast<double>(x.n_rows)), points, x.n_rows);
  const uvec nearest = arma::stable_sort_index(distance);
  labels(uvec(nearest.head(count))).fill(freed);
}

/// The responsibilities with which a hop that frees an expert begins; there are two experts at least.
inline mat hop(Hop how, const Features& features, const mat& r, Random& random) {
  const uword experts = r.n_cols, freed = random.index(experts), split = another(freed, experts, random);
  uvec labels = labels_without(r, freed);
  if (how == Hop::region) cut_at_random(features.region(), split, freed, labels, random);
  if (how == Hop::oblique) cut_at_random(features.all, split, freed, labels, random);
  if (how == Hop::residual) cut_residual(features, split, freed, labels, random);
  if (how == Hop::line) take_line(features, freed, labels, random);
  return softened(labels, experts);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
