#pragma once

#include <cmath>

#include "../path.hpp"
#include "../solver/lasso_climb.hpp"
#include "../solver/run.hpp"
#include "../source/fold.hpp"
#include "../source/selection.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Where a penalised climb ended, in the parameters of the full layout.
struct LassoPoint {
  vec point, score;
  double value = -arma::datum::inf;  ///< the penalised objective
  double rank = -arma::datum::inf;   ///< the same less the variance guard
  double violation = arma::datum::inf;
  vec mass, gate_mass;
  double log_likelihood = -arma::datum::inf;
  bool converged = false;
  uword iterations = 0;  ///< of the last climb
  std::string status;
  bool guarded = false;
  bool weak = false;  ///< an expert has fewer than three rows, or as many as asked for, for each of its slopes
  std::string origin;
  uword branch = 0;  ///< fits that were climbed from one another share it

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
  LassoProblem(const RowData& rows, const WideDesign& design, const Mixture& mixture, const Lasso& lasso,
               const PathOptions& options, const Context& context);

  const Layout& layout() const { return layout_; }
  const Mixture& mixture() const { return mixture_; }
  double weight() const { return weight_; }
  double guard() const { return options_.guard; }
  uword passes() const { return passes_; }

  /// The parameters of coefficients on the user's scale.
  vec recoded(const Coefficients& user) const;

  /// Parameters that are identified but for a common shift, the first one held at zero.
  const std::vector<uvec>& intercepts() const { return intercepts_; }

  /// Whether a common shift of a covariate's slopes in all experts' gates, in all classes, is the same density and
  /// penalty.
  bool shifts_gate() const { return mixture_.gate->symmetric(mixture_.experts) && arma::all(ridge_ == 0.0); }
  bool shifts_classes() const {
    return layout_.outcomes.count > 1 && layout_.means_of(0).size() == layout_.outcomes.count;
  }

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

  /// Slopes of gate and experts, penalised or not.
  const uvec& slopes() const { return slopes_; }
  uword penalised_slopes(const vec& point) const { return arma::accu(factor_ > 0.0 && point != 0.0); }

  /// How many of them the likelihood tells apart.
  double identified_slopes() const { return static_cast<double>(slopes_.n_elem) - static_cast<double>(shifts_.size()); }

  /// The score of all parameters, with the posterior's or with given responsibilities.
  Statistics statistics(const vec& point, const mat* responsibilities = nullptr);

  /// The smallest lambda that keeps every slope zero where they are.
  double largest_lambda(const vec& score) const;

  /// The maximum from where a climb ended, at the lambda `at` or without a score, if need be by way of the maximum with
  /// the variance guard; nothing if an expert collapses or is weak even so.
  LassoPoint solve(double lambda, const LassoPoint& from, double at);

  /// The maximum with the variance guard, or a point on the way to it where an expert is weak: has fewer than so many
  /// rows for each of its slopes.
  LassoPoint solve_guarded(double lambda, const LassoPoint& from, double rows);

  /// A point near that maximum, good enough to tell one from another.
  LassoPoint pilot(double lambda, const LassoPoint& from);

  /// A short run of EM steps, so many of them with given responsibilities, each predictor with the eight columns of
  /// largest score.
  LassoPoint short_run(double lambda, const mat& responsibilities, uword given);

 private:
  using Set = std::vector<char>;

  /// What climbs and passes need of a working set.
  struct Restriction;

  LassoPoint climb(double lambda, vec from, Set set, Objective objective, LassoSettings settings,
                   const mat* responsibilities = nullptr);
  LassoPoint climb_guarded(double lambda, const LassoPoint& from, const LassoSettings& settings);
  double guard_of(const vec& point, const vec& mass) const;
  LassoPoint solve_plainly(double lambda, const vec& from, const Set& set);
  bool stands(const LassoPoint& found) const;
  LassoState climb_within(Restriction& own, const Penalty& penalty, Objective objective, const LassoSettings& settings,
                          vec& point);
  Statistics statistics_within(Restriction& own, const vec& point, Responsibility how = {});
  bool add_violators(const Penalty& penalty, const vec& score, Set& set) const;
  Set working_set(const vec& point, const vec& score, const vec& threshold) const;
  static uvec members(const Set& set);
  Layout restricted(const Set& set, std::vector<uword>& columns) const;
  Penalty restricted(const Penalty& penalty, const uvec& parameters) const;
  vec full_score(const Statistics& at) const;
  Memory rows_with(const mat* responsibilities) const;
  /// As if every expert had seen two more rows with the response's variance: penalised experts are many a row.
  Objective guarded() const { return {options_.guard, 1.0, 0.0}; }
  void find_shifts();

  const RowData& rows_;
  const WideDesign& design_;
  const Mixture& mixture_;
  const PathOptions& options_;
  const Context& context_;
  Layout layout_;
  vec factor_;  ///< of each parameter in the penalty; 0 where it is free
  vec ridge_;
  uvec slopes_, held_;
  std::vector<uvec> shifts_, intercepts_;
  std::vector<char> left_out_;
  double weight_ = 0.0;
  uword passes_ = 0;
};

inline LassoProblem::LassoProblem(const RowData& rows, const WideDesign& design, const Mixture& mixture,
                                  const Lasso& lasso, const PathOptions& options, const Context& context)
    : rows_(rows),
      design_(design),
      mixture_(mixture),
      options_(options),
      context_(context),
      layout_(mixture.layout(design.columns, false)),
      factor_(layout_.parameters, arma::fill::zeros),
      ridge_(layout_.parameters, arma::fill::zeros) {
  for (uword i = 0; i < rows.rows(); ++i) weight_ += rows.row_weight(i) / design.scaling.weight_unit;
  std::vector<uword> slopes, all(layout_.columns.experts.size());
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
      slopes.push_back(i);
      const double scale = design.scaling.scale[column], size = lasso.standardize ? design.deviation[column] : 1.0;
      const double factor = factors.empty() ? 1.0 : factors(rows[j]);
      factor_(i) = factor * (size / scale) * (gate ? lasso.gate : lasso.experts * unit);
      if (gate) ridge_(i) = lasso.ridge * std::pow(size / scale, 2);
    }
  }
  slopes_ = uvec(slopes);
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
      if (layout_.owned[first][j] == 0) {
        held.push_back(set(0));
        intercepts_.push_back(set);
      }
      if (layout_.owned[first][j] != 0 && ridge_(set(0)) == 0.0) shifts_.push_back(set);
    }
  };
  for (const GateGroup& group : layout_.gate_groups)
    if (mixture_.gate->symmetric(mixture_.experts)) alike(group.first, group.count);
  for (uword k = 0; k < layout_.experts && shifts_classes(); ++k)
    alike(layout_.means_of(k).front(), layout_.outcomes.count);
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
  scaling.response_centre = design_.scaling.response_centre;
  scaling.response_scale = design_.scaling.response_scale;
  scaling.weight_unit = design_.scaling.weight_unit;
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

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#include "climbs.hpp"
