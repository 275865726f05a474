#pragma once

#include "smooth_rule.hpp"

/// Where a smooth ascent goes next: the proposals of its phases, and its end. A proposal is false where there is none.
namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A trial that would leave the bounds is sought again with the bounded scalars held: a few times, whatever happens.
inline void SmoothRule::propose(AscentState& state) {
  constexpr int most_tries = 12;
  if (stands_still(state)) return stop_at_rounding(state);
  for (int tries = 0; tries < most_tries; ++tries) {
    const bool found = propose_in_phase(state);
    if (state.finished()) return;
    if (!found) continue;
    if (!leaves_bounds(layout_, state.point, state.trial, state.at.score))
      return limit_step(layout_, mixture_.gate->unit(), state.point, state.trial);
    hold_bounded(state);
  }
  stop_at_rounding(state);
}

inline bool SmoothRule::propose_in_phase(AscentState& state) {
  if (state.phase == Phase::em) return propose_em(state);
  return state.phase == Phase::lbfgs ? propose_lbfgs(state) : propose_newton(state);
}

inline void SmoothRule::hold_bounded(AscentState& state) {
  for (const Bound& bound : layout_.bounds) {
    state.at.hold(bound.parameter);
    if (!state.metric.empty()) state.metric.isolate(bound.parameter);
  }
  preconditioner_.reset();
  state.moves.clear();
  state.changes.clear();
}

inline bool SmoothRule::propose_em(AscentState& state) const {
  const Pace now = pace(state);
  const bool own = state.iterations > settings_.annealed + settings_.given;
  const bool arrived = own && (now.stalled() || now.remaining() < tolerance(state.value) * state.strictness);
  if (arrived || (!only_em() && state.iterations >= settings_.warm && worth_leaving_em(state)))
    return leave_em(state, arrived);
  if (state.at.em.empty()) {
    state.look_again();
    return true;
  }
  const vec target = em_point(mixture_, layout_, state.point, state.at);
  if (target.empty()) {
    state.finish("the complete-data information is singular", false);
    return false;
  }
  state.trial = state.point + state.fraction * (target - state.point);
  return true;
}

inline bool SmoothRule::leave_em(AscentState& state, bool arrived) const {
  if (!settings_.certify && (arrived || second_phase(state) == Phase::newton)) {
    state.finish("converged", true);
    return false;
  }
  state.phase = only_em() ? Phase::newton : second_phase(state);
  if (!only_em()) state.method = state.phase == Phase::newton ? "newton" : "lbfgs";
  return false;
}

inline bool SmoothRule::propose_newton(AscentState& state) const {
  if (!settings_.certify) {
    state.finish("converged", true);
    return false;
  }
  if (state.at.observed.empty()) {
    state.look_again();
    return true;
  }
  if (only_em()) return certify(state);
  if (state.escaping) return propose_escape(state);
  const NewtonStep step = newton_step(state.at, state.metric, state.damping);
  if (step.direction.empty()) {
    stop_at_rounding(state);
    return false;
  }
  if (step.decrement < tolerance(state.value) && (state.damping == 0.0 || state.rejected == 0)) return certify(state);
  state.damping = step.damping;
  state.predicted = step.predicted;
  state.trial = state.point + step.direction;
  return true;
}

inline bool SmoothRule::propose_lbfgs(AscentState& state) {
  if (!preconditioner_ || state.metric_age == 0) preconditioner_ = CholeskyFactor::of(trusted(state.metric));
  if (!preconditioner_) {
    state.phase = Phase::newton;
    return false;
  }
  const vec direction = lbfgs_direction(state.at.score, state.moves, state.changes, *preconditioner_);
  const double slope = arma::dot(direction, state.at.score);
  if (0.5 * slope < 0.1 * tolerance(state.value)) {
    state.phase = Phase::newton;
    state.idle = 0;
    return false;
  }
  state.trial = state.point + state.fraction * direction;
  return true;
}

/// Ends the ascent where Newton's decrement says so; leaves a saddle; sends an ascent on that stopped too early.
inline bool SmoothRule::certify(AscentState& state) const {
  constexpr uword most_escapes = 3;
  const double enough = tolerance(state.value);
  state.certificate = certificate(state.at, state.metric);
  const auto& [decrement, scaled_score, maximum] = state.certificate;
  if (!maximum && !only_em() && state.escapes < most_escapes) {
    ++state.escapes;
    state.escaping = true;
    return propose_escape(state);
  }
  // An undamped step's decrement was below the tolerance already: what differs is rounding.
  if (!maximum)
    state.finish("the observed information is singular", scaled_score < 1e-4);
  else if (decrement < enough || (!only_em() && state.damping == 0.0))
    state.finish("converged", true);
  else if (only_em() && (pace(state).stalled() || state.still > 1))
    stop_at_rounding(state);
  else if (only_em()) {
    state.strictness *= std::min(0.5, enough / decrement);
    state.phase = Phase::em;
    state.at.observed = {};
  } else
    state.damping = 0.0;
  return false;
}

/// Tries both directions of negative curvature at three lengths.
inline bool SmoothRule::propose_escape(AscentState& state) const {
  const vec direction = escape_direction(state.at, state.metric);
  if (direction.empty() || state.rejected >= 6) {
    state.escapes = 3;
    state.rejected = 0;
    state.escaping = false;
    return certify(state);
  }
  const double length = std::pow(0.1, state.rejected / 2) * (state.rejected % 2 == 0 ? 1.0 : -1.0);
  state.trial = state.point + length * direction;
  return true;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
