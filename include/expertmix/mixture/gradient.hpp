#pragma once

#include <algorithm>

#include "../math/columns.hpp"
#include "mixture.hpp"
#include "workspace.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// What a mixture predicts for a row: its mean sum_k pi_k m_kc, a gate probability pi_k or an expert's mean m_kc, with
/// c one of several outcomes.
struct Quantity {
  /// The mixture's mean, a gate probability, or an expert's mean.
  enum class Kind { mean, gate, expert };

  Kind kind = Kind::mean;  ///< which of them
  uword expert = 0;        ///< from 0; of gate and expert
  uword outcome = 0;       ///< from 0; of mean and expert

  /// Throws `invalid_argument`.
  void check(const char* where, const Mixture& mixture) const {
    require(kind == Kind::mean || expert < mixture.experts, where, "quantity", "names an expert that is not there");
    require(kind == Kind::gate || outcome < mixture.family->outcomes().count, where, "quantity",
            "names an outcome that is not there");
  }
};

namespace detail {

/// Derivatives of a quantity in the predictors of a block whose gate is evaluated. Written as sum_k a_k h_k it is h_k =
/// m_kc with a = pi, or h = 1{k} with a = pi, or h_k = m_kc with a = 1{k}.
class BlockGradient {
 public:
  BlockGradient(const Quantity& quantity, const Mixture& mixture)
      : quantity_(quantity), mixture_(mixture), memory_(mean_columns() * column_stride(max_block_rows)) {}

  /// To the weight columns of the layout's score plan.
  void write(const Block& block, const Layout& layout, Workspace& work) {
    const PairTable out{work.weights, &layout.score.slots, layout.predictors.size(), 0};
    for (std::size_t a = 0; a < layout.predictors.size(); ++a) std::fill_n(out(a, a), block.rows, 0.0);
    if (quantity_.kind != Quantity::Kind::expert) write_gate(block, work, out);
    if (quantity_.kind != Quantity::Kind::gate) write_experts(block, layout, work, out);
  }

 private:
  std::size_t mean_columns() const { return mixture_.family->outcomes().columns(mixture_.experts); }

  /// The gate's score where the responsibilities are pi_k (1 + h_k - sum_l pi_l h_l), which sum to one.
  void write_gate(const Block& block, Workspace& work, const PairTable& out) {
    const Table h = heights(block, work);
    const uword experts = mixture_.experts;
    for (std::size_t i = 0; i < block.rows; ++i) {
      double mean = 0.0;
      for (uword k = 0; k < experts; ++k) mean += work.gate.pi[k][i] * h[k][i];
      for (uword k = 0; k < experts; ++k) work.tilted[k][i] = work.gate.pi[k][i] * (1.0 + h[k][i] - mean);
    }
    mixture_.gate->score({block.rows, experts, work.predictor}, work.gate, work.tilted, block.column(0), out);
  }

  /// h_k of every expert.
  Table heights(const Block& block, const Workspace& work) {
    const Table means{memory_.data(), column_stride(max_block_rows)};
    if (quantity_.kind == Quantity::Kind::gate) {
      for (uword k = 0; k < mixture_.experts; ++k) std::fill_n(means[k], block.rows, k == quantity_.expert ? 1.0 : 0.0);
      return means;
    }
    const Outcomes outcomes = mixture_.family->outcomes();
    mixture_.family->mean(work.family_rows(block), block, means);
    return {means[quantity_.outcome], outcomes.count * means.stride};
  }

  /// sum_k a_k d m_kc / d u
  void write_experts(const Block& block, const Layout& layout, Workspace& work, const PairTable& out) {
    for (std::size_t t = 0; t < work.terms.size(); ++t) work.targets[t] = work.first[t];
    mixture_.family->mean_first(work.family_rows(block), block, quantity_.outcome, work.targets.data());
    for (std::size_t t = 0; t < work.terms.size(); ++t) {
      const auto [k, p] = work.terms[t];
      const std::size_t a = layout.gate_predictors + p;
      if (quantity_.kind == Quantity::Kind::mean)
        multiply_add(work.gate.pi[k], work.first[t], out(a, a), block.rows);
      else if (k == quantity_.expert)
        std::copy_n(work.first[t], block.rows, out(a, a));
    }
  }

  const Quantity& quantity_;
  const Mixture& mixture_;
  AlignedVector memory_;
};

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
