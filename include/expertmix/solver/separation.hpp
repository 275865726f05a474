#pragma once

#include <algorithm>

#include "../mixture/mixture.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Less EM information than this along a direction of standardised columns means that nothing holds the coefficients
/// there: classes are separated, all counts are zero.
constexpr double least_information = 1e-4;

/// The coefficients of an expert.
inline arma::span coefficient_span(const Layout& layout, uword expert) {
  const auto own = layout.means_of(expert);
  return arma::span(layout.span(own.front()).a, layout.span(own.back()).b);
}

/// The directions of an expert's coefficients (one a column) with too little EM information, if any.
inline mat uninformed(const Layout& layout, const Information& em, uword expert) {
  vec values;
  mat vectors;
  if (!arma::eig_sym(values, vectors, em.among(coefficient_span(layout, expert)))) return {};
  return vectors.cols(arma::find(values < least_information));
}

/// The outcomes that move most along some directions, seen from the mean of all.
inline std::vector<uword> runaway_outcomes(const Layout& layout, const mat& directions) {
  const uword outcomes = layout.outcomes.count;
  if (outcomes == 1) return {0};
  const uword columns = directions.n_rows / (outcomes - 1);
  vec part(outcomes, arma::fill::zeros);
  for (uword d = 0; d < directions.n_cols; ++d) {
    mat of_outcome =
        arma::join_rows(vec(columns, arma::fill::zeros), arma::reshape(directions.col(d), columns, outcomes - 1));
    of_outcome.each_col() -= vec(arma::mean(of_outcome, 1));
    part += arma::sum(arma::square(of_outcome), 0).t();
  }
  return arma::conv_to<std::vector<uword>>::from(arma::find(part > 0.5 * part.max()));
}

/// Whether some expert's likelihood has its maximum at infinity.
inline bool runs_away(const Mixture& mixture, const Layout& layout, const Information& em) {
  for (uword k = 0; k < layout.experts && mixture.family->runs_away(); ++k) {
    mat own = em.among(coefficient_span(layout, k)), factor;
    own.diag() -= least_information;
    if (!arma::chol(factor, own)) return true;
  }
  return false;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
