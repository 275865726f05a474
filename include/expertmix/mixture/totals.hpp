#pragma once

#include "../model/block.hpp"
#include "../model/layout.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Sums over rows as the product kernels leave them: what a lane of a fold adds up.
struct Totals {
  Totals() = default;
  /// With a `toll` and the observed information also the scores of the gate's masses.
  Totals(const Layout& layout, Needs needs, bool toll);

  double log_likelihood = 0, weight = 0, gap = arma::datum::inf;
  vec mass, gate_mass;
  mat beside;  ///< weights x columns beside the blocks
  AlignedVector score, em, observed;
  std::vector<AlignedVector> shares;  ///< scores of the gate's masses

  Totals& operator+=(const Totals& other);
};

inline AlignedVector zero_sums(const ProductPlan& plan, bool needed) {
  return AlignedVector(needed ? plan.sums + product_padding : 0, 0.0);
}

inline void add_each(AlignedVector& to, const AlignedVector& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

/// Adds a block's products of a plan; weight columns start at `weights`.
inline void add_products(const ProductPlan& plan, const Block& block, Table weights, AlignedVector& sums,
                         Ahead& ahead) {
  for (const ProductSet& set : plan.sets)
    weighted_products({block.design, block.stride, weights[set.first_weight], block.rows, set.predictors.size()},
                      set.columns.data(), set.columns.size(), sums.data() + set.first_sum, ahead);
}

inline vec collect_score(const Layout& layout, const AlignedVector& sums) {
  vec out(layout.parameters, arma::fill::zeros);
  for (const ProductSet& set : layout.score.sets)
    for_each_product(
        set.columns.size(), set.predictors.size(), [&](std::size_t c, std::size_t p, std::size_t position) {
          out(layout.offset[set.predictors[p].first] + set.position[c].left) = sums[set.first_sum + position];
        });
  return out;
}

/// The information's diagonal blocks, which start at parameters `first`.
inline Information collect_information(const Layout& layout, const ProductPlan& plan, const AlignedVector& sums,
                                       const std::vector<uword>& first, const std::vector<uword>& size) {
  Information out;
  out.first = first;
  for (uword s : size) out.block.emplace_back(s, s, arma::fill::zeros);
  for (const ProductSet& set : plan.sets)
    for_each_product(
        set.columns.size(), set.predictors.size(), [&](std::size_t c, std::size_t p, std::size_t position) {
          const uword a = layout.offset[set.predictors[p].first], b = layout.offset[set.predictors[p].second];
          const std::size_t block = out.find(a);
          const auto put = [&to = out.block[block], base = first[block]](uword i, uword j, double value) {
            to(i - base, j - base) = to(j - base, i - base) = value;
          };
          const auto [left, right] = set.position[c];
          put(a + left, b + right, sums[set.first_sum + position]);
          if (set.half) put(a + right, b + left, sums[set.first_sum + position]);
        });
  return out;
}

inline Totals::Totals(const Layout& layout, Needs needs, bool toll)
    : mass(layout.experts, arma::fill::zeros),
      gate_mass(layout.experts, arma::fill::zeros),
      score(zero_sums(layout.score, needs.score)),
      em(zero_sums(layout.em, needs.em)),
      observed(zero_sums(layout.observed, needs.observed)),
      shares(toll && needs.observed ? layout.experts : 0, zero_sums(layout.score, true)) {}

inline Totals& Totals::operator+=(const Totals& other) {
  log_likelihood += other.log_likelihood;
  weight += other.weight;
  gap = std::min(gap, other.gap);
  mass += other.mass;
  gate_mass += other.gate_mass;
  beside += other.beside;
  add_each(score, other.score);
  add_each(em, other.em);
  add_each(observed, other.observed);
  for (std::size_t k = 0; k < shares.size(); ++k) add_each(shares[k], other.shares[k]);
  return *this;
}

/// The totals of a pass as statistics.
inline Statistics statistics(const Totals& totals, const Layout& layout) {
  Statistics out;
  out.log_likelihood = totals.log_likelihood;
  out.weight = totals.weight;
  out.gap = totals.gap;
  out.mass = totals.mass;
  out.gate_mass = totals.gate_mass;
  if (!totals.score.empty()) out.score = collect_score(layout, totals.score);
  out.beside.set_size(totals.beside.n_cols, totals.beside.empty() ? 0 : layout.predictors.size());
  for (uword a = 0; a < out.beside.n_cols; ++a)
    out.beside.col(a) = totals.beside.row(layout.score.slots[a * layout.predictors.size() + a]).t();
  for (const AlignedVector& share : totals.shares)
    out.shares = arma::join_rows(out.shares, collect_score(layout, share).head(layout.gate_parameters()));
  if (!totals.em.empty()) out.em = collect_information(layout, layout.em, totals.em, layout.em_first, layout.em_size);
  if (!totals.observed.empty())
    out.observed = collect_information(layout, layout.observed, totals.observed, {0}, {layout.parameters});
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
