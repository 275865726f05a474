#pragma once

#include <cmath>
#include <string>

#include "../base/error.hpp"
#include "ascent_state.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A log-likelihood of recoded data on the user's scale. Throws `numerical_error` where that overflows.
inline double on_user_scale(const char* where, double log_likelihood, double shift, double weight_unit) {
  const double out = weight_unit * (log_likelihood - shift);
  if (!std::isfinite(out))
    throw numerical_error(where, "", "the log-likelihood overflows: weights or offset are too large");
  return out;
}

/// An expert with a smaller mass is empty: it holds not one row.
constexpr double least_held = 1.0;

/// Where an ascent ended, and what ranks it among others.
struct EndPoint {
  vec point;
  double value = -arma::datum::inf;  ///< the objective
  double log_likelihood = -arma::datum::inf;
  double rank = -arma::datum::inf;  ///< higher is better among ends with the same faults
  vec mass, gate_mass;
  bool converged = false;
  bool collapsed = false;  ///< an expert's variance
  bool guarded = false;    ///< an expert collapsed without the variance guard
  bool spiked = false;     ///< an expert follows a few rows
  bool weak = false;       ///< an expert has few rows for each of its slopes, or none
  uword iterations = 0;
  uword runs = 1;  ///< starts that led there
  std::string status;

  EndPoint() = default;
  explicit EndPoint(const AscentState& end)
      : point(end.point),
        value(end.value),
        mass(end.at.mass),
        gate_mass(end.at.gate_mass),
        converged(end.converged),
        collapsed(end.collapsed),
        iterations(end.iterations),
        status(end.status) {}

  bool found() const { return !point.empty(); }

  /// A guard and a spike weigh the same, and more than a weak expert.
  int faults() const { return 2 * (guarded + spiked) + weak; }

  bool better_than(const EndPoint& other) const {
    if (found() != other.found()) return found();
    return faults() != other.faults() ? faults() < other.faults() : rank > other.rank;
  }

  /// The same place up to the experts' names, as far as value and masses tell.
  bool beside(const EndPoint& other, double weight) const {
    constexpr double same_value = 0.01, same_share = 0.01;
    return std::abs(value - other.value) < same_value &&
           arma::all(arma::abs(arma::sort(mass) - arma::sort(other.mass)) < same_share * weight);
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
