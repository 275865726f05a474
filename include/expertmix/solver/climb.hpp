#pragma once

#include <cmath>
#include <optional>
#include <string>

#include "../mixture/request.hpp"
#include "climb_state.hpp"
#include "costs.hpp"
#include "em.hpp"
#include "lbfgs.hpp"
#include "newton.hpp"
#include "objective.hpp"
#include "separation.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// One ascent of the objective as a sequence of questions (`ask`) and answers (`tell`). It sees parameters and
/// statistics only. Every accepted step raises the objective; the Newton decrement judges the end.
class Climb {
 public:
  Climb(const Mixture& mixture, const Layout& layout, Objective objective, ClimbSettings settings)
      : mixture_(mixture), layout_(layout), objective_(objective), settings_(settings) {}

  ClimbState state;

  void start(const vec& parameters) {
    state.trial = parameters;
    if (settings_.warm == 0 && settings_.method != Method::em) state.phase = second_phase();
  }
  bool finished() const { return state.phase == Phase::finished; }
  Request ask() const;
  void tell(Statistics now);
  void stop(const std::string& why) { finish(why, false); }

 private:
  using Phase = ClimbState::Phase;

  bool first() const { return state.point.empty(); }
  bool forced() const { return first() || state.again || state.iterations <= settings_.annealed || just_given(); }
  bool just_given() const { return settings_.given > 0 && state.iterations <= settings_.given; }
  double tolerance() const { return std::max(settings_.tolerance, 1e-13 * std::abs(state.at.log_likelihood)); }

  Phase second_phase() const;
  void hold(Statistics& at) const;
  void accept(Statistics now);
  void adapt(double rise);
  void reject();
  bool collapsed() const { return layout_.least_log_scale(state.point) < settings_.smallest_log_scale; }

  void propose();
  bool propose_in_phase();
  bool leaves_bounds() const;
  void hold_bounded();
  void limit_step();
  bool propose_em();
  bool propose_newton();
  bool propose_lbfgs();
  bool propose_escape();
  bool ask_again();
  bool certify();
  bool stalled() const;
  double remaining_gain() const;
  double rate() const;
  double steps_left() const;
  bool worth_leaving_em() const;
  void stop_at_rounding();
  void finish(const std::string& why, bool converged);

  const Mixture& mixture_;
  const Layout& layout_;
  Objective objective_;
  ClimbSettings settings_;
  std::optional<CholeskyFactor> preconditioner_;  ///< of `state.metric`, kept while that is the same
};

inline Request Climb::ask() const {
  Request request{state.trial, {}, {}};
  request.needs.score = true;
  const bool soon_newton = state.phase == Phase::em && settings_.method != Method::em && settings_.certify &&
                           state.iterations + 1 == settings_.warm && second_phase() == Phase::newton &&
                           worth_leaving_em();
  request.needs.em = state.phase == Phase::em || state.metric.empty() || state.metric_age >= metric_lifetime(layout_);
  request.needs.observed = state.phase == Phase::newton || soon_newton;
  if (state.iterations < settings_.given)
    request.responsibility = {Responsibility::Rule::given, 1.0};
  else if (state.iterations < settings_.annealed)
    request.responsibility = {Responsibility::Rule::annealed, 0.2 + 0.8 * state.iterations / settings_.annealed};
  return request;
}

inline void Climb::tell(Statistics now) {
  ++state.passes;
  ++state.still;
  objective_.add(layout_, state.trial, now);
  hold(now);
  const bool rises = now.is_finite() && now.gap > 1e-10 && (forced() || now.log_likelihood >= state.at.log_likelihood);
  if (first() && !rises) return finish("the objective is not finite at the start", false);
  if (state.again && !rises) return finish("the objective is not finite", false);
  rises ? accept(std::move(now)) : reject();
  if (finished()) return;
  if (state.iterations >= settings_.iterations) return finish("iteration limit", false);
  if (state.still > most_still) return stop_at_rounding();
  if (state.idle >= 10 && state.phase == Phase::newton && !state.at.observed.empty()) return stop_at_rounding();
  propose();
}

/// Makes the held parameters, and a scalar that pushes against its bound, appear to be at their optimum.
inline void Climb::hold(Statistics& at) const {
  for (uword i : settings_.held) at.hold(i);
  for (const Bound& bound : layout_.bounds)
    if (bound.pushed(state.trial(bound.parameter), at.score(bound.parameter))) at.hold(bound.parameter);
}

inline void Climb::accept(Statistics now) {
  const bool moved = !state.again;
  const double rise = first() ? 0.0 : now.log_likelihood - state.at.log_likelihood;
  if (moved && !first() && state.phase == Phase::lbfgs)
    remember(state.trial - state.point, state.at.score - now.score, state.moves, state.changes);
  if (moved && !first()) adapt(rise);
  if (now.em.empty())
    ++state.metric_age;
  else {
    state.metric = now.em;
    state.metric_age = 0;
  }
  state.at = std::move(now);
  state.point = state.trial;
  if (moved) {
    state.previous_gain = state.gain;
    state.gain = rise;
    state.idle = rise < tolerance() ? state.idle + 1 : 0;
    state.trace.push_back(state.at.log_likelihood);
    ++state.iterations;
    state.still = 0;
  }
  state.rejected = 0;
  state.fraction = 1.0;
  state.escaping = state.again = false;
  if (collapsed()) {
    state.collapsed = true;
    finish("an expert's variance collapsed", false);
  }
  if (state.phase != Phase::em && state.metric_age == 0 && settings_.bounds_experts &&
      runs_away(mixture_, layout_, state.metric))
    finish("an expert runs away", false);
}

inline void Climb::adapt(double rise) {
  if (state.phase != Phase::newton || state.escaping) return;
  state.damping = adapted_damping(state.damping, rise / state.predicted);
}

inline void Climb::reject() {
  ++state.rejected;
  state.fraction *= 0.5;
  if (state.phase == Phase::newton && !state.escaping) state.damping = std::max(1e-3, 10.0 * state.damping);
  if (state.rejected < 30) return;
  if (state.phase == Phase::newton) return stop_at_rounding();
  state.phase = Phase::newton;
  state.rejected = 0;
  state.fraction = 1.0;
}

inline Climb::Phase Climb::second_phase() const {
  if (settings_.method == Method::newton || settings_.method == Method::em) return Phase::newton;
  if (settings_.method == Method::lbfgs) return Phase::lbfgs;
  return newton_is_costly(layout_, state.at.weight) ? Phase::lbfgs : Phase::newton;
}

/// Ends where steps gain no more, by rounding or by the kinks of an activation; the certificate says how near that is.
inline void Climb::stop_at_rounding() {
  state.certificate = certificate(state.at, state.metric);
  finish("no further ascent", state.certificate.maximum && state.certificate.decrement < 1e-3);
}

inline void Climb::finish(const std::string& why, bool converged) {
  state.phase = Phase::finished;
  state.status = why;
  state.converged = converged;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#include "climb_phases.hpp"
