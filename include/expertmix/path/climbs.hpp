#pragma once

#include "problem.hpp"

/// How a penalised problem climbs: on working sets, plainly or guarded.
namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// The parameters of a set, in increasing order.
inline uvec LassoProblem::members(const Set& set) {
  std::vector<uword> list;
  for (uword i = 0; i < set.size(); ++i)
    if (set[i]) list.push_back(i);
  return uvec(list);
}

/// Columns that some predictor has in the set, and the layout on them. The first column of every predictor is always
/// in.
inline Layout LassoProblem::restricted(const Set& set, std::vector<uword>& columns) const {
  std::vector<uword> position(design_.columns.count, 0);
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p)
    for (uword j = 0; j < layout_.size(p); ++j)
      if (set[layout_.offset[p] + j]) position[layout_.owned[p][j]] = 1;
  columns = {0};
  for (uword c = 1; c < position.size(); ++c)
    if (position[c]) {
      position[c] = columns.size();
      columns.push_back(c);
    }
  std::vector<std::vector<uword>> owned(layout_.predictors.size());
  for (std::size_t p = 0; p < owned.size(); ++p)
    for (uword j = 0; j < layout_.size(p); ++j)
      if (set[layout_.offset[p] + j]) owned[p].push_back(layout_.owned[p][j] == 0 ? 0 : position[layout_.owned[p][j]]);
  return layout_.owning(std::move(owned));
}

/// The penalty of some parameters (in increasing order).
inline Penalty LassoProblem::restricted(const Penalty& penalty, const uvec& parameters) const {
  Penalty out{penalty.lasso(parameters), penalty.ridge(parameters), {}, {}};
  std::vector<uword> position(layout_.parameters, layout_.parameters), held;
  for (uword i = 0; i < parameters.n_elem; ++i) position[parameters(i)] = i;
  for (uword i : penalty.held)
    if (position[i] < layout_.parameters) held.push_back(position[i]);
  out.held = uvec(held);
  for (const uvec& set : penalty.shifts) {
    uvec own(set.n_elem);
    for (uword i = 0; i < set.n_elem; ++i) own(i) = position[set(i)];
    if (own.max() < layout_.parameters) out.shifts.push_back(own);
  }
  return out;
}

inline LassoProblem::Set LassoProblem::working_set(const vec& point, const vec& score, const vec& threshold) const {
  Set set(layout_.parameters, 0);
  for (uword i = 0; i < set.size(); ++i)
    set[i] = point(i) != 0.0 || factor_(i) == 0.0 || (!score.empty() && std::abs(score(i)) >= threshold(i));
  for (uword i = 0; i < set.size(); ++i)
    if (left_out_[i]) set[i] = 0;
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p) set[layout_.offset[p]] = 1;
  return set;
}

/// Adds the parameters outside the set that violate the conditions most, at most as many as are in it.
inline bool LassoProblem::add_violators(const Penalty& penalty, const vec& score, Set& set) const {
  std::vector<uword> list;
  const auto excess = [&](uword i) { return std::abs(score(i)) - penalty.lasso(i); };
  for (uword i = 0; i < set.size(); ++i)
    if (!set[i] && excess(i) > options_.tolerance * weight_) list.push_back(i);
  const uword most = std::max<uword>(20, std::count(set.begin(), set.end(), 1));
  std::stable_sort(list.begin(), list.end(), [&](uword a, uword b) { return excess(a) > excess(b); });
  if (list.size() > most) list.resize(most);
  for (uword i : list) set[i] = 1;
  return !list.empty();
}

struct LassoProblem::Restriction {
  Restriction(const LassoProblem& problem, const Set& set, const mat* responsibilities)
      : parameters(members(set)),
        layout(problem.restricted(set, columns)),
        rows(problem.rows_with(responsibilities)),
        source(rows, problem.rows_.rows(), *problem.design_.values, columns),
        fold(source, problem.mixture_, layout, problem.context_) {}

  uvec parameters;
  std::vector<uword> columns;
  Layout layout;
  Memory rows;
  Selection source;
  Fold fold;
};

/// Climbs within a working set from a point and back to it.
inline LassoState LassoProblem::climb_within(Restriction& own, const Penalty& penalty, Objective objective,
                                             const LassoSettings& settings, vec& point) {
  const Penalty of_set = restricted(penalty, own.parameters);
  LassoClimb climb(mixture_, own.layout, objective, of_set, settings);
  climb.start(point(own.parameters));
  run(
      climb, [&own](const Request& request) { return own.fold(request); }, context_.deadline);
  passes_ += climb.state.passes;
  if (!climb.state.point.empty()) point(own.parameters) = climb.state.point;
  return std::move(climb.state);
}

inline Statistics LassoProblem::statistics_within(Restriction& own, const vec& point, Responsibility how) {
  Statistics at = own.fold(Request{vec(point(own.parameters)), {true, false, false, true}, how})[0];
  ++passes_;
  at.score = full_score(at);
  return at;
}

inline Statistics LassoProblem::statistics(const vec& point, const mat* responsibilities) {
  Restriction own(*this, working_set(point, {}, {}), responsibilities);
  using Rule = Responsibility::Rule;
  return statistics_within(own, point, {responsibilities ? Rule::given : Rule::posterior, 1.0});
}

inline double LassoProblem::largest_lambda(const vec& score) const {
  double out = 0.0;
  for (uword i = 0; i < score.n_elem; ++i)
    if (factor_(i) > 0.0) out = std::max(out, std::abs(score(i)) / (weight_ * factor_(i)));
  return out;
}

/// The variance guard over experts that hold a row or more: the variance of an empty one is arbitrary.
inline double LassoProblem::guard_of(const vec& point, const vec& mass) const {
  vec held = point;
  for (std::size_t p = layout_.gate_predictors; p < layout_.predictors.size(); ++p) {
    const Predictor& predictor = layout_.predictors[p];
    if (predictor.unit == Unit::log_response && predictor.expert < layout_.experts && mass(predictor.expert) < 1.0)
      held(layout_.offset[p]) = 0.0;
  }
  return guarded().value(layout_, held);
}

/// Climbs, and climbs again with those that violate the optimality conditions outside the working set.
inline LassoPoint LassoProblem::climb(double lambda, vec from, Set set, Objective objective, LassoSettings settings,
                                      const mat* responsibilities) {
  const Penalty all = penalty(lambda);
  LassoPoint out;
  for (int round = 0; round < 50; ++round) {
    Restriction own(*this, set, responsibilities);
    const LassoState end = climb_within(own, all, objective, settings, from);
    if (end.point.empty() || end.collapsed) return out;
    settings.given = 0;
    settings.warm = 0;
    responsibilities = nullptr;
    Statistics at = statistics_within(own, from);
    objective.add(layout_, from, at);
    out.weak = weak(layout_, from, at.mass, settings.rows > 0.0 ? settings.rows : 3.0);
    if (end.converged && !(settings.rows > 0.0 && out.weak) && add_violators(all, at.score, set)) continue;
    all.recentre(from);
    out.value = at.log_likelihood - all.value(from);
    out.rank = out.value - objective.value(layout_, from) + guard_of(from, at.mass);
    out.violation = all.violations(from, at.score).max() / weight_;
    out.log_likelihood = at.log_likelihood - objective.value(layout_, from);
    out.mass = at.mass;
    out.gate_mass = at.gate_mass;
    out.point = std::move(from);
    out.score = std::move(at.score);
    out.converged = end.converged;
    out.iterations = end.iterations;
    out.status = end.status;
    break;
  }
  return out;
}

inline LassoPoint LassoProblem::climb_guarded(double lambda, const LassoPoint& from, const LassoSettings& settings) {
  Set set = working_set(from.point, {}, {});
  if (!from.score.empty()) add_violators(penalty(lambda), from.score, set);
  LassoPoint out = climb(lambda, from.point, set, guarded(), settings);
  out.guarded = true;
  return out;
}

inline LassoPoint LassoProblem::solve_guarded(double lambda, const LassoPoint& from, double rows) {
  LassoSettings settings;
  settings.iterations = options_.iterations;
  settings.tolerance = options_.tolerance;
  settings.rows = rows;
  return climb_guarded(lambda, from, settings);
}

inline LassoPoint LassoProblem::pilot(double lambda, const LassoPoint& from) {
  LassoSettings settings;
  settings.iterations = 60;
  settings.tolerance = std::max(options_.tolerance, 0.01 * lambda);
  settings.rows = 5.0;
  return climb_guarded(lambda, from, settings);
}

/// An expert that is about to collapse shows: a climb that does not arrive in sixty steps, or fewer than three rows
/// for each of an expert's slopes.
inline LassoPoint LassoProblem::solve_plainly(double lambda, const vec& from, const Set& set) {
  LassoSettings settings;
  settings.iterations = options_.iterations;
  settings.tolerance = options_.tolerance;
  settings.smallest_log_scale = std::log(1e-3);
  if (layout_.experts > 1) {
    settings.iterations = std::min<uword>(60, settings.iterations);
    settings.rows = 3.0;
  }
  return climb(lambda, from, set, {}, settings);
}

/// Once time is up what was found stands as it is.
inline bool LassoProblem::stands(const LassoPoint& found) const {
  const bool any = layout_.experts == 1 || options_.guard == 0.0 || context_.deadline.passed();
  return found.found() && (any || (found.converged && !found.weak));
}

inline LassoPoint LassoProblem::solve(double lambda, const LassoPoint& from, double at) {
  // Sequential strong rule (Tibshirani et al. 2012, JRSS B 74, 245-266)
  const vec threshold = weight_ * (2.0 * lambda - std::max(lambda, at)) * factor_;
  LassoPoint plain = solve_plainly(lambda, from.point, working_set(from.point, from.score, threshold));
  if (stands(plain)) return plain;
  if (options_.guard == 0.0) return {};
  const LassoPoint safe = solve_guarded(lambda, from, 3.0);
  if (!safe.found() || safe.weak) return {};
  plain = solve_plainly(lambda, safe.point, working_set(safe.point, {}, {}));
  return stands(plain) ? plain : LassoPoint();
}

inline LassoPoint LassoProblem::short_run(double lambda, const mat& responsibilities, uword given) {
  LassoSettings settings;
  settings.warm = settings.iterations = 14 + given;
  settings.given = given;
  const vec blank(layout_.parameters, arma::fill::zeros);
  const Statistics at = statistics(blank, &responsibilities);
  Set set = working_set(blank, {}, {});
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p) {
    const vec size = arma::abs(at.score(layout_.span(p)));
    const uvec order = arma::stable_sort_index(size, "descend");
    for (uword j = 0; j < std::min<uword>(8, order.n_elem); ++j) set[layout_.offset[p] + order(j)] = 1;
  }
  return climb(lambda, blank, set, guarded(), settings, &responsibilities);
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
