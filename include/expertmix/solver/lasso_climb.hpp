#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "../mixture/mixture.hpp"
#include "../mixture/request.hpp"
#include "lasso_step.hpp"
#include "newton.hpp"
#include "objective.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// How a penalised climb goes about it.
struct LassoSettings {
  uword warm = 0;           ///< penalised EM steps before Newton's
  uword given = 0;          ///< first steps with the responsibilities that come with the rows
  uword iterations = 500;   ///< at most so many accepted steps
  double tolerance = 1e-8;  ///< largest violation of the optimality conditions, for each unit of weight
  double rows = 0.0;        ///< an expert with fewer rows for each of its slopes is weak and ends the climb
  double smallest_log_scale = -std::numeric_limits<double>::infinity();  ///< below it an expert has collapsed
};

/// Whether an expert has fewer than so many rows for each of its slopes.
inline bool weak(const Layout& layout, const vec& point, const vec& mass, double rows) {
  vec slopes(layout.experts, arma::fill::zeros);
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p)
    for (uword j = 0; j < layout.size(p) && layout.predictors[p].expert < layout.experts; ++j)
      slopes(layout.predictors[p].expert) += point(layout.offset[p] + j) != 0.0 && layout.owned[p][j] != 0;
  return layout.experts > 1 && arma::any(mass < rows * slopes);
}

/// All that a penalised climb knows.
struct LassoState {
  vec point, trial;
  Statistics at;                                            ///< at `point`, guard included
  Information observed;                                     ///< observed information where it was last asked for
  double value = -std::numeric_limits<double>::infinity();  ///< penalised objective at `point`
  double violation = std::numeric_limits<double>::infinity();
  double damping = 0.0, fraction = 1.0, predicted = 0.0;
  uword iterations = 0, passes = 0, rejected = 0, weak = 0;
  bool em = true;      ///< the trial is an EM step
  bool again = false;  ///< the trial is the point itself, for its information
  bool fresh = false;  ///< the observed information is that of `point`
  bool slow = true;    ///< steps leave much of the violation: they need the information of their own point
  bool finished = false, converged = false, collapsed = false;
  std::string status;
};

/// One ascent of the Lasso-penalised log-likelihood: a few EM steps, each a quadratic Lasso of the complete-data
/// information and an exact M-step of the variances, then quadratic Lasso steps of the observed information, damped
/// where they promise too much (Marquardt 1963, SIAM J. Appl. Math. 11, 431-441). The observed information costs
/// several times as much as a score: it is kept as long as steps with it take away most of the violation. Every
/// accepted step raises the penalised objective.
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
    request.needs.score = true;
    request.needs.em = state.iterations < settings_.warm;
    request.needs.observed = state.again || (first() && settings_.warm == 0);
    if (state.iterations < settings_.given) request.responsibility = {Responsibility::Rule::given, 1.0};
    return request;
  }

  void tell(Statistics now);
  void stop(const std::string& why) { finish(why, false); }

 private:
  bool first() const { return state.point.empty(); }
  bool just_given() const { return settings_.given > 0 && state.iterations <= settings_.given; }
  double tolerance() const { return settings_.tolerance * state.at.weight; }
  double rounding() const { return 1e-13 * std::abs(state.value); }

  bool ascends(double value, const Statistics& now) const;
  void accept(Statistics now, double value);
  void reject();
  void inform(Information observed);
  void check_experts();
  void propose();
  void propose_em();
  void propose_newton();
  vec damped_step() const;
  void bound_constants(vec& step) const;
  void look_again() { state.again = true, state.trial = state.point; }
  void finish(const std::string& why, bool converged) {
    state.finished = true;
    state.status = why;
    state.converged = converged;
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
  if (state.again)
    inform(std::move(now.observed));
  else if (finite && (first() || just_given() || ascends(value, now)))
    accept(std::move(now), value);
  else
    reject();
  if (!finished() && state.iterations > settings_.iterations) finish("iteration limit", false);
  if (!finished()) propose();
}

/// Where a rise is lost in rounding, a smaller violation tells.
inline bool LassoClimb::ascends(double value, const Statistics& now) const {
  if (value >= state.value || state.em || state.predicted > rounding()) return value >= state.value;
  return value >= state.value - rounding() && penalty_.violations(state.trial, now.score).max() < state.violation;
}

inline void LassoClimb::inform(Information observed) {
  state.observed = std::move(observed);
  state.fresh = true;
  state.again = false;
}

inline void LassoClimb::accept(Statistics now, double value) {
  if (!state.em && state.predicted > rounding())
    state.damping = adapted_damping(state.damping, (value - state.value) / state.predicted);
  const double before = state.violation;
  state.violation = penalty_.violations(state.trial, now.score).max();
  state.slow = state.em || state.violation > 0.3 * before;
  state.at = std::move(now);
  state.value = value;
  state.point = state.trial;
  state.fresh = false;
  if (!state.at.observed.empty()) inform(std::move(state.at.observed));
  state.rejected = 0;
  state.fraction = 1.0;
  ++state.iterations;
  check_experts();
}

/// Ends a climb on which an expert collapses, or is weak for the third step in a row.
inline void LassoClimb::check_experts() {
  state.weak = weak(layout_, state.point, state.at.mass, settings_.rows) ? state.weak + 1 : 0;
  if (state.weak == 3) finish("an expert is weak", false);
  state.collapsed = layout_.least_log_scale(state.point) < settings_.smallest_log_scale;
  if (state.collapsed) finish("an expert's variance collapsed", false);
}

/// Before a step is damped the information is renewed.
inline void LassoClimb::reject() {
  ++state.rejected;
  state.fraction *= 0.5;
  if (!state.em && state.fresh) state.damping = std::max(1e-3, 10.0 * state.damping);
  state.slow = true;
  if (state.rejected >= 25) finish("no further ascent", state.violation < 100.0 * tolerance());
}

inline void LassoClimb::propose() {
  if (state.iterations > settings_.warm && state.violation <= tolerance()) return finish("converged", true);
  state.em = state.iterations <= settings_.warm;
  state.em ? propose_em() : propose_newton();
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

/// A quadratic Lasso step, where the model has no maximum damped by little more than gives it one: the step along
/// which the objective bends upwards is then a long one.
inline void LassoClimb::propose_newton() {
  if (state.slow && !state.fresh) return look_again();
  vec step = damped_step();
  if (step.empty() && !state.fresh) return look_again();
  for (; step.empty() && state.damping < 1e6; step = damped_step()) state.damping = std::max(1e-3, 3.0 * state.damping);
  if (step.empty()) return finish("the observed information is not finite", false);
  bound_constants(step);
  state.trial = state.point + step;
  state.predicted = arma::dot(state.at.score, step) - 0.5 * arma::dot(step, state.observed.block[0] * step) -
                    penalty_.value(state.trial) + penalty_.value(state.point);
}

inline vec LassoClimb::damped_step() const {
  if (state.damping == 0.0) return lasso_step(state.observed, state.at.score, penalty_, state.point);
  Information h = state.observed;
  h.block[0].diag() += state.damping * (arma::abs(h.block[0].diag()) + 1e-3 * state.at.weight);
  return lasso_step(h, state.at.score, penalty_, state.point);
}

/// Constants move by at most 3, and those of an expert with hardly a trace of a row not at all: they would run away.
inline void LassoClimb::bound_constants(vec& step) const {
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p) {
    const uword expert = layout_.predictors[p].expert;
    const bool empty = p >= layout_.gate_predictors && expert < layout_.experts && state.at.mass(expert) < 1e-5;
    const double most = empty ? 0.0 : 3.0;
    for (uword j = 0; j < layout_.size(p); ++j)
      if (layout_.owned[p][j] == 0) step(layout_.offset[p] + j) = std::clamp(step(layout_.offset[p] + j), -most, most);
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
