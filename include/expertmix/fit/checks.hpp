#pragma once

#include "../fit.hpp"
#include "../source/checks.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

inline uword positive_rows(const RowData& data) {
  return data.weights().empty() ? data.rows() : static_cast<uword>(arma::accu(data.weights() > 0.0));
}

/// Throws `invalid_argument` unless a mixture can be fitted to the data from the start, if there is one.
template <class Design>
void check_task(const char* where, const DataSet<Design>& data, const Mixture& mixture, const Start& start) {
  check_model(where, data, mixture);
  data.require_response(where);
  const uword rows = positive_rows(data);
  require(mixture.experts <= rows, where, "experts",
          "must be between 1 and the number of rows of positive weight, " + std::to_string(rows));
  if (start.given()) start.check(where, mixture, data.rows(), data.gate().n_cols, data.x().n_cols);
}

/// Throws `invalid_argument` for a mixture in a penalty's form, which a likelihood alone does not identify.
inline void check_identified(const char* where, const Mixture& mixture) {
  require(!mixture.gate->symmetric(mixture.experts), where, "gate", "`symmetric` is for penalised fits");
  require(!mixture.family->symmetric(), where, "family", "`symmetric` is for penalised fits");
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
