#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A Lasso penalty sum_j lasso_j |theta_j| + ridge_j theta_j^2 / 2, in the unit of the log-likelihood.
struct Penalty {
  vec lasso, ridge;
  uvec held;                 ///< parameters that stay zero
  std::vector<uvec> shifts;  ///< parameters that a common shift leaves the likelihood as it is

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

  /// Takes from parameters that may be shifted together the middle one; of two middle ones, or zero between them, what
  /// leaves most zeros, and then what shifts least. No other shift has a smaller penalty.
  void recentre(vec& point) const {
    for (const uvec& set : shifts) {
      const double shift = middle(point(set));
      if (shift != 0.0) point(set) -= shift;
    }
  }

 private:
  static double middle(vec values) {
    std::sort(values.begin(), values.end());
    const uword n = values.n_elem;
    const double low = values((n - 1) / 2), high = values(n / 2);
    double best = low;
    const auto better = [&](double a, double b) {
      const auto zeros = [&](double shift) { return std::count(values.begin(), values.end(), shift); };
      return zeros(a) != zeros(b) ? zeros(a) > zeros(b) : std::abs(a) < std::abs(b);
    };
    if (better(high, best)) best = high;
    if (low <= 0.0 && 0.0 <= high && better(0.0, best)) best = 0.0;
    return best;
  }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
