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

/// Differences of log Gamma and its derivatives, exact to double precision where the terms cancel, by their asymptotic
/// series (Abramowitz and Stegun 1964, 6.1.40, 6.3.18, 6.4.12).
namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// From here on the series of this file are exact.
constexpr double asymptotic = 64.0;

/// log Gamma(x) - (x - 1/2) log x + x - log(2 pi) / 2
inline double stirling_rest(double x) {
  const double s = 1.0 / (x * x);
  return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s / 1680))) / x;
}

/// log x - psi(x)
inline double digamma_rest(double x) {
  const double s = 1.0 / (x * x);
  return 0.5 / x + s * (1.0 / 12 - s * (1.0 / 120 - s * (1.0 / 252 - s / 240)));
}

/// psi'(x) - 1 / x
inline double trigamma_rest(double x) {
  const double s = 1.0 / (x * x);
  return s * (0.5 + (1.0 / 6 - s * (1.0 / 30 - s * (1.0 / 42 - s / 30))) / x);
}

}  // namespace detail

/// log x - psi(x), which falls from infinity to 0.
inline double digamma_gap(double x) {
  return x < detail::asymptotic ? std::log(x) - boost::math::digamma(x) : detail::digamma_rest(x);
}

/// x^2 psi'(x) - x, minus the derivative of `digamma_gap` in log x times x: the information on log x of a Gamma
/// distribution of shape x and mean 1, which falls from 1 to 1/2.
inline double shape_information(double x) {
  return x < detail::asymptotic ? x * (x * boost::math::trigamma(x) - 1.0) : x * x * detail::trigamma_rest(x);
}

/// Where the likelihood of the shape x of Gamma distributed numbers of mean 1 is largest, from its derivative in log x
/// at x and the information there: the solution of log x - psi(x) = constant. Infinite where there is none.
inline double best_shape(double x, double score, double information) {
  constexpr int most_steps = 50;
  const double target = digamma_gap(x) - score / information * shape_information(x) / x;
  if (!(target > 0.0)) return std::isnan(target) ? x : std::numeric_limits<double>::infinity();
  for (int i = 0; i < most_steps; ++i) {
    const double gap = digamma_gap(x), step = std::log(gap / target) * gap * x / shape_information(x);
    x *= std::exp(step);
    if (std::abs(step) < 1e-14) break;
  }
  return x;
}

/// log{Gamma(a + y) / Gamma(a)} - y log a = sum_{j < y} log(1 + j / a) of whole numbers y, with two derivatives in
/// log a: sums up to 64, the series beyond.
class RisingFactorial {
 public:
  /// For numbers up to `largest`.
  RisingFactorial(double a, double largest)
      : a_(a), listed_(static_cast<std::size_t>(std::clamp(largest, 0.0, detail::asymptotic))) {}

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
  double value(double y) const { return y <= detail::asymptotic ? own(y) : sum_[listed_] + value_beyond(y); }
  double slope(double y) const { return y <= detail::asymptotic ? own(y) : sum_[listed_] + slope_beyond(y); }
  double curvature(double y) const { return y <= detail::asymptotic ? own(y) : sum_[listed_] + curvature_beyond(y); }

 private:
  template <class Term>
  void list(Term term) {
    sum_[0] = 0.0;
    for (std::size_t j = 0; j < listed_; ++j) sum_[j + 1] = sum_[j] + term(static_cast<double>(j) / a_);
  }
  double own(double y) const { return sum_[static_cast<std::size_t>(y)]; }

  double from() const { return a_ + detail::asymptotic; }

  double value_beyond(double y) const {
    const double m = y - detail::asymptotic, to = a_ + y;
    return (from() - 0.5) * std::log1p(m / from()) + m * (std::log1p(y / a_) - 1.0) + detail::stirling_rest(to) -
           detail::stirling_rest(from());
  }

  /// psi(a + y) - psi(a + 64)
  double digamma_rise(double y) const {
    return std::log1p((y - detail::asymptotic) / from()) + detail::digamma_rest(from()) - detail::digamma_rest(a_ + y);
  }
  double slope_beyond(double y) const { return a_ * digamma_rise(y) - (y - detail::asymptotic); }

  double curvature_beyond(double y) const {
    const double m = y - detail::asymptotic, to = a_ + y;
    const double fall = m / (from() * to) + detail::trigamma_rest(from()) - detail::trigamma_rest(to);
    return a_ * (digamma_rise(y) - a_ * fall);
  }

  double a_;
  std::size_t listed_;
  std::array<double, static_cast<std::size_t>(detail::asymptotic) + 1> sum_{};
};

/// log{Gamma(x + 1/2) / Gamma(x)} - log(x) / 2 with two derivatives in log x.
struct HalfRise {
  double value, slope, curvature;

  static HalfRise at(double x) { return x < detail::asymptotic ? by_functions(x) : by_series(x); }

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

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
