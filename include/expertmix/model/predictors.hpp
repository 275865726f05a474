#pragma once

#include <vector>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Which columns a predictor owns: the gate's, the gate's without the constant, the experts' or the constant alone.
enum class Design { gate, gate_slopes, experts, constant };

/// What happens to a predictor when the response is recoded as (y - centre) / scale: nothing, the same, or its
/// logarithm. The logarithm of a scale relative to the mean does not notice either.
enum class Unit { none, response, log_response, log_relative };

/// Whether a predictor is the logarithm of a scale, below which the likelihood has no bound.
inline bool is_log_scale(Unit unit) { return unit == Unit::log_response || unit == Unit::log_relative; }

/// A linear predictor of every row: u = sum_j coefficient_j column_j over the columns it owns.
struct Predictor {
  Design design;
  Unit unit;
  uword expert;       ///< the expert it belongs to, or K for all of them; parameters are ordered by expert
  uword outcome = 0;  ///< which of an expert's predictors of one design it is: the class of a multinomial response
  double lower = -arma::datum::inf, upper = arma::datum::inf;  ///< where a scalar is kept
};

/// How the coefficients of all experts, and what they predict, stand side by side: expert by expert, `count` columns
/// each (1, or the classes of a multinomial response).
struct Outcomes {
  Outcomes(uword count_ = 1) : count(count_) {}

  uword count;

  uword columns(uword experts) const { return experts * count; }
  uword column(uword expert, uword outcome) const { return expert * count + outcome; }
  uword expert_of(uword column) const { return column / count; }
  arma::span of(uword expert) const { return arma::span(column(expert, 0), column(expert, count - 1)); }
};

/// Which columns of the union design (column 0 is the constant) the gate's and the experts' predictors own.
struct Columns {
  uword count = 1;
  std::vector<uword> gate, experts;

  std::vector<uword> of(Design design) const {
    if (design == Design::constant) return {0};
    if (design == Design::experts) return experts;
    std::vector<uword> list;
    for (uword i : rows_of(design)) list.push_back(gate[i]);
    return list;
  }

  /// Where the columns that a gate predictor owns stand among the gate's.
  std::vector<uword> rows_of(Design design) const {
    std::vector<uword> list;
    for (uword i = 0; i < gate.size(); ++i)
      if (design == Design::gate || (gate[i] == 0) == (design == Design::constant)) list.push_back(i);
    return list;
  }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
