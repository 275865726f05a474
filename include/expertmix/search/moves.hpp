#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "../base/random.hpp"
#include "../math/solution.hpp"
#include "../mixture/mixture.hpp"
#include "../solver/linear_system.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A split-and-merge move (Ueda, Nakano, Ghahramani and Hinton 2000, Neural Computation 12, 2109-2128): experts `into`
/// and `freed` are pooled in the place of the first, and expert `split` is halved into its own place and the freed one.
struct SplitMerge {
  uword into, freed, split;
};

namespace detail {

/// The predictors of an expert's density.
inline std::vector<std::size_t> density_predictors(const Layout& layout, uword expert) {
  std::vector<std::size_t> list;
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p)
    if (layout.predictors[p].expert == expert) list.push_back(p);
  return list;
}

inline mat em_block(const Layout& layout, const Statistics& at, std::size_t predictor) {
  const std::size_t b = at.em.find(layout.offset[predictor]);
  const uword first = layout.offset[predictor] - at.em.first[b], n = layout.size(predictor);
  return at.em.block[b].submat(first, first, arma::size(n, n));
}

/// Squared distance of two experts' predictors in their pooled EM information, per unit of mass.
inline double expert_distance(const Layout& layout, const vec& parameters, const Statistics& at, uword i, uword j) {
  const auto a = density_predictors(layout, i), b = density_predictors(layout, j);
  double distance = 0.0;
  for (std::size_t p = 0; p < a.size(); ++p) {
    const vec difference = parameters(layout.span(a[p])) - parameters(layout.span(b[p]));
    distance += arma::dot(difference, (em_block(layout, at, a[p]) + em_block(layout, at, b[p])) * difference);
  }
  return distance / (at.mass(i) + at.mass(j));
}

inline void pool(const Layout& layout, const Statistics& at, uword into, uword from, vec& parameters) {
  const auto a = density_predictors(layout, into), b = density_predictors(layout, from);
  for (std::size_t p = 0; p < a.size(); ++p) {
    const mat ma = em_block(layout, at, a[p]), mb = em_block(layout, at, b[p]);
    mat pooled;
    if (find_solution(pooled, ma + mb, ma * parameters(layout.span(a[p])) + mb * parameters(layout.span(b[p]))))
      parameters(layout.span(a[p])) = pooled;
  }
}

/// The halves lie about half a standard deviation to either side of the whole, in a random direction.
inline void halve(const Layout& layout, const Statistics& at, uword whole, uword free, Random& random,
                  vec& parameters) {
  const auto a = density_predictors(layout, whole), b = density_predictors(layout, free);
  for (std::size_t p = 0; p < a.size(); ++p) {
    vec noise(layout.size(a[p]));
    noise.imbue([&] { return random.normal(); });
    mat factor;
    if (!arma::chol(factor, em_block(layout, at, a[p]))) continue;
    const vec shift = 0.5 * std::sqrt(at.mass(whole) / noise.n_elem) *
                      arma::solve(arma::trimatu(factor), noise, arma::solve_opts::fast);
    parameters(layout.span(b[p])) = parameters(layout.span(a[p])) - shift;
    parameters(layout.span(a[p])) += shift;
  }
}

}  // namespace detail

/// The closest pair pooled with each other expert halved, then the next closest, up to `most` moves.
inline std::vector<SplitMerge> split_merge_moves(const Layout& layout, const vec& parameters, const Statistics& at,
                                                 std::size_t most) {
  std::vector<std::pair<double, std::pair<uword, uword>>> pairs;
  for (uword i = 0; i < layout.experts; ++i)
    for (uword j = i + 1; j < layout.experts; ++j)
      pairs.push_back({detail::expert_distance(layout, parameters, at, i, j), {i, j}});
  std::sort(pairs.begin(), pairs.end());
  std::vector<SplitMerge> moves;
  for (const auto& [distance, pair] : pairs)
    for (uword k = 0; k < layout.experts && moves.size() < most; ++k)
      if (k != pair.first && k != pair.second) moves.push_back({pair.first, pair.second, k});
  return moves;
}

/// The parameters after a move.
inline vec apply(const SplitMerge& move, const Layout& layout, vec parameters, const Statistics& at, Random& random) {
  const double a = at.mass(move.into), b = at.mass(move.freed);
  for (const GateGroup& group : layout.gate_groups) {
    mat gate = layout.gather(group, parameters);
    gate.col(move.into) = (a * gate.col(move.into) + b * gate.col(move.freed)) / (a + b);
    gate.col(move.freed) = gate.col(move.split);
    layout.scatter(group, gate, parameters);
  }
  detail::pool(layout, at, move.into, move.freed, parameters);
  detail::halve(layout, at, move.split, move.freed, random, parameters);
  return parameters;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
