#pragma once

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include <cmath>

#include "../base/abi.hpp"

/// What is left of functions of the gamma family, at a > 0, when their leading terms have cancelled: by their
/// asymptotic series where a is large (Abramowitz and Stegun 1964, 6.1.41, 6.3.18 and 6.4.12).
namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Where the series are exact to double precision.
constexpr double large_shape = 30.0;

/// log Gamma(a) - (a - 1/2) log a + a - log(2 pi) / 2
inline double stirling_remainder(double a) {
  constexpr double half_log_2pi = 0.91893853320467274178;
  if (a < large_shape) return boost::math::lgamma(a) - (a - 0.5) * std::log(a) + a - half_log_2pi;
  const double r = 1.0 / (a * a);
  return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / a;
}

/// a (log a - psi(a))
inline double digamma_remainder(double a) {
  if (a < large_shape) return a * (std::log(a) - boost::math::digamma(a));
  const double r = 1.0 / (a * a);
  return 0.5 + (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r / 132)))) / a;
}

/// a^2 psi'(a) - a
inline double trigamma_remainder(double a) {
  if (a < large_shape) return a * a * boost::math::trigamma(a) - a;
  const double r = 1.0 / (a * a);
  return 0.5 + (1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r * (1.0 / 30 - r * 5.0 / 66)))) / a;
}

/// The a with log a - psi(a) = excess > 0: Newton's method in log a, from the approximation of Minka (2002).
inline double shape_of(double excess) {
  constexpr int most_steps = 4;
  const double c = excess - 3.0, root = std::sqrt(c * c + 24.0 * excess);
  double a = c < 0.0 ? (root - c) / (12.0 * excess) : 2.0 / (root + c);
  for (int step = 0; step < most_steps; ++step)
    a *= std::exp((digamma_remainder(a) - a * excess) / trigamma_remainder(a));
  return a;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
