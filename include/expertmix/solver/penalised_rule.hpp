#pragma once

#include <algorithm>
#include <cmath>

#include "ascent.hpp"
#include "em.hpp"
#include "lasso_step.hpp"
#include "newton.hpp"
#include "objective.hpp"
#include "step_limits.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// How a penalised ascent goes about it; its tolerance is of the violation of the optimality conditions, for each unit
/// of weight.
struct PenalisedSettings : AscentSettings {
  double rows = 0.0;  ///< an expert with fewer rows for each of its slopes is weak and ends the ascent
};

/// How many slopes every expert has.
inline vec slopes_of_experts(const Layout& layout, const vec& point) {
  vec slopes(layout.experts, arma::fill::zeros);
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p)
    for (uword j = 0; j < layout.size(p) && layout.predictors[p].expert < layout.experts; ++j)
      slopes(layout.predictors[p].expert) += point(layout.offset[p] + j) != 0.0 && layout.owned[p][j] != 0;
  return slopes;
}

/// By how much less an expert's slopes count that a ridge shrinks: each by its share ridge / (m / sigma^2 + ridge) in
/// the information, as columns have standard deviation 1. What is left is no less than the trace of their smoother.
inline vec shrunken_slopes(const Layout& layout, const vec& point, const vec& mass, const vec& gate_mass,
                           const Penalty& penalty) {
  const vec ridge = penalty.at(gate_mass).ridge;
  vec information = mass, out(layout.experts, arma::fill::zeros);
  const bool scaled = !penalty.shared.empty();
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size() && !scaled; ++p)
    if (is_log_scale(layout.predictors[p].unit))
      for (uword k : layout.experts_of_scalar(p)) information(k) *= std::exp(-2.0 * point(layout.offset[p]));
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p)
    for (uword i = layout.offset[p]; i < layout.offset[p] + layout.size(p); ++i)
      if (ridge(i) > 0.0 && point(i) != 0.0)
        out(layout.predictors[p].expert) += ridge(i) / (information(layout.predictors[p].expert) + ridge(i));
  return out;
}

/// Whether an expert has fewer than so many rows for each of its slopes.
inline bool weak(const Layout& layout, const vec& point, const vec& mass, const vec& gate_mass, const Penalty& penalty,
                 double rows) {
  if (layout.experts == 1 || rows == 0.0) return false;
  const vec slopes = slopes_of_experts(layout, point) - shrunken_slopes(layout, point, mass, gate_mass, penalty);
  return arma::any(mass < rows * slopes);
}

/// Steps up the Lasso-penalised log-likelihood: a few EM steps, each a quadratic Lasso of the complete-data information
/// and an exact M-step of the variances, then quadratic Lasso steps of the observed information, damped where they
/// promise too much (Marquardt 1963, SIAM J. Appl. Math. 11, 431-441). The observed information costs several times as
/// much as a score: it is kept as long as steps with it take away most of the violation.
class PenalisedRule : public StepRule {
 public:
  PenalisedRule(const Mixture& mixture, const Layout& layout, Objective objective, const Penalty& penalty,
                PenalisedSettings settings)
      : mixture_(mixture), layout_(layout), objective_(objective), penalty_(penalty), settings_(settings) {}

  Needs needs(const AscentState& state) const override;
  vec toll(const AscentState& state) const override { return penalty_.toll(state.trial); }
  double complete(const vec& point, Statistics& at) const override;
  bool rises(const AscentState& state, const Statistics& now, double value) const override;
  void learn(AscentState& state, const Statistics& now, double value) override;
  void arrive(AscentState& state) override;
  void reject(AscentState& state) override;
  void propose(AscentState& state) override;

 private:
  using Phase = AscentState::Phase;

  /// The penalty as it is at the ascent's point.
  SeparablePenalty here(const AscentState& state) const { return penalty_.at(state.at.gate_mass); }
  double tolerance(const AscentState& state) const { return settings_.tolerance * state.at.weight; }
  static double rounding(const AscentState& state) { return 1e-13 * std::abs(state.value); }
  void propose_em(AscentState& state) const;
  void propose_newton(AscentState& state) const;
  vec damped_step(const AscentState& state) const;
  void bound_constants(const AscentState& state, vec& step) const;

  const Mixture& mixture_;
  const Layout& layout_;
  Objective objective_;
  const Penalty& penalty_;
  PenalisedSettings settings_;
};

inline Needs PenalisedRule::needs(const AscentState& state) const {
  Needs needs;
  needs.score = true;
  needs.em = state.iterations < settings_.warm;
  needs.observed = state.again || (state.first() && settings_.warm == 0);
  return needs;
}

inline double PenalisedRule::complete(const vec& point, Statistics& at) const {
  objective_.add(layout_, point, at);
  if (!at.observed.empty() && !at.shares.empty()) penalty_.add_ties(point, at.shares, at.observed.block[0]);
  for (uword i : penalty_.held) at.hold(i);
  hold_pushed(layout_, point, at);
  return at.objective() - penalty_.at(at.gate_mass).value(point);
}

/// Where a rise is lost in rounding, a smaller violation tells.
inline bool PenalisedRule::rises(const AscentState& state, const Statistics& now, double value) const {
  if (value >= state.value) return true;
  if (state.phase == Phase::em || state.predicted > rounding(state)) return false;
  return value >= state.value - rounding(state) &&
         penalty_.at(now.gate_mass).violations(state.trial, now.score).max() < state.violation;
}

inline void PenalisedRule::learn(AscentState& state, const Statistics& now, double value) {
  constexpr double most_left = 0.3;  // of the violation, after a step that needs no newer information
  const bool em = state.phase == Phase::em;
  if (!em && state.predicted > rounding(state))
    state.damping = adapted_damping(state.damping, (value - state.value) / state.predicted);
  const double before = state.violation;
  state.violation = penalty_.at(now.gate_mass).violations(state.trial, now.score).max();
  state.slow = em || state.violation > most_left * before;
}

/// Takes the information over; ends an ascent on which an expert is weak for the third step in a row.
inline void PenalisedRule::arrive(AscentState& state) {
  state.fresh = !state.at.observed.empty();
  if (state.fresh) state.observed = std::move(state.at.observed);
  if (state.again) return;
  state.weak =
      weak(layout_, state.point, state.at.mass, state.at.gate_mass, penalty_, settings_.rows) ? state.weak + 1 : 0;
  if (state.weak == 3) state.finish("an expert is weak", false);
}

/// Before a step is damped the information is renewed.
inline void PenalisedRule::reject(AscentState& state) {
  constexpr uword most_in_a_row = 25;
  if (state.phase == Phase::newton && state.fresh) state.damping = std::max(1e-3, 10.0 * state.damping);
  state.slow = true;
  if (state.rejected >= most_in_a_row) state.finish("no further ascent", state.violation < 100.0 * tolerance(state));
}

inline void PenalisedRule::propose(AscentState& state) {
  if (state.iterations > settings_.warm && state.violation <= tolerance(state)) return state.finish("converged", true);
  state.phase = state.iterations <= settings_.warm ? Phase::em : Phase::newton;
  state.phase == Phase::em ? propose_em(state) : propose_newton(state);
  penalty_.recentre(state.trial);
}

inline void PenalisedRule::propose_em(AscentState& state) const {
  const vec step = lasso_step(regularised(state.at.em), state.at.score, here(state), state.point);
  if (step.empty()) return state.finish("the complete-data information is singular", false);
  const vec target = em_target(mixture_, layout_, state.point, state.at, step);
  state.trial = state.point + state.fraction * (target - state.point);
  limit_step(layout_, mixture_.gate->unit(), state.point, state.trial);
}

/// A quadratic Lasso step, where the model has no maximum damped by little more than gives it one: the step along
/// which the objective bends upwards is then a long one.
inline void PenalisedRule::propose_newton(AscentState& state) const {
  constexpr double most_damping = 1e6;
  if (state.slow && !state.fresh) return state.look_again();
  vec step = damped_step(state);
  if (step.empty() && !state.fresh) return state.look_again();
  for (; step.empty() && state.damping < most_damping; step = damped_step(state))
    state.damping = std::max(1e-3, 3.0 * state.damping);
  if (step.empty()) return state.finish("the observed information is not finite", false);
  bound_constants(state, step);
  state.trial = state.point + step;
  keep_within_bounds(layout_, state.trial);
  const SeparablePenalty own = here(state);
  state.predicted = arma::dot(state.at.score, step) - 0.5 * arma::dot(step, state.observed.block[0] * step) -
                    own.value(state.trial) + own.value(state.point);
}

inline vec PenalisedRule::damped_step(const AscentState& state) const {
  if (state.damping == 0.0) return lasso_step(state.observed, state.at.score, here(state), state.point);
  const vec damping = state.damping * (arma::abs(state.observed.block[0].diag()) + 1e-3 * state.at.weight);
  return lasso_step(state.observed, state.at.score, here(state), state.point, damping);
}

/// Constants move by at most 3, and those of an expert with hardly a trace of a row not at all: they would run away,
/// but for a scale that the variance guard holds.
inline void PenalisedRule::bound_constants(const AscentState& state, vec& step) const {
  constexpr double most_moved = 3.0, trace_of_a_row = 1e-5;
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p) {
    const uword expert = layout_.predictors[p].expert;
    const bool family = p >= layout_.gate_predictors && expert < layout_.experts;
    const bool guarded = objective_.guard > 0.0 && is_log_scale(layout_.predictors[p].unit);
    const double most = family && !guarded && state.at.mass(expert) < trace_of_a_row ? 0.0 : most_moved;
    for (uword j = 0; j < layout_.size(p); ++j)
      if (layout_.owned[p][j] == 0) step(layout_.offset[p] + j) = std::clamp(step(layout_.offset[p] + j), -most, most);
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
