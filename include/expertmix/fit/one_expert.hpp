#pragma once

#include <algorithm>

#include "../families/gaussian.hpp"
#include "../gates/softmax.hpp"
#include "../solver/em.hpp"
#include "../source/fold.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Column j is aliased where its part orthogonal to the earlier columns that are kept has less than 1e-7 of its length.
inline std::vector<bool> aliased_in(const mat& gram) {
  std::vector<bool> aliased(gram.n_cols, false);
  mat rest = gram;
  for (uword j = 0; j < gram.n_cols; ++j) {
    aliased[j] = rest(j, j) <= 1e-14 * gram(j, j) * static_cast<double>(gram.n_cols);
    if (!aliased[j]) rest -= vec(rest.col(j)) * rest.row(j) / rest(j, j);
  }
  return aliased;
}

inline Mixture linear_regression() {
  return Mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), 1);
}

inline Layout regression_layout(const Mixture& one, const std::vector<uword>& columns, uword count) {
  Columns own;
  own.count = count, own.gate = {0}, own.experts = columns;
  return one.layout(own);
}

/// Columns that are linear combinations of earlier ones.
inline std::vector<bool> aliased_columns(const Source& source, const std::vector<uword>& columns, uword count,
                                         const Context& context) {
  const Mixture one = linear_regression();
  const Layout layout = regression_layout(one, columns, count);
  const vec start(layout.parameters, arma::fill::zeros);
  return aliased_in(Fold(source, one, layout, context)({start, {false, true, false}, {}})[0].em.block[0]);
}

/// Residual variance (divisor: the sum of weights) of the linear regression of a recoded response on columns of which
/// none is aliased: two exact M-steps of a mixture of one expert, the second to remove the rounding of the first.
inline double residual_variance(const Source& source, const std::vector<uword>& columns, uword count,
                                const Context& context) {
  const Mixture one = linear_regression();
  const Layout layout = regression_layout(one, columns, count);
  Fold fold(source, one, layout, context);
  vec point(layout.parameters, arma::fill::zeros);
  double variance = 1.0;
  for (int round = 0; round < 2; ++round) {
    const Statistics at = fold({point, {true, true, false}, {}})[0];
    const auto factor = CholeskyFactor::of(at.em);
    if (!factor) throw numerical_error("fit", "x", "the columns are too nearly collinear for a regression");
    const vec step = factor->solve(at.score);
    point(layout.span(0)) += step(layout.span(0));
    const uword s = layout.offset[1];
    variance = (at.score(s) - arma::dot(at.score(layout.span(0)), step(layout.span(0)))) / at.weight + 1.0;
  }
  return variance;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
