#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../base/random.hpp"
#include "../math/solution.hpp"
#include "features.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// log N(row; centre, R'R) + constant for every row.
inline vec log_normal(const mat& rows, const arma::rowvec& centre, const mat& root) {
  const mat scaled =
      arma::solve(arma::trimatl(mat(root.t())), mat((rows.each_row() - centre).t()), arma::solve_opts::fast);
  return -0.5 * arma::sum(arma::square(scaled), 0).t();
}

/// Log-density of weighted least squares' residuals, with a little ridge.
inline vec log_regression(const mat& x, const mat& y, const vec& r) {
  mat gram = x.t() * (x.each_col() % r);
  gram.diag() += 1e-8 * arma::trace(gram) / static_cast<double>(x.n_cols);
  mat residual = y, coefficients;
  if (find_solution(coefficients, gram, x.t() * (y.each_col() % r))) residual -= x * coefficients;
  const arma::rowvec variance = r.t() * arma::square(residual) / arma::accu(r) + 1e-4;
  residual.each_row() /= arma::sqrt(variance);
  return -0.5 * arma::sum(arma::square(residual), 1) - 0.5 * arma::accu(arma::log(variance));
}

/// The Cholesky root of G = sum_k sum_i r_ik (z_i - c_k)(z_i - c_k)' / sum(r), with a little ridge; empty where it is
/// singular.
inline mat common_root(const mat& z, const mat& r, const mat& centre, double mass) {
  mat spread(z.n_cols, z.n_cols, arma::fill::eye), root;
  spread *= 1e-4 * mass;
  for (uword k = 0; k < r.n_cols; ++k) {
    const mat centred = z.each_row() - centre.row(k);
    spread += centred.t() * (centred.each_col() % r.col(k));
  }
  return arma::chol(root, mat(spread / mass)) ? root : mat();
}

/// Rows of exp(log_joint), summing to one.
inline mat normalised(mat log_joint) {
  log_joint.each_col() -= vec(arma::max(log_joint, 1));
  log_joint.transform([](double value) { return std::exp(value); });
  log_joint.each_col() /= vec(arma::sum(log_joint, 1));
  return log_joint;
}

/// Responsibilities after some EM iterations, all in closed form, of a mixture with a Gaussian gate: the joint density
/// of gate covariates and response is sum_k p_k N(z; c_k, G) N(y; x' b_k, s_k^2). With a common G its conditional is a
/// softmax-gated mixture (Xu, Jordan and Hinton 1995, NIPS 7).
inline mat gaussian_gate(const Features& features, mat r, int iterations = 10) {
  const mat &z = features.gate, &x = features.experts, &response = features.response;
  mat log_joint(arma::size(r)), root;
  for (int iteration = 0; iteration < iterations; ++iteration) {
    const arma::rowvec mass = arma::sum(r, 0) + 1e-8;
    const mat centre = arma::diagmat(1.0 / mass) * r.t() * z;
    if (z.n_cols > 0) root = common_root(z, r, centre, arma::accu(mass));
    if (z.n_cols > 0 && root.empty()) break;
    for (uword k = 0; k < r.n_cols; ++k) {
      log_joint.col(k) = std::log(mass(k)) + log_regression(x, response, vec(r.col(k) + 1e-8));
      if (z.n_cols > 0) log_joint.col(k) += log_normal(z, centre.row(k), root);
    }
    r = normalised(log_joint);
  }
  return r;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
