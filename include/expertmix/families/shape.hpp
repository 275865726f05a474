#pragma once

#include <algorithm>
#include <cmath>

#include "../math/gamma.hpp"
#include "../model/predictors.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The M-step of log x from its score and information, within the predictor's bounds: where the likelihood of a shape
/// x / unit of Gamma distributed numbers is largest.
inline double raised_log_shape(double log_x, double score, double information, const Predictor& own,
                               double unit = 1.0) {
  if (!(information > 0.0)) return log_x;
  const double shape = best_shape(std::exp(log_x) / unit, score, information);
  return std::clamp(std::log(shape * unit), own.lower, own.upper);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
