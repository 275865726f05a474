#pragma once

#include <cmath>
#include <numeric>
#include <vector>

#include "../path.hpp"
#include "../solver/penalty.hpp"
#include "../source/memory.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// The penalised likelihood of one data set, for any lambda: what is penalised by how much, what may be shifted.
class LassoProblem {
 public:
  LassoProblem(const RowData& rows, const WideDesign& design, const Mixture& mixture, const Lasso& lasso);

  const Layout& layout() const { return layout_; }
  const Mixture& mixture() const { return mixture_; }
  const WideDesign& design() const { return design_; }
  double weight() const { return weight_; }
  uword count() const { return rows_.rows(); }

  /// The recoded rows, with responsibilities or without.
  Memory rows(const mat* responsibilities) const;

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
  bool leaves_out(uword parameter) const { return left_out_[parameter] != 0; }

  /// n lambda times a parameter's factor.
  Penalty penalty(double lambda) const;
  const vec& factor() const { return factor_; }

  /// Parameters that are free, and penalised ones that are not zero.
  double degrees(const vec& point) const {
    return arma::accu(factor_ == 0.0 || point != 0.0) - static_cast<double>(held_.n_elem);
  }

  /// Slopes of gate and experts, penalised or not.
  const uvec& slopes() const { return slopes_; }
  uword penalised_slopes(const vec& point) const { return arma::accu(factor_ > 0.0 && point != 0.0); }

  /// How many of them the likelihood tells apart.
  double identified_slopes() const { return static_cast<double>(slopes_.n_elem) - static_cast<double>(shifts_.size()); }

  /// The score of every parameter from the columns beside the blocks.
  vec full_score(const Statistics& at) const;

  /// The smallest lambda that keeps every slope zero where they are.
  double largest_lambda(const vec& score) const;

 private:
  void find_factors(const Lasso& lasso);
  void find_shifts();

  const RowData& rows_;
  const WideDesign& design_;
  const Mixture& mixture_;
  Layout layout_;
  vec factor_;  ///< of each parameter in the penalty; 0 where it is free
  vec ridge_;
  uvec slopes_, held_;
  std::vector<uvec> shifts_, intercepts_;
  std::vector<char> left_out_;
  double weight_ = 0.0;
};

inline LassoProblem::LassoProblem(const RowData& rows, const WideDesign& design, const Mixture& mixture,
                                  const Lasso& lasso)
    : rows_(rows),
      design_(design),
      mixture_(mixture),
      layout_(mixture.layout(design.columns, false)),
      factor_(layout_.parameters, arma::fill::zeros),
      ridge_(layout_.parameters, arma::fill::zeros),
      left_out_(layout_.parameters, 0) {
  for (uword i = 0; i < rows.rows(); ++i) weight_ += rows.row_weight(i) / design.scaling.weight_unit;
  find_factors(lasso);
  find_shifts();
}

/// Slopes of columns in the layout's scale, penalised in units of the column's standard deviation or as they are.
inline void LassoProblem::find_factors(const Lasso& lasso) {
  std::vector<uword> slopes, all(layout_.columns.experts.size());
  std::iota(all.begin(), all.end(), uword{0});
  const double unit = lasso.response_unit ? design_.scaling.response_scale : 1.0;
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p) {
    const bool gate = p < layout_.gate_predictors;
    if (layout_.predictors[p].design == Design::constant) continue;
    const vec& factors = gate ? lasso.gate_factors : lasso.expert_factors;
    const std::vector<uword> rows = gate ? layout_.columns.rows_of(layout_.predictors[p].design) : all;
    for (uword j = 0; j < layout_.size(p); ++j) {
      const uword column = layout_.owned[p][j], i = layout_.offset[p] + j;
      if (column == 0) continue;
      slopes.push_back(i);
      const double size = (lasso.standardize ? design_.deviation[column] : 1.0) / design_.scaling.scale[column];
      factor_(i) = (factors.empty() ? 1.0 : factors(rows[j])) * size * (gate ? lasso.gate : lasso.experts * unit);
      if (gate) ridge_(i) = lasso.ridge * std::pow(size, 2);
    }
  }
  slopes_ = uvec(slopes);
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

inline Memory LassoProblem::rows(const mat* responsibilities) const {
  Scaling scaling = Scaling::identity(1);
  scaling.response_centre = design_.scaling.response_centre;
  scaling.response_scale = design_.scaling.response_scale;
  scaling.weight_unit = design_.scaling.weight_unit;
  return Memory(rows_, {}, scaling, responsibilities);
}

inline vec LassoProblem::full_score(const Statistics& at) const {
  vec out(layout_.parameters);
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p)
    for (uword j = 0; j < layout_.size(p); ++j) out(layout_.offset[p] + j) = at.beside(layout_.owned[p][j], p);
  out(held_).zeros();
  for (uword i = 0; i < out.n_elem; ++i)
    if (left_out_[i]) out(i) = 0.0;
  return out;
}

inline double LassoProblem::largest_lambda(const vec& score) const {
  double out = 0.0;
  for (uword i = 0; i < score.n_elem; ++i)
    if (factor_(i) > 0.0) out = std::max(out, std::abs(score(i)) / (weight_ * factor_(i)));
  return out;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
