#pragma once

#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>

#include "../math/factorial.hpp"
#include "../math/logistic.hpp"
#include "binomial.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// log((y + 1/2) / (m - y + 1/2)), on the calling thread.
EXPERTMIX_DEFINITION mat BinomialExperts::features(const mat& response) const {
  mat out(response.n_rows, 1);
  for (uword i = 0; i < response.n_rows; ++i) {
    const double y = response(i, 0), failures = (trials_ ? response(i, 1) : 1.0) - y;
    out(i) = std::log((y + 0.5) / (failures + 0.5));
  }
  return out;
}

/// log(1 + exp(eta)), p and p (1 - p).
EXPERTMIX_DEFINITION void BinomialExperts::cumulant(const double* eta, double* b, double* mean, double* variance,
                                                    std::size_t n) const {
  detail::logistic(eta, b, mean, variance, n);
}

/// log of m over y
EXPERTMIX_DEFINITION double BinomialExperts::base(double y, double size) const {
  return detail::log_factorial(size) - detail::log_factorial(y) - detail::log_factorial(size - y);
}

EXPERTMIX_DEFINITION bool BinomialExperts::possible(double y, double size) const {
  return y >= 0.0 && y <= size && y == std::floor(y) && size == std::floor(size);
}

EXPERTMIX_DEFINITION double BinomialExperts::cumulative(double y, double size, double mean) const {
  if (y < 0.0) return 0.0;
  return y >= size ? 1.0 : boost::math::ibetac(std::floor(y) + 1.0, size - std::floor(y), mean);
}

EXPERTMIX_DEFINITION double BinomialExperts::exceedance(double y, double size, double mean) const {
  if (y < 0.0) return 1.0;
  return y >= size ? 0.0 : boost::math::ibeta(std::floor(y) + 1.0, size - std::floor(y), mean);
}

/// The numbers of successes within 12 standard deviations, and 40 more. Throws `invalid_argument` where they are too
/// many.
EXPERTMIX_DEFINITION void BinomialExperts::bracket(double size, double mean, std::vector<double>& points) const {
  const double middle = size * mean, reach = 12.0 * std::sqrt(middle * (1.0 - mean)) + 40.0;
  require(reach < 1e6, "support", "family", "has trials too many to sum over");
  for (double y = std::max(0.0, std::floor(middle - reach)); y <= std::min(size, middle + reach); ++y)
    points.push_back(y);
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
