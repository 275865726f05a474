#pragma once

#include "../math/solution.hpp"
#include "../model/predictors.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What guesses and hops see of rows: standardised columns, and the response in a scale where alike is close.
struct Features {
  Features(const mat& design_, const mat& response_, const Columns& columns_)
      : design(design_),
        response(response_),
        columns(columns_),
        gate(design.cols(uvec(columns.of(Design::gate_slopes)))),
        experts(design.cols(uvec(columns.experts))),
        all(arma::join_rows(design.tail_cols(design.n_cols - 1), standardised(residual(experts, response)))) {}

  const mat& design;    ///< union design, column 0 the constant
  const mat& response;  ///< n x features
  const Columns& columns;
  mat gate;     ///< gate covariates; may have no columns
  mat experts;  ///< the experts' columns
  mat all;      ///< every covariate, and the residuals of one expert

  /// Where regions are told apart: by gate covariates, where there are any.
  const mat& region() const { return gate.n_cols > 0 ? gate : all; }

  /// Residuals of the regression y ~ x, with a little ridge.
  static mat residual(const mat& x, const mat& y) {
    mat gram = x.t() * x, coefficients;
    gram.diag() += 1e-8 * static_cast<double>(x.n_rows);
    return find_solution(coefficients, gram, x.t() * y) ? mat(y - x * coefficients) : y;
  }

  /// Columns over their standard deviations; what is constant stays.
  static mat standardised(mat columns) {
    for (uword j = 0; j < columns.n_cols; ++j) {
      const double sd = arma::stddev(columns.col(j));
      if (sd > 0.0) columns.col(j) /= sd;
    }
    return columns;
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
