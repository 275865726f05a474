#pragma once

#include <algorithm>

#include "../model/layout.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What passes over a row cost, in nanoseconds, as measured.
struct PassCosts {
  explicit PassCosts(const Layout& layout)
      : score(8.0 * layout.experts + 0.12 * layout.score.sums),
        em(score + 0.045 * layout.em.sums + 0.75 * layout.em.weights),
        observed(score + 0.045 * layout.observed.sums + 0.75 * layout.observed.weights) {}

  double score, em, observed;
};

/// Whether a Newton step, P^3 / 60 ns for its factorisation included, costs more than six likelihood-and-score passes
/// over rows of this weight, so that L-BFGS is the better second phase of a climb.
inline bool newton_is_costly(const Layout& layout, double weight) {
  const PassCosts costs(layout);
  const double size = layout.parameters, rows = std::max(1.0, weight);
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
