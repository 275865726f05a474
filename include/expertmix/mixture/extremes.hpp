#pragma once

#include <cmath>
#include <string>

#include "mixture.hpp"
#include "workspace.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The argument that a predictor comes from.
inline const char* predictor_source(const Layout& layout, std::size_t predictor) {
  if (layout.predictors[predictor].design == Design::constant) return "coefficients";
  return predictor < layout.gate_predictors ? "z" : "x";
}

/// Throws `invalid_argument` where a predictor of a row is so large that what is computed from it would overflow.
inline void require_predictors(const Workspace& work, std::size_t rows, std::size_t first, const char* where) {
  const auto& list = work.layout.predictors;
  for (std::size_t p = 0; p < list.size(); ++p) {
    for (std::size_t i = 0; i < (list[p].design == Design::constant ? 1 : rows); ++i)
      if (!(std::abs(work.predictor[p][i]) <= 1e300))
        throw invalid_argument(where, predictor_source(work.layout, p),
                               "in row " + std::to_string(first + i + 1) + " a predictor of expert " +
                                   std::to_string(list[p].expert + 1) +
                                   " overflows: covariates or coefficients are too large");
  }
}

/// Where every log f_k is -infinity: the limit of the responsibilities, shared by their gate probabilities among the
/// experts at the least distance.
inline void take_nearest(const Mixture& mixture, const Block& block, std::size_t i, const vec& log_pi,
                         Workspace& work) {
  const Rows rows = work.family_rows(block);
  vec near(log_pi.n_elem);
  near.fill(-arma::datum::inf);
  Distance least{};
  bool found = false;
  for (uword k = 0; k < log_pi.n_elem; ++k) {
    if (log_pi(k) == -arma::datum::inf) continue;
    const Distance own = mixture.family->distance(rows, block, i, k);
    if (!found || own < least) {
      near.fill(-arma::datum::inf);
      least = own;
      found = true;
    }
    if (own == least) near(k) = log_pi(k);
  }
  const vec share = arma::exp(near - near.max());
  for (uword k = 0; k < share.n_elem; ++k) work.r[k][i] = share(k) / arma::accu(share);
  work.log_density[i] = -arma::datum::inf;
}

/// One row's responsibilities and log f(y | x, z) = log sum_k exp(log pi_k + log f_k), from log pi_k: a large logit
/// does not swallow log f_k.
inline void respond_again(const Mixture& mixture, const Block& block, std::size_t i, Workspace& work) {
  vec log_pi(mixture.experts), joint(mixture.experts);
  for (uword k = 0; k < mixture.experts; ++k) log_pi(k) = work.gate.logit[k][i];
  log_pi -= log_pi.max();
  log_pi -= std::log(arma::accu(arma::exp(log_pi)));
  for (uword k = 0; k < mixture.experts; ++k) joint(k) = log_pi(k) + work.log_f[k][i];
  const double top = joint.max();
  if (top == -arma::datum::inf) return take_nearest(mixture, block, i, log_pi, work);
  const vec share = arma::exp(joint - top);
  for (uword k = 0; k < mixture.experts; ++k) work.r[k][i] = share(k) / arma::accu(share);
  work.log_density[i] = top + std::log(arma::accu(share));
}

/// After `Mixture::evaluate`, mends the rows whose logits are so large that their log-density has lost digits, and
/// those whose densities underflow.
inline void mend_extremes(const Mixture& mixture, const Block& block, Workspace& work) {
  constexpr double large = 1e4;
  for (std::size_t i = 0; i < block.rows; ++i) {
    bool extreme = !std::isfinite(work.log_density[i]);
    for (uword k = 0; k < mixture.experts; ++k) {
      const double logit = work.gate.logit[k][i];
      extreme = extreme || (std::abs(logit) > large && std::isfinite(logit));
    }
    if (extreme) respond_again(mixture, block, i, work);
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
