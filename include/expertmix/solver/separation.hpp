#pragma once

#include <algorithm>

#include "../model/layout.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Less EM information than this along a direction of standardised columns means that the columns separate classes.
constexpr double least_information = 1e-4;

/// The parameters of a categorical expert's density.
inline arma::span class_span(const Layout& layout, uword expert) {
  const std::size_t classes = layout.outcomes - 1, first = layout.gate_predictors + expert * classes;
  return arma::span(layout.offset[first], layout.offset[first] + classes * layout.size(first) - 1);
}

/// The directions of a categorical expert's coefficients (one a column) with too little EM information, if any.
inline mat uninformed(const Layout& layout, const Information& em, uword expert) {
  vec values;
  mat vectors;
  if (!arma::eig_sym(values, vectors, em.among(class_span(layout, expert)))) return {};
  return vectors.cols(arma::find(values < least_information));
}

/// The classes that move most along some directions, seen from the mean of all classes.
inline std::vector<uword> separated_outcomes(const Layout& layout, const mat& directions) {
  const uword classes = layout.outcomes;
  vec part(classes, arma::fill::zeros);
  for (uword d = 0; d < directions.n_cols; ++d) {
    mat of_class = arma::join_rows(vec(directions.n_rows / (classes - 1), arma::fill::zeros),
                                   arma::reshape(directions.col(d), directions.n_rows / (classes - 1), classes - 1));
    of_class.each_col() -= vec(arma::mean(of_class, 1));
    part += arma::sum(arma::square(of_class), 0).t();
  }
  return arma::conv_to<std::vector<uword>>::from(arma::find(part > 0.5 * part.max()));
}

}  // namespace detail

/// Whether the columns separate classes from each other among the rows of some categorical expert.
inline bool separates_classes(const Layout& layout, const Information& em) {
  for (uword k = 0; k < layout.experts && layout.outcomes > 1; ++k) {
    mat own = em.among(detail::class_span(layout, k)), factor;
    own.diag() -= detail::least_information;
    if (!arma::chol(factor, own)) return true;
  }
  return false;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
