#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "../solver/linear_system.hpp"
#include "../solver/objective.hpp"
#include "../solver/separation.hpp"

/// Directions of the parameters of which the data say nothing, and the errors of what they leave alone.
namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Where a bound alone holds the coefficients, the information is some tens of times what it adds.
constexpr double most_of_bound = 1e3;

/// Adds the orthonormal directions among some parameters whose information is at most `least`.
inline void append_directions(const mat& information, const arma::span& among, double least, mat& to) {
  vec values;
  mat vectors;
  if (!arma::eig_sym(values, vectors, mat(information(among, among)))) return;
  vectors = mat(vectors.cols(arma::find(values <= least)));
  mat out(information.n_rows, vectors.n_cols, arma::fill::zeros);
  out.rows(among.a, among.b) = vectors;
  to = arma::join_rows(to, out);
}

/// Directions of recession: those along which the likelihood has its maximum at infinity and a bound of gate or experts
/// alone holds the coefficients, one a column.
inline mat recession_directions(const Layout& layout, const Objective& objective, const mat& information) {
  mat out(layout.parameters, 0);
  if (objective.bound > 0.0)
    append_directions(information, arma::span(0, layout.gate_parameters() - 1), most_of_bound * objective.bound, out);
  for (uword k = 0; k < layout.experts && objective.expert_bound > 0.0; ++k)
    append_directions(information, coefficient_span(layout, k), most_of_bound * objective.expert_bound, out);
  return out;
}

/// Directions without information but for rounding, of the matrix scaled to unit diagonal. Nothing where there is none,
/// or one along which the objective rises.
inline std::optional<mat> flat_directions(const mat& information) {
  constexpr double rising = -1e-8, flat = 1e-10;
  const double largest = information.diag().max();
  const vec scale = arma::sqrt(arma::clamp(information.diag(), flat * largest, largest));
  vec values;
  mat vectors;
  if (!arma::eig_sym(values, vectors, information / (scale * scale.t())) || values(0) < rising || values(0) > flat)
    return {};
  mat out = vectors.cols(arma::find(values <= flat));
  out.each_col() /= scale;
  return arma::normalise(out);
}

/// The inverse of an information A with some directions n held: of A + sum D n n' D / n' D n, D the diagonal of A;
/// empty where that is singular. For a linear function of the parameters that is orthogonal to them it is that of any
/// generalised inverse.
inline mat inverse_holding(Information information, const mat& directions) {
  mat& held = information.block[0];
  const vec diagonal = arma::clamp(held.diag(), 1e-10 * held.diag().max(), arma::datum::inf);
  for (uword k = 0; k < directions.n_cols; ++k) {
    const vec across = diagonal % directions.col(k);
    held += across * across.t() / arma::dot(across, directions.col(k));
  }
  const auto factor = CholeskyFactor::of(information);
  return factor ? factor->inverse() : mat();
}

/// The variance along some directions, sum n n' / n' A n.
inline mat variance_along(const mat& information, const mat& directions) {
  constexpr double least = 1e-100;  // where nothing depends on a direction
  mat out(arma::size(information), arma::fill::zeros);
  for (uword k = 0; k < directions.n_cols; ++k) {
    const vec n = directions.col(k);
    const double scale = arma::dot(n, arma::abs(information.diag()) % n);
    out += n * n.t() / std::max({arma::dot(n, information * n), 1e-14 * scale, least});
  }
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
