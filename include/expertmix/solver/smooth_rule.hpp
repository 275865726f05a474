#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "ascent.hpp"
#include "costs.hpp"
#include "em.hpp"
#include "ends.hpp"
#include "lbfgs.hpp"
#include "newton.hpp"
#include "objective.hpp"
#include "pace.hpp"
#include "separation.hpp"
#include "step_limits.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// How an unpenalised ascent goes about it.
struct SmoothSettings : AscentSettings {
  SmoothSettings() { warm = 10; }

  Method method = Method::automatic;  ///< after the warm EM steps; automatic chooses by the cost of an observed pass
  bool certify = true;                ///< judge the end by the observed information
  bool bounds_experts = false;        ///< end where an expert runs away, so that it can be bounded
  uvec held;                          ///< parameters that stay where they are
};

/// Steps up a smooth objective: EM's, then damped Newton's or those of L-BFGS; the Newton decrement judges the end. A
/// phase that has no trial hands over to the next.
class SmoothRule : public StepRule {
 public:
  SmoothRule(const Mixture& mixture, const Layout& layout, Objective objective, SmoothSettings settings)
      : mixture_(mixture), layout_(layout), objective_(objective), settings_(std::move(settings)) {}

  void begin(AscentState& state) const override {
    if (settings_.warm == 0 && settings_.method != Method::em) state.phase = second_phase(state);
  }
  Needs needs(const AscentState& state) const override;
  double complete(const vec& point, Statistics& at) const override;
  void learn(AscentState& state, const Statistics& now, double value) override;
  void arrive(AscentState& state) override;
  void reject(AscentState& state) override;
  void propose(AscentState& state) override;

 private:
  using Phase = AscentState::Phase;

  bool only_em() const { return settings_.method == Method::em; }
  double tolerance(double value) const { return least_rise(settings_, value); }
  Phase second_phase(const AscentState& state) const;
  bool worth_leaving_em(const AscentState& state) const;
  bool leave_em(AscentState& state, bool arrived) const;
  void hold_bounded(AscentState& state);

  bool propose_in_phase(AscentState& state);
  bool propose_em(AscentState& state) const;
  bool propose_newton(AscentState& state) const;
  bool propose_lbfgs(AscentState& state);
  bool propose_escape(AscentState& state) const;
  bool certify(AscentState& state) const;

  const Mixture& mixture_;
  const Layout& layout_;
  Objective objective_;
  SmoothSettings settings_;
  std::optional<CholeskyFactor> preconditioner_;  ///< of the state's metric, kept while that is the same
};

/// Ends where steps gain no more, by rounding or by the kinks of an activation; the certificate says how near that is.
inline void stop_at_rounding(AscentState& state) {
  state.certificate = certificate(state.at, state.metric);
  finish_at_rounding(state);
}

inline Pace pace(const AscentState& state) { return {state.trace, state.rejected > 0}; }

inline Needs SmoothRule::needs(const AscentState& state) const {
  const bool soon_newton = state.phase == Phase::em && !only_em() && settings_.certify &&
                           state.iterations + 1 == settings_.warm && second_phase(state) == Phase::newton &&
                           worth_leaving_em(state);
  Needs needs;
  needs.score = true;
  needs.em = state.phase == Phase::em || state.metric.empty() || state.metric_age >= metric_lifetime(layout_);
  needs.observed = state.phase == Phase::newton || soon_newton;
  return needs;
}

/// Makes the held parameters, and a scalar that pushes against its bound, appear to be at their optimum.
inline double SmoothRule::complete(const vec& point, Statistics& at) const {
  objective_.add(layout_, point, at);
  for (uword i : settings_.held) at.hold(i);
  hold_pushed(layout_, point, at);
  return at.objective();
}

inline void SmoothRule::learn(AscentState& state, const Statistics& now, double value) {
  const double rise = state.first() ? 0.0 : value - state.value;
  state.idle = rise < tolerance(value) ? state.idle + 1 : 0;
  if (state.first()) return;
  if (state.phase == Phase::lbfgs)
    remember(state.trial - state.point, state.at.score - now.score, state.moves, state.changes);
  if (state.phase == Phase::newton && !state.escaping)
    state.damping = adapted_damping(state.damping, rise / state.predicted);
}

inline void SmoothRule::arrive(AscentState& state) {
  state.escaping = false;
  const bool known = state.phase != Phase::em && state.metric_age == 0;
  if (known && settings_.bounds_experts && runs_away(mixture_, layout_, state.metric))
    state.finish("an expert runs away", false);
}

/// A phase whose every step is rejected hands over to Newton's, which can say that there is none.
inline void SmoothRule::reject(AscentState& state) {
  if (state.phase == Phase::newton && !state.escaping) state.damping = std::max(1e-3, 10.0 * state.damping);
  if (state.rejected < most_rejected) return;
  if (state.phase == Phase::newton) return stop_at_rounding(state);
  state.phase = Phase::newton;
  state.rejected = 0;
  state.fraction = 1.0;
}

inline SmoothRule::Phase SmoothRule::second_phase(const AscentState& state) const {
  if (settings_.method == Method::newton || only_em()) return Phase::newton;
  if (settings_.method == Method::lbfgs) return Phase::lbfgs;
  return newton_is_costly(layout_, state.at.weight) ? Phase::lbfgs : Phase::newton;
}

/// Left to itself, an ascent leaves EM when its steps have become small (below 0.01 a row) but slow: at a rate above
/// 0.3, with more than the dozen steps to go that Newton or L-BFGS cost. A short run leaves it for L-BFGS only.
inline bool SmoothRule::worth_leaving_em(const AscentState& state) const {
  if (!settings_.certify) return second_phase(state) == Phase::lbfgs;
  if (settings_.method != Method::automatic) return true;
  const Pace now = pace(state);
  return now.gain() < 0.01 * state.at.weight && now.rate() > 0.3 && now.steps_left(tolerance(state.value)) > 12.0;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#include "smooth_proposals.hpp"
