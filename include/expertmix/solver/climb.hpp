#pragma once

#include <cmath>
#include <deque>
#include <string>
#include <vector>

#include "../model/request.hpp"
#include "em.hpp"
#include "lbfgs.hpp"
#include "newton.hpp"
#include "objective.hpp"
#include "record.hpp"

namespace expertmix {

/// How a climb goes about it.
struct ClimbSettings {
  Method method = Method::automatic;  ///< after the warm EM steps; automatic chooses by the cost of an observed pass
  uword warm = 10;                    ///< EM steps before anything else
  uword iterations = 1000;
  double tolerance = 1e-8;
  uword annealed = 0;                 ///< first steps with responsibilities r ~ (pi f)^beta, beta rising from 0.2 to 1
  bool given = false;                 ///< the first responsibilities come with the rows
  bool certify = true;                ///< judge the end by the observed information
  double smallest_log_sigma = -std::numeric_limits<double>::infinity();  ///< below it an expert has collapsed
};

/// All that a climb knows: plain data, so that it can be stored and taken up again.
struct ClimbState {
  enum class Phase { em, newton, lbfgs, finished } phase = Phase::em;

  vec point, trial;
  Statistics at;       ///< at `point`, guard and bound included
  Information metric;  ///< latest EM information: damps Newton's steps, preconditions L-BFGS
  double damping = 0.0, fraction = 1.0, predicted = 0.0;
  double gain = 0.0, previous_gain = 0.0, strictness = 1.0;
  uword rejected = 0, iterations = 0, passes = 0, metric_age = 0, escapes = 0;
  bool escaping = false;
  std::deque<vec> moves, changes;
  std::vector<double> trace;
  Certificate certificate;
  bool converged = false, collapsed = false;
  std::string method = "em", status;
};

/// One ascent of the objective as a sequence of questions (`ask`) and answers (`tell`). It sees parameters and statistics
/// only. Every accepted step raises the objective; the Newton decrement judges the end.
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
  bool repeated() const { return !first() && state.trial.memptr() && arma::approx_equal(state.trial, state.point, "absdiff", 0.0); }
  bool forced() const { return first() || repeated() || state.iterations <= settings_.annealed || just_given(); }
  bool just_given() const { return settings_.given && state.iterations == 1; }
  double tolerance() const { return std::max(settings_.tolerance, 1e-13 * std::abs(state.at.log_likelihood)); }

  Phase second_phase() const;
  void accept(Statistics now);
  void adapt(double rise);
  void reject();
  bool collapsed() const;

  void propose();
  bool propose_em();
  bool propose_newton();
  bool propose_lbfgs();
  bool propose_escape();
  bool ask_again();
  bool certify();
  double remaining_gain() const;
  double rate() const;
  double steps_left() const;
  bool worth_leaving_em() const;
  void finish(const std::string& why, bool converged);

  const Mixture& mixture_;
  const Layout& layout_;
  Objective objective_;
  ClimbSettings settings_;
};

inline Request Climb::ask() const {
  Request request{state.trial, {}, {}};
  request.needs.score = true;
  const bool soon_newton = state.phase == Phase::em && settings_.method != Method::em && settings_.certify &&
                           state.iterations + 1 == settings_.warm && second_phase() == Phase::newton &&
                           worth_leaving_em();
  request.needs.em = state.phase == Phase::em || state.metric.empty() || state.metric_age >= 10;
  request.needs.observed = state.phase == Phase::newton || soon_newton;
  if (settings_.given && first()) request.responsibility = {Responsibility::Rule::given, 1.0};
  else if (state.iterations < settings_.annealed)
    request.responsibility = {Responsibility::Rule::annealed, 0.2 + 0.8 * state.iterations / settings_.annealed};
  return request;
}

inline void Climb::tell(Statistics now) {
  ++state.passes;
  objective_.add(layout_, state.trial, now);
  const bool rises = std::isfinite(now.log_likelihood) && now.score.is_finite() &&
                     (forced() || now.log_likelihood >= state.at.log_likelihood);
  if (first() && !rises) return finish("the objective is not finite at the start", false);
  rises ? accept(std::move(now)) : reject();
  if (finished()) return;
  if (state.iterations >= settings_.iterations) return finish("iteration limit", false);
  propose();
}

inline void Climb::accept(Statistics now) {
  const bool moved = !repeated();
  const double rise = first() ? 0.0 : now.log_likelihood - state.at.log_likelihood;
  if (moved && !first() && state.phase == Phase::lbfgs)
    remember(state.trial - state.point, state.at.score - now.score, state.moves, state.changes);
  if (moved && !first()) adapt(rise);
  if (now.em.empty())
    ++state.metric_age;
  else
    state.metric = now.em, state.metric_age = 0;
  state.at = std::move(now);
  state.point = state.trial;
  if (moved) {
    state.previous_gain = state.gain, state.gain = rise;
    state.trace.push_back(state.at.log_likelihood);
    ++state.iterations;
  }
  state.rejected = 0, state.fraction = 1.0, state.escaping = false;
  if (collapsed()) {
    state.collapsed = true;
    finish("an expert's variance collapsed", false);
  }
}

/// Gain-ratio control of Newton's damping.
inline void Climb::adapt(double rise) {
  if (state.phase != Phase::newton || state.escaping) return;
  const double ratio = rise / state.predicted;
  if (ratio > 0.75) state.damping = state.damping > 1e-6 ? 0.1 * state.damping : 0.0;
  if (ratio < 0.25) state.damping = std::max(1e-3, 4.0 * state.damping);
}

inline void Climb::reject() {
  ++state.rejected;
  state.fraction *= 0.5;
  if (state.phase == Phase::newton && !state.escaping) state.damping = std::max(1e-3, 10.0 * state.damping);
  if (state.rejected < 30) return;
  if (state.phase == Phase::newton) return finish("no further ascent within rounding", false);
  state.phase = Phase::newton;
  state.rejected = 0, state.fraction = 1.0;
}

inline bool Climb::collapsed() const {
  for (std::size_t p = layout_.gate_predictors; p < layout_.predictors.size(); ++p)
    if (layout_.predictors[p].unit == Unit::log_response &&
        state.point(layout_.offset[p]) < settings_.smallest_log_sigma)
      return true;
  return false;
}

/// Newton unless its pass costs more than six likelihood-and-score passes; nanoseconds a row, measured.
inline Climb::Phase Climb::second_phase() const {
  if (settings_.method == Method::newton || settings_.method == Method::em) return Phase::newton;
  if (settings_.method == Method::lbfgs) return Phase::lbfgs;
  const double size = layout_.parameters, rows = std::max(1.0, state.at.weight);
  const double score = 8.0 * layout_.experts + 0.12 * layout_.score.sums;
  const double observed = score + 0.045 * layout_.observed.sums + 0.75 * layout_.observed.weights;
  return observed + size * size * size / (60.0 * rows) > 6.0 * score ? Phase::lbfgs : Phase::newton;
}

/// Looks for the next trial point; a phase that has none hands over to the next.
inline void Climb::propose() {
  while (!finished()) {
    if (state.phase == Phase::em && propose_em()) return;
    if (state.phase == Phase::lbfgs && propose_lbfgs()) return;
    if (state.phase == Phase::newton && propose_newton()) return;
  }
}

inline bool Climb::propose_em() {
  const bool only = settings_.method == Method::em;
  const bool arrived = remaining_gain() < tolerance() * state.strictness && state.iterations > settings_.annealed;
  if (arrived || (!only && state.iterations >= settings_.warm && worth_leaving_em())) {
    if (!settings_.certify) return finish("converged", true), false;
    state.phase = only ? Phase::newton : second_phase();
    state.method = only ? "em" : state.phase == Phase::newton ? "newton" : "lbfgs";
    return false;
  }
  if (state.at.em.empty()) return ask_again();
  state.trial = state.point + state.fraction * (em_point(mixture_, layout_, state.point, state.at) - state.point);
  return true;
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

/// Left to itself, a climb leaves EM when its steps have become small (below 0.01 a row) but slow: at a rate above 0.3, with more than the dozen
/// steps to go that Newton or L-BFGS cost.
inline bool Climb::worth_leaving_em() const {
  return settings_.method != Method::automatic ||
         (state.gain < 0.01 * state.at.weight && rate() > 0.3 && steps_left() > 12.0);
}

inline bool Climb::propose_newton() {
  if (state.at.observed.empty()) return ask_again();
  if (settings_.method == Method::em) return certify();
  if (state.escaping) return propose_escape();
  const NewtonStep step = newton_step(state.at, state.metric, state.damping);
  if (step.decrement < tolerance() && (state.damping == 0.0 || state.rejected == 0)) return certify();
  state.damping = step.damping;
  state.predicted = step.predicted;
  state.trial = state.point + step.direction;
  return true;
}

inline bool Climb::propose_lbfgs() {
  const vec direction =
      lbfgs_direction(state.at.score, state.moves, state.changes, CholeskyFactor(regularised(state.metric)));
  const double slope = arma::dot(direction, state.at.score);
  if (0.5 * slope < 0.1 * tolerance()) {
    state.phase = Phase::newton;
    return false;
  }
  state.trial = state.point + state.fraction * direction;
  return true;
}

/// One more pass at the same point, for what is missing there.
inline bool Climb::ask_again() {
  state.trial = state.point;
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
  if (state.certificate.decrement < tolerance()) return finish("converged", true), false;
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
    state.escapes = 3, state.rejected = 0, state.escaping = false;
    return certify();
  }
  const double length = std::pow(0.1, state.rejected / 2) * (state.rejected % 2 == 0 ? 1.0 : -1.0);
  state.trial = state.point + length * direction;
  return true;
}

inline void Climb::finish(const std::string& why, bool converged) {
  state.phase = Phase::finished;
  state.status = why;
  state.converged = converged;
}

}  // namespace expertmix
