#pragma once

#include <algorithm>

#include "../model/layout.hpp"

namespace expertmix {

/// Whether a Newton step costs more than six likelihood-and-score passes, so that L-BFGS is the better second phase of
/// a climb over rows of this weight: nanoseconds a row, measured, and the P^3 / 60 ns of a factorisation.
inline bool newton_is_costly(const Layout& layout, double weight) {
  const double size = layout.parameters, rows = std::max(1.0, weight);
  const double score = 8.0 * layout.experts + 0.12 * layout.score.sums;
  const double observed = score + 0.045 * layout.observed.sums + 0.75 * layout.observed.weights;
  return observed + size * size * size / (60.0 * rows) > 6.0 * score;
}

}  // namespace expertmix
