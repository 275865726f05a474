#pragma once

#include <cmath>

#include "../lasso.hpp"
#include "../solver/lasso_climb.hpp"
#include "../solver/run.hpp"
#include "../source/fold.hpp"
#include "../source/selection.hpp"

namespace expertmix {

namespace detail {

/// Where a penalised climb ended, in the parameters of the full layout.
struct LassoPoint {
  vec point, score;
  Objective objective;
  LassoState end;                    ///< without its vectors
  double value = -arma::datum::inf;  ///< the penalised objective
  double rank = -arma::datum::inf;   ///< the same less the variance guard
  double violation = arma::datum::inf;
  vec mass, gate_mass;
  double log_likelihood = -arma::datum::inf;
  bool guarded = false;
  bool weak = false;  ///< an expert has fewer than three rows for each of its slopes
  std::string origin;

  bool found() const { return !point.empty(); }
  bool better_than(const LassoPoint& other) const {
    if (found() != other.found()) return found();
    if (guarded != other.guarded) return !guarded;
    return weak != other.weak ? !weak : rank > other.rank;
  }
  bool same_as(const LassoPoint& other) const {
    return found() && other.found() && std::abs(value - other.value) < 1e-9 * std::abs(value);
  }
};

/// The penalised likelihood of one data set: any lambda, any starting point. Climbs run on a working set of parameters,
/// which grows until no parameter outside violates the optimality conditions.
class LassoProblem {
 public:
  LassoProblem(const Data& rows, const WideDesign& design, const Mixture& mixture, const Lasso& lasso,
               const PathOptions& options, const Context& context);

  const Layout& layout() const { return layout_; }
  const Mixture& mixture() const { return mixture_; }
  double weight() const { return weight_; }
  uword passes() const { return passes_; }

  /// The parameters of coefficients on the user's scale.
  vec recoded(const Coefficients& user) const;

  /// Parameters that are identified but for a common shift, the first one held at zero.
  const std::vector<uvec>& intercepts() const { return intercepts_; }

  /// Leaves out the slopes that are zero at a point.
  void keep_support(const vec& point) {
    for (uword i = 0; i < factor_.n_elem; ++i) left_out_[i] = factor_(i) > 0.0 && point(i) == 0.0;
  }

  /// n lambda times a parameter's factor.
  Penalty penalty(double lambda) const;

  /// Parameters that are free, and penalised ones that are not zero.
  double degrees(const vec& point) const {
    return arma::accu(factor_ == 0.0 || point != 0.0) - static_cast<double>(held_.n_elem);
  }

  /// The score of all parameters, with the posterior's or with given responsibilities.
  Statistics statistics(const vec& point, const mat* responsibilities = nullptr);

  /// The smallest lambda that keeps every slope zero where they are.
  double largest_lambda(const vec& score) const;

  /// The maximum from where a climb ended, at the lambda `at` or without a score; with the variance guard only if an
  /// expert collapses without; nothing if one is weak even so.
  LassoPoint solve(double lambda, const LassoPoint& from, double at);

  /// The maximum with the variance guard, or, unless `weakly`, a point with a weak expert on the way to it.
  LassoPoint solve_guarded(double lambda, const vec& from, uword iterations, bool weakly);

  /// A short run of EM steps from given responsibilities, each predictor with the eight columns of largest score.
  LassoPoint short_run(double lambda, const mat& responsibilities, uword steps);

 private:
  using Set = std::vector<char>;

  LassoPoint climb(double lambda, vec from, Set set, Objective objective, LassoSettings settings,
                   const mat* responsibilities = nullptr, bool weakly = true);
  bool weak(const vec& point, const vec& mass) const;
  LassoPoint solve_plainly(double lambda, const vec& from, const Set& set);
  LassoState climb_within(const Set& set, const Penalty& penalty, Objective objective, const LassoSettings& settings,
                          const mat* responsibilities, vec& point);
  bool add_violators(const Penalty& penalty, const vec& score, Set& set) const;
  Set working_set(const vec& point, const vec& score, const vec& threshold) const;
  Layout restricted(const Set& set, std::vector<uword>& columns) const;
  Penalty restricted(const Penalty& penalty, const uvec& parameters) const;
  vec full_score(const Statistics& at) const;
  Memory rows_with(const mat* responsibilities) const;
  /// As if every expert had seen two more rows with the response's variance: penalised experts are many a row.
  Objective guarded() const { return {options_.guard, 1.0, 0.0}; }
  void find_shifts();

  const Data& rows_;
  const WideDesign& design_;
  const Mixture& mixture_;
  const Lasso& lasso_;
  const PathOptions& options_;
  const Context& context_;
  Layout layout_;
  vec factor_;  ///< of each parameter in the penalty; 0 where it is free
  vec ridge_;
  uvec held_;
  std::vector<uvec> shifts_, intercepts_;
  std::vector<char> left_out_;
  double weight_ = 0.0;
  uword passes_ = 0;
};

inline LassoProblem::LassoProblem(const Data& rows, const WideDesign& design, const Mixture& mixture,
                                  const Lasso& lasso, const PathOptions& options, const Context& context)
    : rows_(rows),
      design_(design),
      mixture_(mixture),
      lasso_(lasso),
      options_(options),
      context_(context),
      layout_(mixture.layout(design.columns, false)),
      factor_(layout_.parameters, arma::fill::zeros),
      ridge_(layout_.parameters, arma::fill::zeros) {
  for (uword i = 0; i < rows.rows(); ++i) weight_ += rows.row_weight(i);
  std::vector<uword> all(layout_.columns.experts.size());
  std::iota(all.begin(), all.end(), uword{0});
  const double unit = lasso.response_unit ? design.scaling.response_scale : 1.0;
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p) {
    const bool gate = p < layout_.gate_predictors;
    if (layout_.predictors[p].design == Design::constant) continue;
    const vec& factors = gate ? lasso.gate_factors : lasso.expert_factors;
    const std::vector<uword> rows = gate ? layout_.columns.rows_of(layout_.predictors[p].design) : all;
    for (uword j = 0; j < layout_.size(p); ++j) {
      const uword column = layout_.owned[p][j], i = layout_.offset[p] + j;
      if (column == 0) continue;
      const double scale = design.scaling.scale[column], size = lasso.standardize ? design.deviation[column] : 1.0;
      const double factor = factors.empty() ? 1.0 : factors(rows[j]);
      factor_(i) = factor * (size / scale) * (gate ? lasso.gate : lasso.experts * unit);
      if (gate) ridge_(i) = lasso.ridge * std::pow(size / scale, 2);
    }
  }
  left_out_.assign(layout_.parameters, 0);
  find_shifts();
}

/// Predictors of the gate that have no reference, and classes of an expert likewise: their intercepts' first is held at
/// zero, their slopes may be shifted (where a ridge does not say how far).
inline void LassoProblem::find_shifts() {
  std::vector<uword> held;
  const auto alike = [&](std::size_t first, std::size_t count) {
    for (uword j = 0; j < layout_.size(first); ++j) {
      uvec set(count);
      for (std::size_t p = 0; p < count; ++p) set(p) = layout_.offset[first + p] + j;
      if (layout_.owned[first][j] == 0) held.push_back(set(0)), intercepts_.push_back(set);
      if (layout_.owned[first][j] != 0 && ridge_(set(0)) == 0.0) shifts_.push_back(set);
    }
  };
  for (const GateGroup& group : layout_.gate_groups)
    if (mixture_.gate->symmetric(mixture_.experts)) alike(group.first, group.count);
  const std::size_t classes = (layout_.predictors.size() - layout_.gate_predictors) / layout_.experts;
  if (layout_.outcomes > 1 && classes == layout_.outcomes)
    for (std::size_t p = layout_.gate_predictors; p < layout_.predictors.size(); p += classes) alike(p, classes);
  held_ = uvec(held);
}

inline vec LassoProblem::recoded(const Coefficients& user) const {
  const KeptColumns all = KeptColumns::all(design_.gate_columns, design_.expert_columns);
  vec out = ParameterMap(layout_, design_.scaling).to_recoded(parameters_of(layout_, all, user));
  for (const uvec& set : intercepts_) out(set) -= out(set(0));
  return out;
}

inline Penalty LassoProblem::penalty(double lambda) const {
  return {weight_ * lambda * factor_, weight_ * ridge_, held_, shifts_};
}

inline Memory LassoProblem::rows_with(const mat* responsibilities) const {
  Scaling scaling = Scaling::identity(1);
  scaling.response_centre = design_.scaling.response_centre, scaling.response_scale = design_.scaling.response_scale;
  return Memory(rows_, {}, scaling, responsibilities);
}

/// The score of every parameter from the columns beside the blocks.
inline vec LassoProblem::full_score(const Statistics& at) const {
  vec out(layout_.parameters);
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p)
    for (uword j = 0; j < layout_.size(p); ++j) out(layout_.offset[p] + j) = at.beside(layout_.owned[p][j], p);
  out(held_).zeros();
  for (uword i = 0; i < out.n_elem; ++i)
    if (left_out_[i]) out(i) = 0.0;
  return out;
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
    if (position[c]) position[c] = columns.size(), columns.push_back(c);
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

/// Climbs within a working set from a point and back to it.
inline LassoState LassoProblem::climb_within(const Set& set, const Penalty& penalty, Objective objective,
                                             const LassoSettings& settings, const mat* responsibilities, vec& point) {
  std::vector<uword> columns, list;
  for (uword i = 0; i < set.size(); ++i)
    if (set[i]) list.push_back(i);
  const uvec parameters(list);
  const Layout layout = restricted(set, columns);
  const Penalty own = restricted(penalty, parameters);
  const Memory rows = rows_with(responsibilities);
  const Selection source(rows, rows_.rows(), *design_.values, columns);
  Fold fold(source, mixture_, layout, context_);
  LassoClimb climb(mixture_, layout, objective, own, settings);
  climb.start(point(parameters));
  run(climb, [&fold](const Request& request) { return fold(request); });
  passes_ += climb.state.passes;
  if (!climb.state.point.empty()) point(parameters) = climb.state.point;
  return climb.state;
}

inline Statistics LassoProblem::statistics(const vec& point, const mat* responsibilities) {
  std::vector<uword> columns, list;
  const Set set = working_set(point, {}, {});
  for (uword i = 0; i < set.size(); ++i)
    if (set[i]) list.push_back(i);
  const Layout layout = restricted(set, columns);
  const Memory rows = rows_with(responsibilities);
  const Selection source(rows, rows_.rows(), *design_.values, columns);
  Request request{vec(point(uvec(list))), {true, false, false, true}, {}};
  if (responsibilities) request.responsibility = {Responsibility::Rule::given, 1.0};
  Statistics at = Fold(source, mixture_, layout, context_)(request)[0];
  ++passes_;
  at.score = full_score(at);
  return at;
}

inline double LassoProblem::largest_lambda(const vec& score) const {
  double out = 0.0;
  for (uword i = 0; i < score.n_elem; ++i)
    if (factor_(i) > 0.0) out = std::max(out, std::abs(score(i)) / (weight_ * factor_(i)));
  return out;
}

inline bool LassoProblem::weak(const vec& point, const vec& mass) const {
  vec slopes(layout_.experts, arma::fill::zeros);
  for (std::size_t p = layout_.gate_predictors; p < layout_.predictors.size(); ++p)
    for (uword j = 0; j < layout_.size(p) && layout_.predictors[p].expert < layout_.experts; ++j)
      slopes(layout_.predictors[p].expert) += point(layout_.offset[p] + j) != 0.0 && layout_.owned[p][j] != 0;
  return layout_.experts > 1 && arma::any(mass < 3.0 * slopes);
}

/// Climbs, and climbs again with those that violate the optimality conditions outside the working set.
inline LassoPoint LassoProblem::climb(double lambda, vec from, Set set, Objective objective, LassoSettings settings,
                                      const mat* responsibilities, bool weakly) {
  const Penalty all = penalty(lambda);
  LassoPoint out;
  out.objective = objective;
  for (int round = 0; round < 50; ++round) {
    LassoState end = climb_within(set, all, objective, settings, responsibilities, from);
    if (end.point.empty() || end.collapsed) return out.end = std::move(end), out;
    settings.given = false, settings.warm = 0, responsibilities = nullptr;
    Statistics at = statistics(from);
    objective.add(layout_, from, at);
    out.weak = weak(from, at.mass);
    const bool again = end.converged && (weakly || !out.weak) && add_violators(all, at.score, set);
    if (again) continue;
    all.recentre(from);
    out.value = at.log_likelihood - all.value(from);
    out.rank = out.value - objective.value(layout_, from) + guarded().value(layout_, from);
    out.violation = all.violations(from, at.score).max() / weight_;
    out.log_likelihood = at.log_likelihood - objective.value(layout_, from);
    out.mass = at.mass, out.gate_mass = at.gate_mass;
    out.point = std::move(from), out.score = std::move(at.score);
    out.end = std::move(end);
    break;
  }
  return out;
}

inline LassoPoint LassoProblem::solve_guarded(double lambda, const vec& from, uword iterations, bool weakly) {
  LassoSettings settings;
  settings.iterations = iterations, settings.tolerance = options_.tolerance;
  LassoPoint out = climb(lambda, from, working_set(from, {}, {}), guarded(), settings, nullptr, weakly);
  out.guarded = true;
  return out;
}

/// An expert that is about to collapse shows: a climb that does not arrive in forty steps, or fewer than three rows for
/// each of an expert's slopes.
inline LassoPoint LassoProblem::solve_plainly(double lambda, const vec& from, const Set& set) {
  LassoSettings settings;
  settings.iterations = options_.iterations, settings.tolerance = options_.tolerance;
  if (layout_.experts > 1) settings.iterations = std::min<uword>(40, settings.iterations);
  settings.smallest_log_sigma = std::log(1e-3);
  return climb(lambda, from, set, {}, settings, nullptr, layout_.experts == 1);
}

inline LassoPoint LassoProblem::solve(double lambda, const LassoPoint& from, double at) {
  // Sequential strong rule (Tibshirani et al. 2012, JRSS B 74, 245-266)
  const vec threshold = weight_ * (2.0 * lambda - std::max(lambda, at)) * factor_;
  const Set set = working_set(from.point, from.score, threshold);
  const auto stands = [&](const LassoPoint& found) {
    return found.found() && (layout_.experts == 1 || options_.guard == 0.0 || (found.end.converged && !found.weak));
  };
  if (!from.guarded || options_.guard == 0.0) {
    LassoPoint plain = solve_plainly(lambda, from.point, set);
    if (stands(plain)) return plain;
  }
  if (options_.guard == 0.0) return {};
  LassoPoint safe = solve_guarded(lambda, from.point, options_.iterations, false);
  if (!safe.found() || safe.weak) return {};
  LassoPoint plain = solve_plainly(lambda, safe.point, working_set(safe.point, {}, {}));
  return stands(plain) ? plain : safe;
}

inline LassoPoint LassoProblem::short_run(double lambda, const mat& responsibilities, uword steps) {
  LassoSettings settings;
  settings.warm = steps, settings.iterations = steps, settings.given = true;
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

}  // namespace expertmix
