#pragma once

#include <string>

#include "../mixture/coefficients.hpp"
#include "sparse.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

inline double mean_of(const Data& data, uword j) { return moments(data.gate().colptr(j), data).mean; }
inline double mean_of(const SparseData& data, uword j) { return moments(data.gate(), j, data).mean; }

/// The origin of a gate whose slopes act alone, a number for every column of z: what is `given` (one for all or one
/// each), else that of the coefficients at which a fit starts, else the weighted means. Zero at the intercept. Throws
/// `invalid_argument`.
template <class Design>
vec gate_origin(const char* where, const DataSet<Design>& data, uword intercept, const vec& given,
                const Coefficients* start) {
  const uword q = data.gate().n_cols;
  require(given.n_elem <= 1 || given.n_elem == q, where, "origin",
          "must be one number, or one for each of the " + std::to_string(q) + " columns of z");
  require(given.is_finite(), where, "origin", "is not finite");
  vec out(q, arma::fill::zeros);
  for (uword j = 0; j < q; ++j) {
    if (!given.empty())
      out(j) = given(given.n_elem > 1 ? j : 0);
    else
      out(j) = start ? start->origin_of(j) : mean_of(data, j);
  }
  if (intercept < q) out(intercept) = 0.0;
  for (uword j = 0; start && j < q; ++j)
    require(out(j) == start->origin_of(j), where, "start", "has another origin of the gate");
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
