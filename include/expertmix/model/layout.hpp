#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "predictors.hpp"
#include "product_plan.hpp"
#include "statistics.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// The gate predictors of one kind, one an expert: of all K experts, or of all but expert 1, the reference.
struct GateGroup {
  std::size_t first = 0, count = 0;
  bool reference = false;
};

/// A scalar parameter that is kept between two numbers.
struct Bound {
  uword parameter;
  double lower, upper;

  bool reached(double value) const { return value <= lower || value >= upper; }
  bool passed(double value) const { return value < lower || value > upper; }
  /// Whether a score drives the value out.
  bool pushed(double value, double score) const {
    return (value <= lower && score < 0.0) || (value >= upper && score > 0.0);
  }
};

}  // namespace detail

/// Predictors, the design columns they own, and where their coefficients stand among the parameters: the gate's first,
/// then the experts'; each expert by expert, then what all experts share.
class Layout {
 public:
  Layout() = default;
  /// Without `informed` there are no plans for information matrices, whose size is the square of the columns.
  Layout(uword experts, Outcomes outcomes, Columns columns, std::vector<Predictor> gate, std::vector<Predictor> family,
         std::vector<detail::PredictorPair> em_pairs, bool informed = true);

  uword experts = 0;                            ///< K
  Outcomes outcomes;                            ///< what an expert predicts
  Columns columns;                              ///< of gate and experts
  std::vector<Predictor> predictors;            ///< the gate's, then the family's
  std::size_t gate_predictors = 0;              ///< how many are the gate's
  std::vector<detail::GateGroup> gate_groups;   ///< the gate's predictors of a kind
  std::vector<std::vector<uword>> owned;        ///< the columns of every predictor
  std::vector<uword> offset;                    ///< where the coefficients of every predictor begin
  std::vector<detail::Bound> bounds;            ///< of scalars
  uword parameters = 0;                         ///< P
  std::vector<detail::PredictorPair> em_pairs;  ///< predictors that the EM information joins

  detail::ProductPlan score;     ///< how the score is summed
  detail::ProductPlan em;        ///< how the EM information is
  detail::ProductPlan observed;  ///< how the observed information is
  std::vector<uword> em_first;   ///< first parameters of the EM information's diagonal blocks
  std::vector<uword> em_size;    ///< their sizes

  /// Number of coefficients of a predictor.
  uword size(std::size_t predictor) const { return owned[predictor].size(); }
  /// Where the scalars of the gate stand among the parameters.
  std::vector<uword> gate_scalars() const {
    std::vector<uword> list;
    for (std::size_t p = 0; p < gate_predictors; ++p)
      if (predictors[p].expert == experts) list.push_back(offset[p]);
    return list;
  }
  /// Where the logarithms of the experts' scales stand.
  std::vector<uword> log_scales() const {
    std::vector<uword> list;
    for (std::size_t p = gate_predictors; p < predictors.size(); ++p)
      if (is_log_scale(predictors[p].unit)) list.push_back(offset[p]);
    return list;
  }
  /// Whether there are such scales.
  bool has_scales() const { return !log_scales().empty(); }
  /// The smallest of them at a point; infinite where there are none.
  double least_log_scale(const vec& point) const {
    double least = arma::datum::inf;
    for (uword i : log_scales()) least = std::min(least, point(i));
    return least;
  }
  /// The experts of a family's predictor that is a scalar: one, or all that share it; none of another predictor.
  std::vector<uword> experts_of_scalar(std::size_t predictor) const;
  /// How many scalars an expert has beside its scale.
  uword other_scalars() const;
  /// The predictors of an expert that own its columns.
  std::vector<std::size_t> means_of(uword expert) const {
    std::vector<std::size_t> list;
    for (std::size_t p = gate_predictors; p < predictors.size(); ++p)
      if (predictors[p].design == Design::experts && predictors[p].expert == expert) list.push_back(p);
    return list;
  }
  /// How many parameters are the gate's.
  uword gate_parameters() const {
    uword sum = 0;
    for (std::size_t p = 0; p < gate_predictors; ++p) sum += size(p);
    return sum;
  }
  /// Where the coefficients of a predictor stand among the parameters.
  arma::span span(std::size_t predictor) const {
    return arma::span(offset[predictor], offset[predictor] + size(predictor) - 1);
  }

  /// The same predictors, each on columns of its own in another design.
  Layout owning(std::vector<std::vector<uword>> own) const;

  /// The predictor that is to another expert what `predictor` is to its own.
  std::size_t counterpart(std::size_t predictor, uword expert) const;

  /// A group's coefficients, one column an expert; the reference's are zero.
  mat gather(const detail::GateGroup& group, const vec& from) const;
  /// And back.
  void scatter(const detail::GateGroup& group, const mat& coefficients, vec& to) const;

 private:
  void arrange(bool informed);
  void group();
  void place();
  void connect();
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "layout.ipp"
#endif
