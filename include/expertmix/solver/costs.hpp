#pragma once

#include <algorithm>

#include "../model/layout.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What passes over a row cost, in nanoseconds, as measured.
struct PassCosts {
  explicit PassCosts(const Layout& layout)
      : score(8.0 * static_cast<double>(layout.experts) + 0.12 * static_cast<double>(layout.score.sums)),
        em(score + of_information(layout.em)),
        observed(score + of_information(layout.observed)) {}

  static double of_information(const ProductPlan& plan) {
    return 0.045 * static_cast<double>(plan.sums) + 0.75 * static_cast<double>(plan.weights);
  }

  double score, em, observed;
};

/// Whether a Newton step, P^3 / 60 ns for its factorisation included, costs more than six likelihood-and-score passes
/// over rows of this weight, so that L-BFGS is the better second phase of a climb.
inline bool newton_is_costly(const Layout& layout, double weight) {
  const PassCosts costs(layout);
  const double size = static_cast<double>(layout.parameters), rows = std::max(1.0, weight);
  return costs.observed + size * size * size / (60.0 * rows) > 6.0 * costs.score;
}

/// After so many steps of L-BFGS its EM information is renewed.
inline uword metric_lifetime(const Layout& layout) {
  const PassCosts costs(layout);
  return static_cast<uword>(std::clamp(costs.em / costs.score, 10.0, 20.0));
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
