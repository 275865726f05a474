#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "../model/mixture.hpp"
#include "../model/request.hpp"
#include "lasso_step.hpp"
#include "newton.hpp"
#include "objective.hpp"

namespace expertmix {

/// How a penalised climb goes about it.
struct LassoSettings {
  uword warm = 0;           ///< penalised EM steps before Newton's
  bool given = false;       ///< the first responsibilities come with the rows
  uword iterations = 500;   ///< at most so many accepted steps
  double tolerance = 1e-8;  ///< largest violation of the optimality conditions, for each unit of weight
  double smallest_log_sigma = -std::numeric_limits<double>::infinity();  ///< below it an expert has collapsed
};

/// All that a penalised climb knows.
struct LassoState {
  vec point, trial;
  Statistics at;                                            ///< at `point`, guard included
  double value = -std::numeric_limits<double>::infinity();  ///< penalised objective at `point`
  double violation = std::numeric_limits<double>::infinity();
  double damping = 0.0, fraction = 1.0, predicted = 0.0;
  uword iterations = 0, passes = 0, rejected = 0;
  bool em = true;  ///< the trial is an EM step
  bool finished = false, converged = false, collapsed = false;
  std::string status;
};

/// One ascent of the Lasso-penalised log-likelihood: a few EM steps, each a quadratic Lasso of the complete-data
/// information and an exact M-step of the variances, then quadratic Lasso steps of the observed information, damped by
/// the complete-data information where they promise too much. Every accepted step raises the penalised objective.
class LassoClimb {
 public:
  LassoClimb(const Mixture& mixture, const Layout& layout, Objective objective, const Penalty& penalty,
             LassoSettings settings)
      : mixture_(mixture), layout_(layout), objective_(objective), penalty_(penalty), settings_(settings) {}

  LassoState state;

  void start(const vec& parameters) { state.trial = parameters; }
  bool finished() const { return state.finished; }

  Request ask() const {
    Request request{state.trial, {}, {}};
    request.needs.score = request.needs.em = true;
    request.needs.observed = state.iterations + 1 > settings_.warm;
    if (settings_.given && first()) request.responsibility = {Responsibility::Rule::given, 1.0};
    return request;
  }

  void tell(Statistics now);
  void stop(const std::string& why) { finish(why, false); }

 private:
  bool first() const { return state.point.empty(); }
  bool just_given() const { return settings_.given && state.iterations == 1; }
  double tolerance() const { return settings_.tolerance * state.at.weight; }

  void accept(Statistics now, double value);
  void reject();
  void propose();
  void propose_em();
  bool propose_newton();
  bool collapsed() const { return layout_.least_log_sigma(state.point) < settings_.smallest_log_sigma; }
  void finish(const std::string& why, bool converged) {
    state.finished = true, state.status = why, state.converged = converged;
  }

  const Mixture& mixture_;
  const Layout& layout_;
  Objective objective_;
  const Penalty& penalty_;
  LassoSettings settings_;
};

inline void LassoClimb::tell(Statistics now) {
  ++state.passes;
  objective_.add(layout_, state.trial, now);
  for (uword i : penalty_.held) now.hold(i);
  const double value = now.log_likelihood - penalty_.value(state.trial);
  const bool finite = std::isfinite(value) && now.score.is_finite();
  if (first() && !finite) return finish("the objective is not finite at the start", false);
  if (finite && (first() || just_given() || value >= state.value))
    accept(std::move(now), value);
  else
    reject();
  if (!finished() && state.iterations > settings_.iterations) finish("iteration limit", false);
  if (!finished()) propose();
}

inline void LassoClimb::accept(Statistics now, double value) {
  if (!state.em && !first()) state.damping = adapted_damping(state.damping, (value - state.value) / state.predicted);
  state.at = std::move(now), state.value = value, state.point = state.trial;
  state.violation = penalty_.violations(state.point, state.at.score).max();
  state.rejected = 0, state.fraction = 1.0;
  ++state.iterations;
  if (!collapsed()) return;
  state.collapsed = true;
  finish("an expert's variance collapsed", false);
}

inline void LassoClimb::reject() {
  ++state.rejected;
  state.fraction *= 0.5;
  if (!state.em) state.damping = std::max(1e-3, 10.0 * state.damping);
  if (state.rejected >= 25) finish("no further ascent", state.violation < 100.0 * tolerance());
}

inline void LassoClimb::propose() {
  if (state.iterations > settings_.warm && state.violation <= tolerance()) return finish("converged", true);
  state.em = state.at.observed.empty() || !propose_newton();
  if (state.em) propose_em();
  penalty_.recentre(state.trial);
}

inline void LassoClimb::propose_em() {
  const vec step = lasso_step(regularised(state.at.em), state.at.score, penalty_, state.point);
  if (step.empty()) return finish("the complete-data information is singular", false);
  vec target = state.point;
  for (std::size_t p = 0; p < layout_.gate_predictors; ++p) target(layout_.span(p)) += step(layout_.span(p));
  mixture_.family->maximise(state.at, layout_, step, target);
  state.trial = state.point + state.fraction * (target - state.point);
}

/// A quadratic Lasso step with the observed information, damped until it has a maximum.
inline bool LassoClimb::propose_newton() {
  vec step;
  while (state.damping < 1e3) {
    const bool damped = state.damping > 0.0;
    step = lasso_step(damped ? combine(state.at.observed, state.damping, regularised(state.at.em)) : state.at.observed,
                      state.at.score, penalty_, state.point);
    if (!step.empty()) break;
    state.damping = std::max(1e-3, 10.0 * state.damping);
  }
  if (step.empty()) return false;
  state.trial = state.point + step;
  state.predicted = arma::dot(state.at.score, step) - 0.5 * arma::dot(step, state.at.observed.block[0] * step) -
                    penalty_.value(state.trial) + penalty_.value(state.point);
  return true;
}

}  // namespace expertmix
