#pragma once

#include <algorithm>

#include "../model/layout.hpp"

namespace expertmix {

namespace detail {

/// The parameters of a categorical expert's density.
inline arma::span class_span(const Layout& layout, uword expert) {
  const std::size_t classes = layout.outcomes - 1, first = layout.gate_predictors + expert * classes;
  return arma::span(layout.offset[first], layout.offset[first] + classes * layout.size(first) - 1);
}

/// The directions of a categorical expert's coefficients (one a column) with EM information below 1e-4, if any.
inline mat uninformed(const Layout& layout, const Information& em, uword expert) {
  const arma::span span = class_span(layout, expert);
  const std::size_t b = em.find(span.a);
  const mat own =
      em.block[b].submat(span.a - em.first[b], span.a - em.first[b], span.b - em.first[b], span.b - em.first[b]);
  vec values;
  mat vectors;
  if (!arma::eig_sym(values, vectors, own)) return {};
  return vectors.cols(arma::find(values < 1e-4));
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

/// A point with its coordinates along some orthonormal directions brought within 10.
inline vec tamed(const vec& point, const mat& directions) {
  const vec along = directions.t() * point;
  return point - directions * along * (1.0 - std::min(1.0, 10.0 / arma::abs(along).max()));
}

}  // namespace detail

}  // namespace expertmix
