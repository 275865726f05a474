#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "../mixture/request.hpp"
#include "../model/layout.hpp"
#include "ascent_state.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// How an ascent steps: what it maximises, which points it tries, and where it ends. A rule keeps nothing of the
/// ascent: all that is known of one is its state.
class StepRule {
 public:
  virtual ~StepRule() = default;

  /// Before the first pass.
  virtual void begin(AscentState&) const {}

  /// What the next pass is to find out.
  virtual Needs needs(const AscentState& state) const = 0;

  /// What the objective takes off a row for every expert's probability (`Request::toll`).
  virtual vec toll(const AscentState&) const { return {}; }

  /// Makes the statistics of the log-likelihood at a point those of the objective; its value.
  virtual double complete(const vec& point, Statistics& at) const = 0;

  /// Whether the trial, where the objective is `value`, is a step up.
  virtual bool rises(const AscentState& state, const Statistics&, double value) const { return value >= state.value; }

  /// Learns from a step that is about to be accepted: the state is still that of the point before.
  virtual void learn(AscentState& state, const Statistics& now, double value) = 0;

  /// After an accepted step, or a second look at a point: may finish the ascent.
  virtual void arrive(AscentState& state) = 0;

  virtual void reject(AscentState& state) = 0;

  /// The next trial, or the end.
  virtual void propose(AscentState& state) = 0;
};

/// One ascent of an objective as a sequence of questions (`ask`) and answers (`tell`). It sees parameters and
/// statistics only. Every accepted step raises the objective.
class Ascent {
 public:
  Ascent(const Layout& layout, StepRule& rule, const AscentSettings& settings)
      : layout_(layout), rule_(rule), settings_(settings) {}

  AscentState state;

  void start(const vec& parameters) {
    state.trial = parameters;
    rule_.begin(state);
  }
  bool finished() const { return state.finished(); }
  Request ask() const;
  void tell(Statistics now);
  void stop(const std::string& why) { state.finish(why, false); }

 private:
  /// Steps of other responsibilities than the posterior's, and the first after them, need not rise.
  bool forced() const {
    const uword unlike = std::max(settings_.annealed, settings_.given);
    return state.first() || state.again || (unlike > 0 && state.iterations <= unlike);
  }
  Responsibility responsibility() const;
  void accept(Statistics now, double value);
  void reject();

  const Layout& layout_;
  StepRule& rule_;
  AscentSettings settings_;
};

inline Responsibility Ascent::responsibility() const {
  if (state.iterations < settings_.given) return {Responsibility::Rule::given, 1.0};
  if (state.iterations < settings_.annealed)
    return {Responsibility::Rule::annealed,
            0.2 + 0.8 * static_cast<double>(state.iterations) / static_cast<double>(settings_.annealed)};
  return {};
}

inline Request Ascent::ask() const { return {state.trial, rule_.needs(state), responsibility(), rule_.toll(state)}; }

inline void Ascent::tell(Statistics now) {
  constexpr double least_gap = 1e-10;  // nearer to a change of active sets, rounding decides them
  ++state.passes;
  ++state.still;
  const double value = rule_.complete(state.trial, now);
  const bool stands = std::isfinite(value) && now.is_finite() && now.gap > least_gap;
  if (state.first() && !stands) return state.finish("the objective is not finite at the start", false);
  if (state.again && !stands) return state.finish("the objective is not finite", false);
  stands && (forced() || rule_.rises(state, now, value)) ? accept(std::move(now), value) : reject();
  if (finished()) return;
  if (state.iterations >= settings_.iterations) return state.finish("iteration limit", false);
  rule_.propose(state);
}

inline void Ascent::accept(Statistics now, double value) {
  if (!state.again) {
    rule_.learn(state, now, value);
    state.trace.push_back(value);
    ++state.iterations;
    state.still = 0;
  }
  state.metric_age = now.em.empty() ? state.metric_age + 1 : 0;
  if (!now.em.empty()) state.metric = now.em;
  state.at = std::move(now);
  state.value = value;
  state.point = state.trial;
  state.rejected = 0;
  state.fraction = 1.0;
  state.collapsed = layout_.least_log_scale(state.point) < settings_.smallest_log_scale;
  if (state.collapsed) state.finish("an expert's variance collapsed", false);
  if (!finished()) rule_.arrive(state);
  state.again = false;
}

inline void Ascent::reject() {
  ++state.rejected;
  state.fraction *= 0.5;
  rule_.reject(state);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
