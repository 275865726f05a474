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
  Design design;      ///< the columns that it owns
  Unit unit;          ///< how recoding the response changes it
  uword expert;       ///< the expert it belongs to, or K for all of them; parameters are ordered by expert
  uword outcome = 0;  ///< which of an expert's predictors of one design it is: the class of a multinomial response
  double lower = -arma::datum::inf;  ///< where a scalar is kept: not below
  double upper = arma::datum::inf;   ///< and not above
};

/// How the coefficients of all experts, and what they predict, stand side by side: expert by expert, `count` columns
/// each (1, or the classes of a multinomial response).
struct Outcomes {
  /// So many an expert.
  Outcomes(uword count_ = 1) : count(count_) {}

  uword count;  ///< of an expert

  /// Columns of so many experts.
  uword columns(uword experts) const { return experts * count; }
  /// The column of an outcome of an expert.
  uword column(uword expert, uword outcome) const { return expert * count + outcome; }
  /// The expert whose column it is.
  uword expert_of(uword column) const { return column / count; }
  /// The columns of an expert.
  arma::span of(uword expert) const { return arma::span(column(expert, 0), column(expert, count - 1)); }
};

/// Which columns of the union design (column 0 is the constant) the gate's and the experts' predictors own.
struct Columns {
  uword count = 1;             ///< of the union design
  std::vector<uword> gate;     ///< the gate's, in the order of z
  std::vector<uword> experts;  ///< the experts', in the order of x

  /// Those that a predictor on a design owns.
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
