#pragma once

#include <algorithm>

#include "../model/gaussian.hpp"
#include "../model/softmax.hpp"
#include "../solver/em.hpp"
#include "../source/fold.hpp"

namespace expertmix {

/// The linear regression of the response on some columns: what is aliased, and the residual variance.
struct OneExpert {
  std::vector<bool> aliased;       ///< columns that are linear combinations of earlier ones
  double residual_variance = 1.0;  ///< in the response's recoded unit, divisor the sum of weights
};

namespace detail {

/// Column j is aliased where its part orthogonal to the earlier columns that are kept has less than 1e-7 of its length.
inline std::vector<bool> aliased_columns(const mat& gram) {
  std::vector<bool> aliased(gram.n_cols, false);
  mat rest = gram;
  for (uword j = 0; j < gram.n_cols; ++j) {
    aliased[j] = rest(j, j) <= 1e-14 * gram(j, j) * gram.n_cols;
    if (!aliased[j]) rest -= vec(rest.col(j)) * rest.row(j) / rest(j, j);
  }
  return aliased;
}

inline Layout one_expert_layout(const Mixture& one, const std::vector<uword>& columns, uword count) {
  Columns own;
  own.count = count, own.gate = {0}, own.experts = columns;
  return one.layout(own);
}

}  // namespace detail

/// Two exact M-steps of a mixture of one expert: the second removes the rounding of the first.
inline OneExpert one_expert(const Source& source, std::vector<uword> columns, uword count, const Context& context) {
  const Mixture one(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), 1);
  const Needs needs{true, true, false};
  OneExpert out;
  {
    const Layout layout = detail::one_expert_layout(one, columns, count);
    const vec start(layout.parameters, arma::fill::zeros);
    out.aliased = detail::aliased_columns(Fold(source, one, layout, context)({start, needs, {}})[0].em.block[0]);
  }
  std::vector<uword> kept;
  for (std::size_t j = 0; j < columns.size(); ++j)
    if (!out.aliased[j]) kept.push_back(columns[j]);
  if (kept.empty()) return out;
  const Layout layout = detail::one_expert_layout(one, kept, count);
  Fold fold(source, one, layout, context);
  vec point(layout.parameters, arma::fill::zeros);
  for (int round = 0; round < 2; ++round) {
    const Statistics at = fold({point, needs, {}})[0];
    const vec step = CholeskyFactor(at.em).solve(at.score);
    point(layout.span(0)) += step(layout.span(0));
    const uword s = layout.offset[1];
    out.residual_variance = (at.score(s) - arma::dot(at.score(layout.span(0)), step(layout.span(0)))) / at.weight + 1.0;
  }
  return out;
}

}  // namespace expertmix
