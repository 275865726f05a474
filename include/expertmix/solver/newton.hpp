#pragma once

#include <algorithm>

#include "linear_system.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Beyond this damping in the metric of the EM information a step is no step any more.
constexpr double largest_damping = 1e12;

/// A damped Newton step: (I_obs + damping M)^-1 score, with the damping raised until the matrix is positive definite;
/// no direction where none does that.
struct NewtonStep {
  vec direction;
  double damping = 0.0;
  double decrement = 0.0;  ///< score' direction / 2
  double predicted = 0.0;  ///< rise of the quadratic model
};

/// Gain-ratio control of the damping: `ratio` is the last step's rise over the predicted one.
inline double adapted_damping(double damping, double ratio) {
  if (ratio > 0.75) return damping > 1e-6 ? 0.1 * damping : 0.0;
  return ratio < 0.25 ? std::max(1e-3, 4.0 * damping) : damping;
}

inline NewtonStep newton_step(const Statistics& at, const Information& metric, double damping) {
  NewtonStep step;
  step.damping = damping;
  const auto factor_at = [&](double d) {
    return CholeskyFactor::of(d > 0.0 ? combine(at.observed, d, regularised(metric)) : at.observed);
  };
  auto factor = factor_at(step.damping);
  for (; !factor && step.damping < largest_damping; factor = factor_at(step.damping))
    step.damping = std::max(1e-4, 4.0 * step.damping);
  if (!factor) return step;
  step.direction = factor->solve(at.score);
  const double slope = arma::dot(at.score, step.direction);
  step.decrement = 0.5 * slope;
  step.predicted = slope - 0.5 * arma::dot(step.direction, at.observed.block[0] * step.direction);
  return step;
}

/// Directions of negative curvature: the eigenvector of the observed information, in the metric of its diagonal, to the
/// smallest eigenvalue, at the length where the curvature alone promises a rise of 1/2; empty if there is none.
inline vec escape_direction(const Statistics& at, const Information& metric) {
  const vec scale = 1.0 / arma::sqrt(arma::clamp(metric.diagonal(), 1e-12, arma::datum::inf));
  const mat scaled = arma::diagmat(scale) * at.observed.block[0] * arma::diagmat(scale);
  vec values;
  mat vectors;
  if (!scaled.is_finite() || !arma::eig_sym(values, vectors, scaled) || values(0) > -1e-8) return {};
  const vec direction = scale % vectors.col(0) / std::sqrt(-values(0));
  return arma::dot(direction, at.score) < 0.0 ? vec(-direction) : direction;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
