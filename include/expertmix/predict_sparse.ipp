#pragma once

#include <algorithm>

#include "predict_sparse.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Columns that have a coefficient: of `all`, those of `kept`; one at least, and the intercept of a gate.
inline uvec columns_in_use(const mat& coefficients, uword intercept) {
  std::vector<uword> out;
  for (uword j = 0; j < coefficients.n_rows; ++j)
    if (j == intercept || arma::any(coefficients.row(j) != 0.0)) out.push_back(j);
  if (out.empty()) out.push_back(0);
  return uvec(out);
}

/// Some columns of a sparse matrix as rows of another, whose columns then are quick to cut.
inline arma::sp_mat rows_across(const arma::sp_mat& design, const uvec& columns) {
  arma::sp_mat out(design.n_rows, columns.n_elem);
  for (uword j = 0; j < columns.n_elem; ++j) out.col(j) = design.col(columns(j));
  return out.t();
}

/// What a quantity of dense designs is at sparse ones, a part of the rows after the other.
template <class Quantity>
mat by_parts(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients, const char* where,
             Quantity quantity) {
  data.check(where);
  mixture.check(where);
  coefficients.check(where, "coefficients", mixture, data.gate().n_cols, data.x().n_cols);
  const uvec x_columns = columns_in_use(coefficients.experts, data.x().n_cols);
  const uvec z_columns = columns_in_use(coefficients.gate, coefficients.gate_intercept);
  Coefficients own = coefficients;
  own.experts = mat(coefficients.experts.rows(x_columns));
  own.gate = mat(coefficients.gate.rows(z_columns));
  own.gate_intercept = static_cast<uword>(arma::accu(z_columns < coefficients.gate_intercept));
  if (!coefficients.origin.empty()) own.origin = vec(coefficients.origin(z_columns));
  const arma::sp_mat x = rows_across(data.x(), x_columns), z = rows_across(data.gate(), z_columns);
  const uword rows = data.rows(), step = std::max<uword>(1, 4000000 / (x.n_rows + z.n_rows));
  mat out;
  for (uword first = 0; first < rows; first += step) {
    const uword last = std::min(rows, first + step) - 1;
    const mat x_part = mat(x.cols(first, last)).t(), z_part = mat(z.cols(first, last)).t();
    const mat y = data.has_response() ? mat(data.y().rows(first, last)) : mat();
    Data part = data.has_response() ? Data(x_part, y) : Data(x_part);
    part.gate(z_part);
    if (!data.offset().empty()) part.offset(vec(data.offset().subvec(first, last)));
    const mat values = quantity(part, mixture, own);
    if (out.empty()) out.set_size(rows, values.n_cols);
    out.rows(first, last) = values;
  }
  return out;
}

}  // namespace detail

EXPERTMIX_DEFINITION mat gate_probabilities(const SparseData& data, const Mixture& mixture,
                                            const Coefficients& coefficients) {
  return detail::by_parts(data, mixture, coefficients, "gate_probabilities",
                          [](const auto&... at) { return gate_probabilities(at...); });
}

EXPERTMIX_DEFINITION mat expert_means(const SparseData& data, const Mixture& mixture,
                                      const Coefficients& coefficients) {
  return detail::by_parts(data, mixture, coefficients, "expert_means",
                          [](const auto&... at) { return expert_means(at...); });
}

EXPERTMIX_DEFINITION mat posterior(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients) {
  return detail::by_parts(data, mixture, coefficients, "posterior", [](const auto&... at) { return posterior(at...); });
}

EXPERTMIX_DEFINITION mat predict(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients) {
  return detail::by_parts(data, mixture, coefficients, "predict", [](const auto&... at) { return predict(at...); });
}

EXPERTMIX_DEFINITION vec log_density(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients) {
  return detail::by_parts(data, mixture, coefficients, "log_density",
                          [](const auto&... at) { return mat(log_density(at...)); });
}

EXPERTMIX_DEFINITION vec distribution(const SparseData& data, const Mixture& mixture,
                                      const Coefficients& coefficients) {
  return detail::by_parts(data, mixture, coefficients, "distribution",
                          [](const auto&... at) { return mat(distribution(at...)); });
}

EXPERTMIX_DEFINITION mat quantiles(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients,
                                   const vec& probabilities) {
  return detail::by_parts(data, mixture, coefficients, "quantiles",
                          [&](const auto&... at) { return quantiles(at..., probabilities); });
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
