#pragma once

#include <string>
#include <vector>

#include "../armadillo.hpp"

namespace expertmix {

/// Which columns a predictor owns: the gate's, the experts' or the constant alone.
enum class Design { gate, experts, constant };

/// What happens to a predictor when the response is recoded as (y - centre) / scale: nothing, the same, or its
/// logarithm.
enum class Unit { none, response, log_response };

/// A linear predictor of every row: u = sum_j coefficient_j column_j over the columns it owns.
struct Predictor {
  Design design;
  Unit unit;
  uword expert;      ///< the expert it belongs to; parameters are ordered by expert
  std::string name;  ///< as in "gate2", "expert1", "expert1:log(sigma)"
};

/// Which columns of the union design (column 0 is the constant) the gate's and the experts' predictors own.
struct Columns {
  uword count = 1;
  std::vector<uword> gate, experts;

  std::vector<uword> of(Design design) const {
    if (design == Design::constant) return {0};
    return design == Design::gate ? gate : experts;
  }
};

}  // namespace expertmix
