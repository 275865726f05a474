#pragma once

#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>

#include "../math/exponential.hpp"
#include "../math/factorial.hpp"
#include "poisson.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// log(y + 1/2), on the calling thread.
EXPERTMIX_DEFINITION mat PoissonExperts::features(const mat& response) const {
  mat out = response;
  return out.transform([](double y) { return std::log(y + 0.5); });
}

/// exp(eta), three times.
EXPERTMIX_DEFINITION void PoissonExperts::cumulant(const double* eta, double* b, double* mean, double* variance,
                                                   std::size_t n) const {
  constexpr double largest = 690.0;
  for (std::size_t i = 0; i < n; ++i) b[i] = std::clamp(eta[i], -largest, largest);
  detail::exponentiate(b, n);
  std::copy_n(b, n, mean);
  std::copy_n(b, n, variance);
}

EXPERTMIX_DEFINITION double PoissonExperts::base(double y, double /*size*/) const { return -detail::log_factorial(y); }

EXPERTMIX_DEFINITION bool PoissonExperts::possible(double y, double /*size*/) const {
  return y >= 0.0 && y == std::floor(y);
}

EXPERTMIX_DEFINITION double PoissonExperts::cumulative(double y, double /*size*/, double mean) const {
  return y < 0.0 ? 0.0 : boost::math::gamma_q(std::floor(y) + 1.0, mean);
}

EXPERTMIX_DEFINITION double PoissonExperts::exceedance(double y, double /*size*/, double mean) const {
  return y < 0.0 ? 1.0 : boost::math::gamma_p(std::floor(y) + 1.0, mean);
}

/// The counts within 12 standard deviations, and 40 more. Throws `invalid_argument` where they are too many.
EXPERTMIX_DEFINITION void PoissonExperts::bracket(double /*size*/, double mean, std::vector<double>& points) const {
  const double reach = 12.0 * std::sqrt(mean) + 40.0;
  require(reach < 1e6, "support", "family", "has means too large to sum over counts");
  for (double y = std::max(0.0, std::floor(mean - reach)); y <= mean + reach; ++y) points.push_back(y);
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
