#pragma once

#include "../mixture/coefficients.hpp"
#include "data.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Throws `invalid_argument` unless data and mixture can be used, each by itself and the one with the other.
template <class Design>
void check_model(const char* where, const DataSet<Design>& data, const Mixture& mixture) {
  data.check(where);
  mixture.check(where);
  if (data.has_response()) mixture.family->check(data.y(), where);
  require(mixture.family->takes_offset() || data.offset().empty(), where, "offset", "has no meaning for these experts");
}

/// The same for a mixture with coefficients on the user's scale.
inline void check_model(const char* where, const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  check_model(where, data, mixture);
  require(coefficients.gate.n_rows == data.gate().n_cols, where, "z",
          "has " + std::to_string(data.gate().n_cols) + " columns where the gate has " +
              std::to_string(coefficients.gate.n_rows) +
              " coefficients an expert; x is taken unless .gate(z) is given");
  coefficients.check(where, "coefficients", mixture, data.gate().n_cols, data.x().n_cols);
  if (!mixture.gate->splits(mixture.experts)) return;
  const uword intercept = coefficients.gate_intercept;
  require(intercept < data.gate().n_cols, where, "coefficients", "gate_intercept is no column of the gate design");
  require(arma::all(data.gate().col(intercept) == 1.0), where, "z",
          "column " + std::to_string(intercept + 1) + " must be ones: it is the gate's intercept");
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
