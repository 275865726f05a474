#pragma once

#include <algorithm>
#include <cmath>

#include "constrained_step.hpp"
#include "em.hpp"
#include "ends.hpp"
#include "smooth_rule.hpp"
#include "step_limits.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Steps up a smooth objective within a convex set: EM's, then damped Newton's, each the maximum of its quadratic model
/// over the set. What the undamped model still promises there judges the end: it is the Newton decrement where no
/// condition is active.
class BoundedRule : public StepRule {
 public:
  BoundedRule(const Mixture& mixture, const Layout& layout, Objective objective, SmoothSettings settings,
              const ParameterSet& set)
      : mixture_(mixture), layout_(layout), objective_(objective), settings_(std::move(settings)), set_(set) {}

  Needs needs(const AscentState& state) const override;
  double complete(const vec& point, Statistics& at) const override {
    objective_.add(layout_, point, at);
    return at.objective();
  }
  void learn(AscentState& state, const Statistics& now, double value) override;
  void arrive(AscentState& state) override;
  void reject(AscentState& state) override;
  void propose(AscentState& state) override;

 private:
  using Phase = AscentState::Phase;

  double tolerance(const AscentState& state) const { return least_rise(settings_, state.value); }
  void propose_em(AscentState& state) const;
  void propose_newton(AscentState& state) const;
  Information damped(const AscentState& state) const;
  vec step(const AscentState& state) const;
  static double promised(const AscentState& state, const vec& step);
  vec within_reason(const vec& step) const { return reasonable_share(layout_, mixture_.gate->unit(), step) * step; }
  vec judge(AscentState& state, const vec& way) const;
  void certify(AscentState& state, const vec& way) const;
  void stop(AscentState& state) const;

  const Mixture& mixture_;
  const Layout& layout_;
  Objective objective_;
  SmoothSettings settings_;
  const ParameterSet& set_;
};

inline Needs BoundedRule::needs(const AscentState& state) const {
  Needs needs;
  needs.score = true;
  needs.em = true;
  needs.observed = state.phase == Phase::newton;
  return needs;
}

inline void BoundedRule::learn(AscentState& state, const Statistics&, double value) {
  state.idle = value - state.value < tolerance(state) ? state.idle + 1 : 0;
  if (state.phase == Phase::newton)
    state.damping = adapted_damping(state.damping, (value - state.value) / state.predicted);
}

inline void BoundedRule::arrive(AscentState& state) {
  if (state.iterations < std::max<uword>(1, settings_.warm)) return;
  state.phase = Phase::newton;
  state.method = "newton";
}

inline void BoundedRule::reject(AscentState& state) {
  if (state.phase == Phase::newton) state.damping = std::max(1e-3, 10.0 * state.damping);
  if (state.rejected < most_rejected) return;
  if (state.phase == Phase::newton) return stop(state);
  state.phase = Phase::newton;
  state.rejected = 0;
}

/// Ends where no step rises: by rounding, or where the model promises along a nearly flat direction what is not there.
inline void BoundedRule::stop(AscentState& state) const {
  if (state.at.observed.empty()) return state.finish("no further ascent", false);
  judge(state, step(state));
  finish_at_rounding(state);
}

inline void BoundedRule::propose(AscentState& state) {
  if (stands_still(state)) return stop(state);
  state.phase == Phase::em ? propose_em(state) : propose_newton(state);
}

/// The experts' M-step within the set, as near as its quadratic model and a projection come to it.
inline void BoundedRule::propose_em(AscentState& state) const {
  const mat h =
      combine({{0}, {mat(state.point.n_elem, state.point.n_elem, arma::fill::zeros)}}, 1.0, regularised(state.metric))
          .block[0];
  const vec step = ConstrainedStep(h, state.at.score, set_, state.point).solve();
  if (step.empty()) return state.finish("the complete-data information is singular", false);
  const vec target = em_target(mixture_, layout_, state.point, state.at, step);
  state.trial = state.point + state.fraction * within_reason(nearest(set_, target) - state.point);
}

inline Information BoundedRule::damped(const AscentState& state) const {
  return state.damping > 0.0 ? combine(state.at.observed, state.damping, regularised(state.metric)) : state.at.observed;
}

inline vec BoundedRule::step(const AscentState& state) const {
  return ConstrainedStep(damped(state).block[0], state.at.score, set_, state.point).solve();
}

/// The rise of the undamped quadratic model along a step.
inline double BoundedRule::promised(const AscentState& state, const vec& step) {
  return arma::dot(state.at.score, step) - 0.5 * arma::dot(step, state.at.observed.block[0] * step);
}

inline void BoundedRule::propose_newton(AscentState& state) const {
  if (state.at.observed.empty()) return state.look_again();
  vec way = step(state);
  for (; way.empty() && state.damping < largest_damping; way = step(state))
    state.damping = std::max(1e-4, 4.0 * state.damping);
  if (way.empty()) return state.finish("no further ascent", false);
  if (promised(state, way) < tolerance(state) && state.rejected == 0) return certify(state, way);
  way = within_reason(way);
  state.predicted = promised(state, way);
  state.trial = state.point + way;
}

/// What a step, damped by what it takes, leaves of the score along the set, and what the undamped one, which it
/// returns, promises.
inline vec BoundedRule::judge(AscentState& state, const vec& way) const {
  if (!way.empty()) {
    const vec scale = arma::sqrt(arma::clamp(state.metric.diagonal(), 1e-12, arma::datum::inf));
    state.certificate.scaled_score = arma::abs(set_.along(damped(state).block[0] * way) / scale).max();
  }
  const bool is_damped = state.damping > 0.0;
  state.damping = 0.0;
  const vec whole = is_damped ? step(state) : way;
  state.certificate.maximum = !whole.empty();
  if (!whole.empty()) state.certificate.decrement = promised(state, whole);
  return whole;
}

/// Ends the ascent where the undamped model promises no more, or has no maximum along the faces of the set.
inline void BoundedRule::certify(AscentState& state, const vec& way) const {
  state.certificate.decrement = promised(state, way);
  const vec whole = judge(state, way);
  const Certificate& now = state.certificate;
  if (!now.maximum) return state.finish("the observed information is singular", now.scaled_score < 1e-4);
  if (now.decrement < tolerance(state)) return state.finish("converged", true);
  const vec next = within_reason(whole);
  state.predicted = promised(state, next);
  state.trial = state.point + next;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
