#pragma once

#include "climb.hpp"

/// Where a climb goes next: the proposals of its phases, and its end.
namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Looks for the next trial point. A phase that has none hands over to the next, and one whose trial would leave the
/// bounds tries again with the bounded scalars held: a few times, whatever happens.
inline void Climb::propose() {
  constexpr int most_tries = 12;
  for (int tries = 0; tries < most_tries; ++tries) {
    const bool found = propose_in_phase();
    if (finished()) return;
    if (found && !leaves_bounds()) return limit_step();
    if (found) hold_bounded();
  }
  stop_at_rounding();
}

inline bool Climb::propose_in_phase() {
  if (state.phase == Phase::em) return propose_em();
  return state.phase == Phase::lbfgs ? propose_lbfgs() : propose_newton();
}

/// Whether the trial takes a scalar that is at its bound, and not held there yet, beyond it.
inline bool Climb::leaves_bounds() const {
  for (const Bound& bound : layout_.bounds) {
    const uword i = bound.parameter;
    if (bound.reached(state.point(i)) && bound.passed(state.trial(i)) && state.at.score(i) != 0.0) return true;
  }
  return false;
}

inline void Climb::hold_bounded() {
  for (const Bound& bound : layout_.bounds) {
    state.at.hold(bound.parameter);
    if (!state.metric.empty()) state.metric.isolate(bound.parameter);
  }
  preconditioner_.reset();
  state.moves.clear();
  state.changes.clear();
}

/// Shortens a step along which a bounded scalar would change by more than a factor e, or a gate coefficient by more
/// than its largest step: where nothing but rounding holds a separated gate. Keeps scalars within their bounds, and an
/// expert from collapsing in one step beyond what its densities can tell.
inline void Climb::limit_step() {
  double excess = 1.0;
  for (uword i = 0; i < layout_.gate_parameters(); ++i)
    excess = std::max(excess, std::abs(state.trial(i) - state.point(i)) / (largest_gate_step * mixture_.gate->unit()));
  for (const Bound& bound : layout_.bounds)
    excess = std::max(excess, std::abs(state.trial(bound.parameter) - state.point(bound.parameter)));
  if (excess > 1.0) state.trial = state.point + (state.trial - state.point) / excess;
  for (const Bound& bound : layout_.bounds)
    state.trial(bound.parameter) = std::clamp(state.trial(bound.parameter), bound.lower, bound.upper);
  for (uword i : layout_.log_scales())
    state.trial(i) = std::max(state.trial(i), state.point(i) - largest_fall_of_log_scale);
}

inline bool Climb::propose_em() {
  const bool only = settings_.method == Method::em;
  const bool arrived = state.iterations > settings_.annealed + settings_.given &&
                       (stalled() || remaining_gain() < tolerance() * state.strictness);
  if (arrived || (!only && state.iterations >= settings_.warm && worth_leaving_em())) {
    if (!settings_.certify && (arrived || second_phase() == Phase::newton)) {
      finish("converged", true);
      return false;
    }
    state.phase = only ? Phase::newton : second_phase();
    if (!only) state.method = state.phase == Phase::newton ? "newton" : "lbfgs";
    return false;
  }
  if (state.at.em.empty()) return ask_again();
  const vec target = em_point(mixture_, layout_, state.point, state.at);
  if (target.empty()) {
    finish("the complete-data information is singular", false);
    return false;
  }
  state.trial = state.point + state.fraction * (target - state.point);
  return true;
}

/// Whether the last two EM steps gained no more than rounding can.
inline bool Climb::stalled() const {
  const double rounding = 4.0 * arma::datum::eps * std::abs(state.at.log_likelihood);
  return state.iterations >= 3 && std::max(state.gain, state.previous_gain) <= rounding;
}

/// How much the last step gained for each unit that the one before did.
inline double Climb::rate() const {
  if (state.iterations < 3 || state.rejected > 0 || state.previous_gain <= 0.0) return 1.0;
  return std::min(state.gain / state.previous_gain, 1.0);
}

/// What is still to be gained if the steps go on shrinking at their present rate (Aitken).
inline double Climb::remaining_gain() const {
  return rate() < 1.0 ? state.gain * rate() / (1.0 - rate()) : arma::datum::inf;
}

/// Steps until what remains falls below the tolerance, at the present rate.
inline double Climb::steps_left() const {
  if (rate() == 1.0) return arma::datum::inf;
  return std::max(0.0, std::log(tolerance() / remaining_gain()) / std::log(rate()));
}

/// Left to itself, a climb leaves EM when its steps have become small (below 0.01 a row) but slow: at a rate above 0.3,
/// with more than the dozen steps to go that Newton or L-BFGS cost. A short run leaves it for L-BFGS only.
inline bool Climb::worth_leaving_em() const {
  if (!settings_.certify) return second_phase() == Phase::lbfgs;
  return settings_.method != Method::automatic ||
         (state.gain < 0.01 * state.at.weight && rate() > 0.3 && steps_left() > 12.0);
}

inline bool Climb::propose_newton() {
  if (!settings_.certify) {
    finish("converged", true);
    return false;
  }
  if (state.at.observed.empty()) return ask_again();
  if (settings_.method == Method::em) return certify();
  if (state.escaping) return propose_escape();
  const NewtonStep step = newton_step(state.at, state.metric, state.damping);
  if (step.direction.empty()) {
    stop_at_rounding();
    return false;
  }
  if (step.decrement < tolerance() && (state.damping == 0.0 || state.rejected == 0)) return certify();
  state.damping = step.damping;
  state.predicted = step.predicted;
  state.trial = state.point + step.direction;
  return true;
}

inline bool Climb::propose_lbfgs() {
  if (!preconditioner_ || state.metric_age == 0) preconditioner_ = CholeskyFactor::of(trusted(state.metric));
  if (!preconditioner_) {
    state.phase = Phase::newton;
    return false;
  }
  const vec direction = lbfgs_direction(state.at.score, state.moves, state.changes, *preconditioner_);
  const double slope = arma::dot(direction, state.at.score);
  if (0.5 * slope < 0.1 * tolerance()) {
    state.phase = Phase::newton;
    state.idle = 0;
    return false;
  }
  state.trial = state.point + state.fraction * direction;
  return true;
}

/// One more pass at the same point, for what is missing there.
inline bool Climb::ask_again() {
  state.trial = state.point;
  state.again = true;
  return true;
}

/// Ends the climb where Newton's decrement says so; leaves a saddle; sends a climb on that stopped too early.
inline bool Climb::certify() {
  state.certificate = certificate(state.at, state.metric);
  const bool only_em = settings_.method == Method::em;
  if (!state.certificate.maximum && !only_em && state.escapes < 3) {
    ++state.escapes;
    state.escaping = true;
    return propose_escape();
  }
  if (!state.certificate.maximum)
    return finish("the observed information is singular", state.certificate.scaled_score < 1e-4), false;
  // An undamped step's decrement was below the tolerance already: what differs is rounding.
  if (state.certificate.decrement < tolerance() || (!only_em && state.damping == 0.0)) {
    finish("converged", true);
    return false;
  }
  if (only_em && (stalled() || state.still > 1)) {
    stop_at_rounding();
    return false;
  }
  if (only_em) {
    state.strictness *= std::min(0.5, tolerance() / state.certificate.decrement);
    state.phase = Phase::em;
    state.at.observed = {};
    return false;
  }
  state.damping = 0.0;
  return false;
}

/// Tries both directions of negative curvature at three lengths.
inline bool Climb::propose_escape() {
  const vec direction = escape_direction(state.at, state.metric);
  if (direction.empty() || state.rejected >= 6) {
    state.escapes = 3;
    state.rejected = 0;
    state.escaping = false;
    return certify();
  }
  const double length = std::pow(0.1, state.rejected / 2) * (state.rejected % 2 == 0 ? 1.0 : -1.0);
  state.trial = state.point + length * direction;
  return true;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
