#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A penalty sum_j lasso_j |theta_j| + ridge_j theta_j^2 / 2, in the unit of the log-likelihood.
struct SeparablePenalty {
  vec lasso, ridge;
  uvec held;  ///< parameters that stay zero

  double value(const vec& point) const {
    return arma::dot(lasso, arma::abs(point)) + 0.5 * arma::dot(ridge, arma::square(point));
  }

  /// Violation of the Karush-Kuhn-Tucker conditions by each parameter: how far the score is from the penalty's
  /// subdifferential.
  vec violations(const vec& point, const vec& score) const {
    vec out = arma::abs(score - ridge % point - lasso % arma::sign(point));
    for (uword j = 0; j < out.n_elem; ++j)
      if (point(j) == 0.0) out(j) = std::max(0.0, std::abs(score(j)) - lasso(j));
    out.elem(held).zeros();
    return out;
  }
};

/// A penalty sum_j v_j (lasso_j |theta_j| + ridge_j theta_j^2 / 2), where v_j = 1 or a power of the average gate
/// probability of the expert whose parameter it is. The first power takes part in the maximisation; a lower one, whose
/// slope is infinite where an expert is empty, is held.
struct Penalty : SeparablePenalty {
  std::vector<uvec> shifts;  ///< parameters that a common shift leaves the likelihood as it is, all with v_j = 1
  std::vector<uvec> shared;  ///< of every expert, the parameters with its v; empty: none
  double weight = 1.0;       ///< sum_i w_i
  double power = 1.0;        ///< of the average gate probabilities
  vec held_v;                ///< of every expert; empty: as the gate's masses say

  /// Whether there are v that do not take part in the maximisation.
  bool holds() const { return !shared.empty() && power < 1.0; }

  /// The penalty whose v stay as the gate's masses are now.
  Penalty holding(const vec& gate_mass) const {
    Penalty out = *this;
    out.held_v = arma::pow(gate_mass / weight, power);
    return out;
  }

  /// The penalty with every v as it is held, or as the gate's masses say.
  SeparablePenalty at(const vec& gate_mass) const {
    SeparablePenalty out = *this;
    for (uword k = 0; k < shared.size(); ++k) {
      const double v = held_v.empty() ? std::pow(gate_mass(k) / weight, power) : held_v(k);
      out.lasso(shared[k]) *= v;
      out.ridge(shared[k]) *= v;
    }
    return out;
  }

  /// The numbers c_k of which the penalty with the v is sum_i w_i sum_k c_k pi_ik; none where they are held.
  vec toll(const vec& point) const {
    if (holds()) return {};
    vec out(shared.size());
    for (uword k = 0; k < out.n_elem; ++k) {
      const vec own = point(shared[k]);
      out(k) =
          (arma::dot(lasso(shared[k]), arma::abs(own)) + 0.5 * arma::dot(ridge(shared[k]), arma::square(own))) / weight;
    }
    return out;
  }

  /// Adds what ties a gate's parameters to those of the experts: (lasso_j sign(theta_j) + ridge_j theta_j) dv_k / d
  /// theta, from the scores of the gate's masses.
  void add_ties(const vec& point, const mat& mass_scores, mat& information) const {
    for (uword k = 0; k < shared.size(); ++k)
      for (uword j : shared[k]) {
        if (point(j) == 0.0) continue;
        const vec tie = (std::copysign(lasso(j), point(j)) + ridge(j) * point(j)) / weight * mass_scores.col(k);
        information(arma::span(0, tie.n_elem - 1), arma::span(j)) += tie;
        information(arma::span(j), arma::span(0, tie.n_elem - 1)) += tie.t();
      }
  }

  /// Takes from parameters that may be shifted together their weighted median: no other shift has a smaller penalty. Of
  /// several, zero among them, what leaves most zeros, and then what shifts least.
  void recentre(vec& point) const {
    for (const uvec& set : shifts) {
      const double shift = median(point(set), lasso(set));
      if (shift != 0.0) point(set) -= shift;
    }
  }

 private:
  static double median(const vec& values, const vec& weights) {
    const auto cost = [&](double shift) { return arma::dot(weights, arma::abs(values - shift)); };
    const auto zeros = [&](double shift) { return arma::accu(values == shift); };
    double best = 0.0, least = cost(0.0);
    for (double shift : values) {
      const double now = cost(shift), rounding = 1e-14 * cost(0.0);
      const bool tied = std::abs(now - least) <= rounding, fewer = zeros(shift) < zeros(best);
      if (now > least + rounding || (tied && fewer)) continue;
      if (tied && zeros(shift) == zeros(best) && std::abs(shift) >= std::abs(best)) continue;
      best = shift;
      least = std::min(now, least);
    }
    return best;
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
