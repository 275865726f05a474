#pragma once

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "../base/abi.hpp"

/// What is left of log Gamma and its derivatives, at a > 0, and of their differences, when the leading terms have
/// cancelled: by asymptotic series where numbers are large (Abramowitz and Stegun 1964, 6.1.41, 6.3.18, 6.4.12).
namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

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

/// Where the likelihood of the shape x of Gamma distributed numbers of mean 1 is largest, from its derivative in log x
/// at x and the information there: the solution of log x - psi(x) = constant. Infinite where there is none.
inline double best_shape(double x, double score, double information) {
  const double excess = (digamma_remainder(x) - score / information * trigamma_remainder(x)) / x;
  if (excess > 0.0) return shape_of(excess);
  return std::isnan(excess) ? x : std::numeric_limits<double>::infinity();
}

/// Numbers up to which a rising factorial is a sum.
constexpr double longest_sum = 64.0;

/// log{Gamma(a + y) / Gamma(a)} - y log a = sum_{j < y} log(1 + j / a) of whole numbers y, with two derivatives in
/// log a: sums up to 64, the series beyond.
class RisingFactorial {
 public:
  /// For numbers up to `largest`.
  RisingFactorial(double a, double largest)
      : a_(a), listed_(static_cast<std::size_t>(std::clamp(largest, 0.0, longest_sum))) {}

  void list_values() {
    list([](double share) { return std::log1p(share); });
  }
  void list_slopes() {
    list([](double share) { return -share / (1.0 + share); });
  }
  void list_curvatures() {
    list([](double share) { return share / ((1.0 + share) * (1.0 + share)); });
  }

  /// After `list_values`: the logarithm; after `list_slopes` and `list_curvatures`: the derivatives.
  double value(double y) const { return y <= longest_sum ? own(y) : sum_[listed_] + value_beyond(y); }
  double slope(double y) const { return y <= longest_sum ? own(y) : sum_[listed_] + slope_beyond(y); }
  double curvature(double y) const { return y <= longest_sum ? own(y) : sum_[listed_] + curvature_beyond(y); }

 private:
  template <class Term>
  void list(Term term) {
    sum_[0] = 0.0;
    for (std::size_t j = 0; j < listed_; ++j) sum_[j + 1] = sum_[j] + term(static_cast<double>(j) / a_);
  }
  double own(double y) const { return sum_[static_cast<std::size_t>(y)]; }

  double from() const { return a_ + longest_sum; }

  double value_beyond(double y) const {
    const double m = y - longest_sum, to = a_ + y;
    return (from() - 0.5) * std::log1p(m / from()) + m * (std::log1p(y / a_) - 1.0) + stirling_remainder(to) -
           stirling_remainder(from());
  }

  /// psi(a + y) - psi(a + 64)
  double digamma_rise(double y) const {
    return std::log1p((y - longest_sum) / from()) + digamma_remainder(from()) / from() -
           digamma_remainder(a_ + y) / (a_ + y);
  }
  double slope_beyond(double y) const { return a_ * digamma_rise(y) - (y - longest_sum); }

  double curvature_beyond(double y) const {
    const double m = y - longest_sum, to = a_ + y;
    const double fall =
        m / (from() * to) + trigamma_remainder(from()) / (from() * from()) - trigamma_remainder(to) / (to * to);
    return a_ * (digamma_rise(y) - a_ * fall);
  }

  double a_;
  std::size_t listed_;
  std::array<double, static_cast<std::size_t>(longest_sum) + 1> sum_{};
};

/// log{Gamma(x + 1/2) / Gamma(x)} - log(x) / 2 with two derivatives in log x.
struct HalfRise {
  double value, slope, curvature;

  static HalfRise at(double x) { return x < longest_sum ? by_functions(x) : by_series(x); }

 private:
  static HalfRise by_functions(double x) {
    const double digamma = boost::math::digamma(x + 0.5) - boost::math::digamma(x);
    const double trigamma = boost::math::trigamma(x + 0.5) - boost::math::trigamma(x);
    const double value = boost::math::lgamma(x + 0.5) - boost::math::lgamma(x) - 0.5 * std::log(x);
    return {value, x * digamma - 0.5, x * digamma + x * x * trigamma};
  }

  /// -1 / (8 x) + 1 / (192 x^3) - 1 / (640 x^5) + 17 / (14336 x^7)
  static HalfRise by_series(double x) {
    HalfRise out{0.0, 0.0, 0.0};
    double power = 1.0 / x, degree = 1.0;
    for (double factor : {-1.0 / 8, 1.0 / 192, -1.0 / 640, 17.0 / 14336}) {
      out.value += factor * power;
      out.slope -= degree * factor * power;
      out.curvature += degree * degree * factor * power;
      power /= x * x;
      degree += 2.0;
    }
    return out;
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
