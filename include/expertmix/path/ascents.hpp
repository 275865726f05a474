#pragma once

#include <algorithm>
#include <cmath>

#include "../solver/penalised_rule.hpp"
#include "../solver/run.hpp"
#include "point.hpp"
#include "working_set.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// An unpenalised expert with fewer rows for each of its slopes is about to collapse.
constexpr double least_rows_a_slope = 3.0;

/// An ascent that does not arrive in sixty steps, of which the start is one, will not.
constexpr uword most_plain_steps = 61;

/// Ascents of a penalised problem on working sets, plainly or with the variance guard.
class LassoAscents {
 public:
  LassoAscents(const LassoProblem& problem, const PathOptions& options, const Context& context)
      : problem_(problem), options_(options), context_(context) {}

  const LassoProblem& problem() const { return problem_; }
  uword passes() const { return passes_; }

  /// The log-likelihood's statistics at a point with the score of all parameters, by the posterior's or given
  /// responsibilities.
  Statistics statistics(const vec& point, const mat* responsibilities = nullptr);

  /// The maximum from where an ascent ended, at the lambda `at` or without a score, if need be by way of the maximum
  /// with the variance guard; nothing if an expert collapses or is weak even so.
  LassoPoint solve(double lambda, const LassoPoint& from, double at);

  /// The maximum with fewer experts, where one would collapse: as long as two others hold rows, the one with the fewest
  /// for each of its slopes is emptied, with the constants of a given point.
  LassoPoint solve_with_fewer(double lambda, const LassoPoint& from, const vec& constants);

  /// The maximum with the variance guard, or a point on the way to it where an expert is weak: has fewer than so many
  /// rows for each of its slopes.
  LassoPoint solve_guarded(double lambda, const LassoPoint& from, double rows);

  /// The maximum without penalty where no slope but those of the point may be other than zero, as the problem keeps its
  /// support; nothing if an expert collapses or is weak.
  LassoPoint refit(const LassoPoint& from);

  /// A point near that maximum, good enough to tell one from another.
  LassoPoint pilot(double lambda, const LassoPoint& from);

  /// A short run of EM steps, so many of them with given responsibilities, each predictor with the eight columns of
  /// largest score.
  LassoPoint short_run(double lambda, const mat& responsibilities, uword given);

 private:
  /// As if every expert had seen two more rows with the response's variance: penalised experts are many a row.
  Objective guarded() const { return {options_.guard, 1.0, 0.0}; }
  double guard_of(const vec& point, const vec& mass) const;
  double enough() const { return options_.tolerance * problem_.weight(); }
  PenalisedSettings settings() const;

  Statistics statistics_within(Restriction& own, const vec& point, const vec& toll, Responsibility how = {});
  AscentState climb_within(Restriction& own, const Penalty& penalty, Objective objective,
                           const PenalisedSettings& settings, vec& point);
  LassoPoint climb(double lambda, vec from, WorkingSet set, Objective objective, PenalisedSettings settings,
                   const mat* responsibilities = nullptr);
  LassoPoint end_point(const AscentState& end, const Penalty& all, vec point, Statistics at) const;
  LassoPoint climb_guarded(double lambda, const LassoPoint& from, const PenalisedSettings& settings);
  LassoPoint climb_plainly(double lambda, const vec& from, const WorkingSet& set);
  bool stands(const LassoPoint& found) const;

  const LassoProblem& problem_;
  const PathOptions& options_;
  const Context& context_;
  uword passes_ = 0;
};

inline PenalisedSettings LassoAscents::settings() const {
  PenalisedSettings out;
  out.iterations = options_.iterations;
  out.tolerance = options_.tolerance;
  return out;
}

/// Climbs within a working set from a point and back to it.
inline AscentState LassoAscents::climb_within(Restriction& own, const Penalty& penalty, Objective objective,
                                              const PenalisedSettings& settings, vec& point) {
  const Penalty of_set = restricted(penalty, own.parameters);
  PenalisedRule rule(problem_.mixture(), own.layout, objective, of_set, settings);
  AscentState end = ascend(own.layout, rule, settings, point(own.parameters), std::ref(own.fold), context_.deadline);
  passes_ += end.passes;
  if (!end.first()) point(own.parameters) = end.point;
  return end;
}

inline Statistics LassoAscents::statistics_within(Restriction& own, const vec& point, const vec& toll,
                                                  Responsibility how) {
  Statistics at = own.fold(Request{vec(point(own.parameters)), {true, false, false, true}, how, toll})[0];
  ++passes_;
  at.score = problem_.full_score(at);
  return at;
}

inline Statistics LassoAscents::statistics(const vec& point, const mat* responsibilities) {
  Restriction own(problem_, WorkingSet(problem_, point), responsibilities, context_);
  using Rule = Responsibility::Rule;
  return statistics_within(own, point, {}, {responsibilities ? Rule::given : Rule::posterior, 1.0});
}

/// The variance guard over experts that hold a row or more: the variance of an empty one is arbitrary.
inline double LassoAscents::guard_of(const vec& point, const vec& mass) const {
  const Layout& layout = problem_.layout();
  vec held = point;
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p) {
    const Predictor& predictor = layout.predictors[p];
    if (is_log_scale(predictor.unit) && predictor.expert < layout.experts && mass(predictor.expert) < least_held)
      held(layout.offset[p]) = 0.0;
  }
  return guarded().value(layout, held);
}

/// Climbs, and climbs again with those that violate the optimality conditions outside the working set, or, where the
/// penalty's v are held, with those v that belong to where it ended: the fixed point satisfies the conditions with its
/// own.
inline LassoPoint LassoAscents::climb(double lambda, vec from, WorkingSet set, Objective objective,
                                      PenalisedSettings settings, const mat* responsibilities) {
  constexpr int most_rounds = 50;
  const Penalty all = problem_.penalty(lambda);
  const bool strict = settings.rows > 0.0;
  const double tolerance = settings.tolerance * problem_.weight();
  Penalty held;
  if (all.holds()) held = all.holding(statistics(from, responsibilities).gate_mass);
  const Penalty& now = all.holds() ? held : all;
  for (int round = 0; round < most_rounds; ++round) {
    Restriction own(problem_, set, responsibilities, context_);
    const AscentState end = climb_within(own, now, objective, settings, from);
    if (end.first() || end.collapsed) return {};
    settings.given = 0;
    settings.warm = 0;
    responsibilities = nullptr;
    Statistics at = statistics_within(own, from, all.toll(from));
    objective.add(problem_.layout(), from, at);
    hold_pushed(problem_.layout(), from, at);
    const bool poor =
        weak(problem_.layout(), from, at.mass, at.gate_mass, all, strict ? settings.rows : least_rows_a_slope);
    const bool arrived = end.converged && !(strict && poor);
    const SeparablePenalty here = all.at(at.gate_mass);
    if (arrived && set.add_violators(here, at.score, enough())) continue;
    if (arrived && all.holds() && here.violations(from, at.score).max() > tolerance) {
      held = all.holding(at.gate_mass);
      continue;
    }
    LassoPoint out = end_point(end, all, std::move(from), std::move(at));
    out.weak = poor;
    return out;
  }
  return {};
}

/// Where an ascent on a working set ended, seen from all parameters.
inline LassoPoint LassoAscents::end_point(const AscentState& end, const Penalty& all, vec point, Statistics at) const {
  const SeparablePenalty penalty = all.at(at.gate_mass);
  all.recentre(point);
  LassoPoint out;
  static_cast<EndPoint&>(out) = EndPoint(end);
  out.value = at.objective() - penalty.value(point);
  out.rank = at.log_likelihood - penalty.value(point) + (problem_.scaled() ? 0.0 : guard_of(point, at.mass));
  out.log_likelihood = at.log_likelihood;
  out.violation = penalty.violations(point, at.score).max() / problem_.weight();
  out.mass = std::move(at.mass);
  out.gate_mass = std::move(at.gate_mass);
  out.score = std::move(at.score);
  out.point = std::move(point);
  return out;
}

inline LassoPoint LassoAscents::climb_guarded(double lambda, const LassoPoint& from,
                                              const PenalisedSettings& settings) {
  WorkingSet set(problem_, from.point);
  if (!from.score.empty()) set.add_violators(problem_.penalty(lambda).at(from.gate_mass), from.score, enough());
  LassoPoint out = climb(lambda, from.point, set, guarded(), settings);
  out.guarded = true;
  return out;
}

inline LassoPoint LassoAscents::solve_guarded(double lambda, const LassoPoint& from, double rows) {
  PenalisedSettings own = settings();
  own.rows = rows;
  return climb_guarded(lambda, from, own);
}

inline LassoPoint LassoAscents::pilot(double lambda, const LassoPoint& from) {
  PenalisedSettings own = settings();
  own.iterations = most_plain_steps;
  own.tolerance = std::max(options_.tolerance, 0.01 * lambda);
  own.rows = problem_.scaled() ? least_rows_a_slope : 5.0;
  return climb_guarded(lambda, from, own);
}

/// An expert that is about to collapse shows: the ascent does not arrive, or there are too few rows for its slopes.
inline LassoPoint LassoAscents::climb_plainly(double lambda, const vec& from, const WorkingSet& set) {
  constexpr double least_sigma = 1e-3;
  PenalisedSettings own = settings();
  own.smallest_log_scale = std::log(least_sigma);
  if (problem_.layout().experts > 1) {
    own.iterations = std::min(most_plain_steps, own.iterations);
    own.rows = least_rows_a_slope;
  }
  return climb(lambda, from, set, {}, own);
}

/// Once time is up what was found stands as it is.
inline bool LassoAscents::stands(const LassoPoint& found) const {
  const bool any = problem_.layout().experts == 1 || options_.guard == 0.0 || context_.deadline.passed();
  return found.found() && (any || (found.converged && !found.weak));
}

inline LassoPoint LassoAscents::solve(double lambda, const LassoPoint& from, double at) {
  // Sequential strong rule (Tibshirani et al. 2012, JRSS B 74, 245-266), but from far away it would keep nothing out
  constexpr double far = 0.6;
  const double least = std::max(2.0 * lambda - std::max(lambda, at), far * lambda);
  WorkingSet set(problem_, from.point);
  if (!from.score.empty() && least > 0.0)
    set = WorkingSet(problem_, from.point, from.score, problem_.penalty(least).at(from.gate_mass).lasso);
  LassoPoint plain = climb_plainly(lambda, from.point, set);
  if (stands(plain)) return plain;
  if (options_.guard == 0.0) return {};
  const LassoPoint safe = solve_guarded(lambda, from, least_rows_a_slope);
  if (!safe.found() || safe.weak) return {};
  plain = climb_plainly(lambda, safe.point, WorkingSet(problem_, safe.point));
  return stands(plain) ? plain : LassoPoint();
}

inline LassoPoint LassoAscents::solve_with_fewer(double lambda, const LassoPoint& from, const vec& constants) {
  LassoPoint now = from;
  for (uword left = problem_.layout().experts; left > 2; --left) {
    const LassoPoint safe = solve_guarded(lambda, now, least_rows_a_slope);
    if (!safe.found()) return {};
    const vec slopes = slopes_of_experts(problem_.layout(), safe.point);
    const uword emptied = vec(safe.mass / slopes).index_min();
    const uword others = arma::accu(safe.mass >= least_held) - (safe.mass(emptied) >= least_held);
    if (slopes(emptied) == 0.0 || others < 2) return {};
    now = LassoPoint();
    now.point = problem_.emptied(safe.point, emptied, constants);
    LassoPoint out = solve(lambda, now, lambda);
    if (out.found()) return out;
  }
  return {};
}

inline LassoPoint LassoAscents::refit(const LassoPoint& from) {
  if (weak(problem_.layout(), from.point, from.mass, from.gate_mass, problem_.penalty(0.0), least_rows_a_slope))
    return {};
  LassoPoint out = climb_plainly(0.0, from.point, WorkingSet(problem_, from.point));
  out.began = "refit";
  return stands(out) ? out : LassoPoint();
}

inline LassoPoint LassoAscents::short_run(double lambda, const mat& responsibilities, uword given) {
  constexpr uword em_steps = 14, columns = 8;
  const Layout& layout = problem_.layout();
  PenalisedSettings own;
  own.warm = em_steps + given;
  own.iterations = own.warm + 1;
  own.given = given;
  const vec blank(layout.parameters, arma::fill::zeros);
  const Statistics at = statistics(blank, &responsibilities);
  WorkingSet set(problem_, blank);
  for (std::size_t p = 0; p < layout.predictors.size(); ++p) {
    const uvec order = arma::stable_sort_index(vec(arma::abs(at.score(layout.span(p)))), "descend");
    for (uword j = 0; j < std::min(columns, order.n_elem); ++j)
      if (!problem_.leaves_out(layout.offset[p] + order(j))) set.add(layout.offset[p] + order(j));
  }
  return climb(lambda, blank, set, guarded(), own, &responsibilities);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
