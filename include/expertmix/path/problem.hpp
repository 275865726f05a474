#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../path.hpp"
#include "../solver/penalty.hpp"
#include "../source/memory.hpp"
#include "factors.hpp"
#include "shifts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The penalised likelihood of one data set, for any lambda.
class LassoProblem {
 public:
  /// `shown`: the mixture whose coefficients users see.
  LassoProblem(const RowData& rows, const WideDesign& design, const Mixture& shown, const Mixture& mixture,
               const Lasso& lasso);

  const Layout& layout() const { return layout_; }
  const Layout& shown_layout() const { return shown_layout_; }
  bool scaled() const { return scaled_; }
  const Mixture& mixture() const { return mixture_; }
  const WideDesign& design() const { return design_; }
  double weight() const { return weight_; }
  uword count() const { return rows_.rows(); }

  /// The recoded rows, with responsibilities or without.
  Memory rows(const mat* responsibilities) const;

  /// The parameters of coefficients on the user's scale.
  vec recoded(const Coefficients& user) const;

  /// Parameters of plain experts in the units of a scaled penalty, phi_k = b_k / sigma_k, and back.
  vec scaled(vec plain) const { return in_units(std::move(plain), -1.0); }
  vec plain(vec scaled) const { return in_units(std::move(scaled), 1.0); }

  /// A point one of whose experts has the constants of another point, and next to no rows.
  vec emptied(vec point, uword expert, const vec& constants) const;

  /// What may be shifted together.
  const Shifts& shifts() const { return shifts_; }

  /// Leaves out the slopes that are zero at a point.
  void keep_support(const vec& point) {
    for (uword i = 0; i < factor().n_elem; ++i)
      left_out_[i] = factors_.left_out[i] || (factor()(i) > 0.0 && point(i) == 0.0);
  }
  void keep_all() { left_out_ = factors_.left_out; }
  bool leaves_out(uword parameter) const { return left_out_[parameter] != 0; }

  /// n lambda times a parameter's factor.
  Penalty penalty(double lambda) const;
  const vec& factor() const { return factors_.lasso; }

  /// Parameters that are free, and penalised ones that are not zero, as far as the density identifies them.
  double degrees(const vec& point) const {
    const uword free = arma::accu(factor() == 0.0 || point != 0.0);
    return static_cast<double>(free) - static_cast<double>(shifts_.held.n_elem) - shifted(point);
  }

  /// Slopes that are not zero, as far as the density identifies them.
  double nonzero_slopes(const vec& point) const {
    const uword nonzero = arma::accu(point(slopes()) != 0.0);
    return static_cast<double>(nonzero) - shifted(point);
  }

  /// Slopes of gate and experts, penalised or not.
  const uvec& slopes() const { return factors_.slopes; }
  bool penalises_experts() const {
    const auto gate_end = layout_.offset[layout_.gate_predictors];
    return std::any_of(slopes().begin(), slopes().end(), [&](uword i) { return i >= gate_end && factor()(i) > 0.0; });
  }
  uword penalised_slopes(const vec& point) const { return arma::accu(factor() > 0.0 && point != 0.0); }

  /// How many of them the likelihood tells apart.
  double identified_slopes() const {
    return static_cast<double>(factors_.slopes.n_elem) - static_cast<double>(shifts_.equivalent.size());
  }

  /// The score of every parameter from the columns beside the blocks.
  vec full_score(const Statistics& at) const;

  /// The smallest lambda that keeps every slope zero where they are.
  double largest_lambda(const vec& score, const vec& gate_mass) const;

 private:
  /// Sets of slopes that a common shift would leave with a zero, and which have none.
  double shifted(const vec& point) const {
    const auto whole = [&](const uvec& set) { return arma::all(vec(point(set)) != 0.0); };
    return static_cast<double>(std::count_if(shifts_.equivalent.begin(), shifts_.equivalent.end(), whole));
  }

  vec in_units(vec point, double power) const;

  const RowData& rows_;
  const WideDesign& design_;
  const Mixture& mixture_;
  bool scaled_;
  double power_;  ///< of the average gate probabilities in the penalty
  Layout shown_layout_, layout_;
  PenaltyFactors factors_;
  Shifts shifts_;
  std::vector<char> left_out_;
  double weight_ = 0.0;
};

inline LassoProblem::LassoProblem(const RowData& rows, const WideDesign& design, const Mixture& shown,
                                  const Mixture& mixture, const Lasso& lasso)
    : rows_(rows),
      design_(design),
      mixture_(mixture),
      scaled_(lasso.scaled),
      power_(lasso.power),
      shown_layout_(shown.layout(design.columns, false)),
      layout_(mixture.layout(design.columns, false)),
      factors_(penalty_factors(layout_, design, lasso)),
      shifts_(shifts_of(mixture, layout_, factors_, lasso.labelled())),
      left_out_(factors_.left_out) {
  for (uword i = 0; i < rows.rows(); ++i) weight_ += rows.row_weight(i) / design.scaling.weight_unit;
}

inline vec LassoProblem::recoded(const Coefficients& user) const {
  const KeptColumns all = KeptColumns::all(design_.gate_columns, design_.expert_columns);
  vec out = ParameterMap(shown_layout_, design_.scaling).to_recoded(parameters_of(shown_layout_, all, user));
  for (const uvec& set : shifts_.intercepts) out(set) -= out(set(0));
  return scaled(std::move(out));
}

inline vec LassoProblem::emptied(vec point, uword expert, const vec& constants) const {
  constexpr double below = 3.0;  // the other gate intercepts
  double least = 0.0;
  for (std::size_t p = 0; p < layout_.gate_predictors; ++p)
    if (layout_.owned[p][0] == 0) least = std::min(least, point(layout_.offset[p]));
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p) {
    if (layout_.predictors[p].expert != expert) continue;
    const arma::span own = layout_.span(p);
    point(own) = constants(own);
    if (p < layout_.gate_predictors && layout_.owned[p][0] == 0) point(own.a) = least - below;
  }
  for (const uvec& set : shifts_.intercepts) point(set) -= double(point(set(0)));
  return point;
}

/// Multiplies the coefficients of every expert by a power of its scale.
inline vec LassoProblem::in_units(vec point, double power) const {
  for (std::size_t s = layout_.gate_predictors; s < layout_.predictors.size() && scaled_; ++s)
    if (is_log_scale(layout_.predictors[s].unit))
      for (uword k : layout_.experts_of_scalar(s))
        for (std::size_t p : layout_.means_of(k)) point(layout_.span(p)) *= std::exp(power * point(layout_.offset[s]));
  return point;
}

inline Penalty LassoProblem::penalty(double lambda) const {
  Penalty out;
  out.lasso = weight_ * lambda * factor();
  out.ridge = weight_ * (factors_.ridge + lambda * factors_.square);
  out.held = shifts_.held;
  out.shifts = shifts_.slopes;
  out.weight = weight_;
  out.power = power_;
  for (uword k = 0; k < layout_.experts && scaled_ && layout_.experts > 1; ++k) {
    const arma::span own = layout_.span(layout_.means_of(k).front());
    out.shared.push_back(arma::regspace<uvec>(own.a, own.b));
  }
  return out;
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
  out(shifts_.held).zeros();
  for (uword i = 0; i < out.n_elem; ++i)
    if (left_out_[i]) out(i) = 0.0;
  return out;
}

inline double LassoProblem::largest_lambda(const vec& score, const vec& gate_mass) const {
  const vec unit = penalty(1.0).at(gate_mass).lasso;
  double out = 0.0;
  for (uword i = 0; i < score.n_elem; ++i)
    if (factor()(i) > 0.0) out = std::max(out, std::abs(score(i)) / unit(i));
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
