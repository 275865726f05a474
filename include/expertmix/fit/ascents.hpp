#pragma once

#include <algorithm>
#include <cmath>

#include "../solver/climb.hpp"
#include "bounded_set.hpp"
#include "finished.hpp"
#include "prepare.hpp"
#include "spikes.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Climbs of a mixture on prepared data, each to an end that can be ranked: guarded where an expert collapses, bounded
/// where one runs away.
class Ascents {
 public:
  Ascents(const Mixture& mixture, const Prepared& prepared, const Options& options, const Context& context)
      : mixture_(mixture),
        prepared_(prepared),
        options_(options),
        context_(context),
        set_(feasible_set(options.bounds, prepared.ties, prepared.layout, prepared.scaling)) {}

  uword passes = 0;

  const Mixture& mixture() const { return mixture_; }
  const Layout& layout() const { return prepared_.layout; }
  const ParameterSet& set() const { return set_; }
  const TiedSpace& ties() const { return prepared_.ties; }

  /// Whether the maximum is sought in a bounded set, where nothing runs away.
  bool bounded() const { return options_.bounds.given(); }
  bool late() const { return context_.deadline.passed(); }

  /// Whether no bound keeps experts from collapsing.
  bool may_collapse() const { return options_.bounds.sigma_lower == 0.0; }

  double guard() const { return options_.guard / prepared_.weight; }
  Objective plain() const { return {0.0, prepared_.residual_variance, 0.0}; }
  Objective guarded() const { return {may_collapse() ? guard() : 0.0, prepared_.residual_variance, 0.0}; }

  /// The guarded log-likelihood with a normal prior of the gate, in units of standardised columns, so that gates do not
  /// harden before the experts are in place; without a scale, of the experts, too, as classes that separate have no
  /// maximum to compare. Its rho is a share of the rows, as that of a bound.
  Objective steering(double rho) const {
    Objective out = plain();
    out.guard = guard();
    out.bound = in_gate_unit(rho);
    if (!layout().has_scales()) out.expert_bound = rho;
    return out;
  }

  /// What a search on rows of some weight climbs, one after the other. On 200 rows the prior's variances are 100 and
  /// 1000, without a scale 5.
  std::vector<Objective> stages(double weight) const {
    if (!layout().has_scales()) return {steering(1e-3 * weight)};
    return {steering(5e-5 * weight), steering(5e-5 * weight).weakened()};
  }

  /// rho of gate and experts where they are bounded: a share of the rows, so that rows that are repeated and rows that
  /// weigh as much have the same bound.
  double bound() const { return 1e-9 * prepared_.weight; }

  /// A rho of standardised columns as that of a gate whose coefficients count in a unit of their own.
  double in_gate_unit(double rho) const {
    const double unit = mixture_.gate->unit();
    return rho / (unit * unit);
  }

  /// An expert's scale below 1e-3 of one expert's residual standard deviation is a collapse.
  double smallest_log_scale() const { return std::log(1e-3) + 0.5 * std::log(prepared_.residual_variance); }

  /// The context of work on rows of some weight.
  Context telling(double weight) const;

  AscentState climb(const vec& from, Objective objective, SmoothSettings settings, Fold& fold);
  bool collapsed(const EndPoint& end) const;
  void climb_soundly(Finished& out, const vec& from, SmoothSettings settings, Fold& fold);
  void bound_experts(Finished& out, SmoothSettings settings, Fold& fold);
  Finished finish(const vec& from, SmoothSettings settings, uword runs, Ground& ground);
  Finished ranked(Finished out, const Ground& ground) const;
  bool spiked(const EndPoint& end, const Ground& ground) const {
    return may_collapse() && !spiked_experts(options_.spike, ground, mixture_, layout(), end, context_).empty();
  }
  double user_value(double value, double weight) const;

 private:
  const Mixture& mixture_;
  const Prepared& prepared_;
  const Options& options_;
  const Context& context_;
  ParameterSet set_;  ///< that the maximum is sought in
};

/// A log-likelihood of recoded rows of some weight as one of all rows in the user's units.
inline double Ascents::user_value(double value, double weight) const {
  return prepared_.scaling.weight_unit * prepared_.weight *
         (value / weight - std::log(prepared_.scaling.response_scale));
}

inline Context Ascents::telling(double weight) const {
  Context out = context_;
  out.progress = [this, weight](Progress now) {
    now.log_likelihood = user_value(now.log_likelihood, weight);
    context_.report(now);
  };
  return out;
}

inline AscentState Ascents::climb(const vec& from, Objective objective, SmoothSettings settings, Fold& fold) {
  settings.method = options_.method;
  settings.iterations = std::min(settings.iterations, options_.iterations);
  settings.tolerance = options_.tolerance;
  const auto report = [this](const AscentState& state) {
    context_.report({Stage::climb, static_cast<double>(state.iterations), static_cast<double>(options_.iterations),
                     user_value(state.value, state.at.weight)});
  };
  AscentState end =
      climb_within(set_, mixture_, layout(), objective, settings, from, std::ref(fold), context_.deadline, report);
  passes += end.passes;
  inform_across(ties(), end.metric);
  return end;
}

/// An expert with a sigma has collapsed where that is below 1e-3 of one expert's residual sd or its mass below p + 1.
inline bool Ascents::collapsed(const EndPoint& end) const {
  if (!end.found() || !layout().has_scales()) return false;
  return end.collapsed || (layout().experts > 1 && end.mass.min() < prepared_.least_mass());
}

/// Climbs an objective; where an expert collapses, the same with the variance guard.
inline void Ascents::climb_soundly(Finished& out, const vec& from, SmoothSettings settings, Fold& fold) {
  if (!out.guarded && may_collapse()) settings.smallest_log_scale = smallest_log_scale();
  out.end_at(climb(from, out.objective, settings, fold));
  if (out.guarded || guarded().guard == 0.0 || !collapsed(out)) return;
  settings.smallest_log_scale = -arma::datum::inf;
  out.guarded = true;
  out.objective.guard = guarded().guard;
  out.end_at(climb(from, out.objective, settings, fold));
}

inline Finished Ascents::finish(const vec& from, SmoothSettings settings, uword runs, Ground& ground) {
  Finished out;
  out.runs = runs;
  out.objective = plain();
  settings.bounds_experts = true;
  climb_soundly(out, from, settings, ground.fold);
  if (!bounded()) bound_experts(out, settings, ground.fold);
  return ranked(std::move(out), ground);
}

inline Finished Ascents::ranked(Finished out, const Ground& ground) const {
  if (!out.found()) return out;
  out.spiked = spiked(out, ground);
  out.log_likelihood = out.at.log_likelihood;
  out.rank = out.guarded ? out.log_likelihood + guarded().value(layout(), out.point) : out.log_likelihood;
  for (const Bound& bound : layout().bounds)
    out.drifted =
        out.drifted || (bound.parameter < layout().gate_parameters() && bound.reached(out.point(bound.parameter)));
  if (bounded()) out.at_bounds = reached_bounds(set_, out.point);
  return out;
}

/// Where an expert runs away, goes on to the maximum with bounded coefficients, which are let go again if it turns out
/// there that none does, and bounded for good if one does at the maximum after that.
inline void Ascents::bound_experts(Finished& out, SmoothSettings settings, Fold& fold) {
  const auto away = [&] { return out.found() && runs_away(mixture_, layout(), out.metric); };
  settings.warm = 1;
  settings.given = 0;
  settings.bounds_experts = false;
  for (double bound : {this->bound(), 0.0, this->bound()}) {
    if (away() == (bound == 0.0)) return;
    out.objective.expert_bound = bound;
    out.end_at(climb(vec(out.point), out.objective, settings, fold));
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
