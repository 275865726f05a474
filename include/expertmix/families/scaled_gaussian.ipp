#pragma once

#include <cmath>

#include "../math/columns.hpp"
#include "gaussian.hpp"
#include "scaled_gaussian.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// t = (y - offset) / sigma, e = t - u, log f = constant - e^2 / 2
EXPERTMIX_KERNEL void scaled_density(const double* y, const double* offset, const double* u, double rho,
                                     double constant, double* __restrict e, double* __restrict t,
                                     double* __restrict log_f, std::size_t n) {
  if (offset)
    for (std::size_t i = 0; i < n; ++i) t[i] = rho * y[i] - rho * offset[i];
  else
    for (std::size_t i = 0; i < n; ++i) t[i] = rho * y[i];
  for (std::size_t i = 0; i < n; ++i) {
    e[i] = t[i] - u[i];
    log_f[i] = constant - 0.5 * e[i] * e[i];
  }
}

/// u: v e; log sigma: v (e t - 1)
EXPERTMIX_KERNEL void scaled_first(const double* e, const double* t, const double* v, double* __restrict u,
                                   double* __restrict log_sigma, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    u[i] = v[i] * e[i];
    log_sigma[i] = v[i] * (e[i] * t[i] - 1.0);
  }
}

/// (u, u): v; (u, log sigma): v t; (log sigma, log sigma): v (t^2 + e t)
EXPERTMIX_KERNEL void scaled_second(const double* e, const double* t, const double* v, double* __restrict u,
                                    double* __restrict mixed, double* __restrict log_sigma, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    u[i] = v[i];
    mixed[i] = v[i] * t[i];
    log_sigma[i] = mixed[i] * (t[i] + e[i]);
  }
}

/// (u, u): v; (u, log sigma): v t; (log sigma, log sigma): v (t^2 + 1)
EXPERTMIX_KERNEL void scaled_information(const double* t, const double* v, double* __restrict u,
                                         double* __restrict mixed, double* __restrict log_sigma, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    u[i] = v[i];
    mixed[i] = v[i] * t[i];
    log_sigma[i] = v[i] * (t[i] * t[i] + 1.0);
  }
}

EXPERTMIX_DEFINITION std::vector<Predictor> ScaledGaussianExperts::predictors(uword experts) const {
  std::vector<Predictor> list = GaussianExperts(common_).predictors(experts);
  for (uword k = 0; k < experts; ++k) list[k].unit = Unit::none;
  return list;
}

EXPERTMIX_DEFINITION std::vector<TermPair> ScaledGaussianExperts::pairs(uword experts) const {
  std::vector<TermPair> list = GaussianExperts(common_).pairs(experts);
  for (TermPair& pair : list) pair.em = true;
  return list;
}

EXPERTMIX_DEFINITION void ScaledGaussianExperts::log_density(const Rows& rows, const Block& block, Table scratch,
                                                             Table log_f) const {
  constexpr double half_log_2pi = 0.91893853320467274178;
  for (uword k = 0; k < rows.experts; ++k) {
    const double log_s = log_sigma(rows, k);
    scaled_density(block.response, block.offset, rows.predictor[k], std::exp(-log_s), -log_s - half_log_2pi, scratch[k],
                   scratch[rows.experts + k], log_f[k], rows.count);
  }
}

EXPERTMIX_DEFINITION void ScaledGaussianExperts::first(const Rows& rows, Table scratch, Table v,
                                                       double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k)
    scaled_first(scratch[k], scratch[rows.experts + k], v[k], out[2 * k], out[2 * k + 1], rows.count);
}

EXPERTMIX_DEFINITION void ScaledGaussianExperts::second(const Rows& rows, Table scratch, Table v,
                                                        double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k)
    scaled_second(scratch[k], scratch[rows.experts + k], v[k], out[3 * k], out[3 * k + 1], out[3 * k + 2], rows.count);
}

EXPERTMIX_DEFINITION void ScaledGaussianExperts::information(const Rows& rows, Table scratch, Table v,
                                                             double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k)
    scaled_information(scratch[rows.experts + k], v[k], out[3 * k], out[3 * k + 1], out[3 * k + 2], rows.count);
}

EXPERTMIX_DEFINITION void ScaledGaussianExperts::maximise(const Statistics& at, const Layout& layout, const vec& step,
                                                          vec& parameters) const {
  const std::size_t first = layout.gate_predictors;
  vec gained(layout.predictors.size(), arma::fill::zeros);
  for (uword k = 0; k < layout.experts; ++k) {
    const uword scale = first + log_sigma(k, layout.experts), s = layout.offset[scale];
    const arma::span span = layout.span(first + k);
    parameters(span) += step(span);
    for (uword j = span.a; j <= span.b; ++j) gained(scale) += at.em(j, s) * step(j);
  }
  for (std::size_t p = first + layout.experts; p < layout.predictors.size(); ++p) {
    const uword s = layout.offset[p];
    const double mass = arma::accu(vec(at.mass(uvec(layout.experts_of_scalar(p))))), tt = at.em(s, s) - mass,
                 tu = tt - mass - at.score(s) + gained(p);
    if (tt > 0.0) parameters(s) -= std::log((tu + std::sqrt(tu * tu + 4.0 * mass * tt)) / (2.0 * tt));
  }
}

EXPERTMIX_DEFINITION void ScaledGaussianExperts::mean(const Rows& rows, const Block& block, Table out) const {
  for (uword k = 0; k < rows.experts; ++k)
    for (std::size_t i = 0; i < rows.count; ++i) out[k][i] = centre(rows, block, i, k);
}

/// Of sigma u: sigma, and sigma u of log sigma.
EXPERTMIX_DEFINITION void ScaledGaussianExperts::mean_first(const Rows& rows, const Block& /*block*/, uword /*outcome*/,
                                                            double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k) {
    const double sigma = std::exp(log_sigma(rows, k));
    std::fill_n(out[2 * k], rows.count, sigma);
    multiply_by(sigma, rows.predictor[k], out[2 * k + 1], rows.count);
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
