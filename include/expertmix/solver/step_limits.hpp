#pragma once

#include <algorithm>
#include <cmath>

#include "../model/layout.hpp"

/// What keeps one step of an ascent within reason.
namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A gate's coefficients change by at most so much in a step, for standardised columns.
constexpr double largest_gate_step = 30.0;

/// An expert's scale falls by at most a factor e^3 in a step.
constexpr double largest_fall_of_log_scale = 3.0;

/// Whether a trial takes a scalar that is at its bound, and not held there (its score would be zero), beyond it.
inline bool leaves_bounds(const Layout& layout, const vec& point, const vec& trial, const vec& score) {
  return std::any_of(layout.bounds.begin(), layout.bounds.end(), [&](const Bound& bound) {
    const uword i = bound.parameter;
    return bound.reached(point(i)) && bound.passed(trial(i)) && score(i) != 0.0;
  });
}

/// Makes a scalar that pushes against its bound appear to be at its optimum.
inline void hold_pushed(const Layout& layout, const vec& point, Statistics& at) {
  for (const Bound& bound : layout.bounds)
    if (bound.pushed(point(bound.parameter), at.score(bound.parameter))) at.hold(bound.parameter);
}

/// Keeps scalars within their bounds.
inline void keep_within_bounds(const Layout& layout, vec& trial) {
  for (const Bound& bound : layout.bounds)
    trial(bound.parameter) = std::clamp(trial(bound.parameter), bound.lower, bound.upper);
}

/// Shortens a step along which a bounded scalar would change by more than a factor e, or a gate coefficient by more
/// than its largest step (in the gate's `unit`): where nothing but rounding holds a separated gate. Keeps scalars
/// within their bounds, and an expert from collapsing in one step beyond what its densities can tell.
inline void limit_step(const Layout& layout, double unit, const vec& point, vec& trial) {
  double excess = 1.0;
  for (uword i = 0; i < layout.gate_parameters(); ++i)
    excess = std::max(excess, std::abs(trial(i) - point(i)) / (largest_gate_step * unit));
  for (const Bound& bound : layout.bounds)
    excess = std::max(excess, std::abs(trial(bound.parameter) - point(bound.parameter)));
  if (excess > 1.0) trial = point + (trial - point) / excess;
  keep_within_bounds(layout, trial);
  for (uword i : layout.log_scales()) trial(i) = std::max(trial(i), point(i) - largest_fall_of_log_scale);
}

/// The share of a step within a convex set that is within reason: the same limits, by shortening alone, and a scale
/// rises by no more than it may fall.
inline double reasonable_share(const Layout& layout, double unit, const vec& step) {
  double excess = 1.0;
  for (uword i = 0; i < layout.gate_parameters(); ++i)
    excess = std::max(excess, std::abs(step(i)) / (largest_gate_step * unit));
  for (const Bound& bound : layout.bounds) excess = std::max(excess, std::abs(step(bound.parameter)));
  for (uword i : layout.log_scales()) excess = std::max(excess, std::abs(step(i)) / largest_fall_of_log_scale);
  return 1.0 / excess;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
