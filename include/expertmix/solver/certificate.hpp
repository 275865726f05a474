#pragma once

#include "linear_system.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// How far a point is from a maximum, judged by the score and the observed information of the objective there.
struct Certificate {
  double decrement = 0;     ///< half the squared Newton decrement: how far the objective could still rise
  double scaled_score = 0;  ///< largest score in units of its standard deviation
  bool maximum = false;     ///< the observed information is safely positive definite
};

namespace detail {

/// Where there is no observed information nothing says that the point is a maximum. Judges `maximum` after taking 1e-10
/// of the EM information's diagonal off the observed information.
inline Certificate certificate(const Statistics& at, const Information& metric) {
  Certificate out;
  const vec scale = arma::clamp(metric.diagonal(), 1e-12, arma::datum::inf);
  Information reduced = at.observed;
  if (!reduced.empty()) reduced.block[0].diag() -= 1e-10 * scale;
  out.maximum = CholeskyFactor::of(reduced).has_value();
  const auto factor = CholeskyFactor::of(out.maximum ? at.observed : regularised(at.observed));
  const vec half = factor ? factor->forward(at.score) : vec(at.score / arma::sqrt(scale));
  out.decrement = 0.5 * arma::dot(half, half);
  out.scaled_score = arma::abs(at.score / arma::sqrt(scale)).max();
  return out;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
