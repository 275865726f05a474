#pragma once

#include <cmath>

#include "../math/columns.hpp"
#include "gaussian.hpp"
#include "location_scale.hpp"
#include "scaled_gaussian.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// e = y - mean - offset, log f = constant - (root e)^2: the product first, so that neither factor overflows alone
EXPERTMIX_KERNEL void gaussian_density(const double* y, const double* offset, const double* mean, double root,
                                       double constant, double* __restrict e, double* __restrict log_f, std::size_t n) {
  if (offset)
    for (std::size_t i = 0; i < n; ++i) {
      e[i] = y[i] - offset[i] - mean[i];
      log_f[i] = constant - (root * e[i]) * (root * e[i]);
    }
  else
    for (std::size_t i = 0; i < n; ++i) {
      e[i] = y[i] - mean[i];
      log_f[i] = constant - (root * e[i]) * (root * e[i]);
    }
}

/// mean: v e precision; log sigma: v (e^2 precision - 1)
EXPERTMIX_KERNEL void gaussian_first(const double* e, double precision, const double* v, double* __restrict mean,
                                     double* __restrict log_sigma, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double scaled = e[i] * precision;
    mean[i] = v[i] * scaled;
    log_sigma[i] = v[i] * (e[i] * scaled - 1.0);
  }
}

/// (mean, mean): v precision; (log sigma, log sigma): 2 v
EXPERTMIX_KERNEL void gaussian_information(double precision, const double* v, double* __restrict mean,
                                           double* __restrict log_sigma, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    mean[i] = precision * v[i];
    log_sigma[i] = 2.0 * v[i];
  }
}

/// (mean, log sigma): 2 v e precision; (log sigma, log sigma): 2 v e^2 precision
EXPERTMIX_KERNEL void gaussian_second(const double* e, double precision, const double* v, double* __restrict mixed,
                                      double* __restrict log_sigma, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    mixed[i] = 2.0 * precision * v[i] * e[i];
    log_sigma[i] = mixed[i] * e[i];
  }
}

}  // namespace detail

EXPERTMIX_DEFINITION std::vector<Predictor> GaussianExperts::predictors(uword experts) const {
  std::vector<Predictor> list;
  for (uword k = 0; k < experts; ++k) list.push_back({Design::experts, Unit::response, k});
  for (uword k = 0; k < (common_ ? 1 : experts); ++k)
    list.push_back({Design::constant, Unit::log_response, common_ ? experts : k});
  return list;
}

EXPERTMIX_DEFINITION std::shared_ptr<const Experts> GaussianExperts::scaled() const {
  return std::make_shared<detail::ScaledGaussianExperts>(common_);
}

EXPERTMIX_DEFINITION std::vector<TermPair> GaussianExperts::pairs(uword experts) const {
  std::vector<TermPair> list;
  for (uword k = 0; k < experts; ++k) {
    const std::size_t mean = 2 * k, log_s = 2 * k + 1;
    list.push_back({mean, mean, true}), list.push_back({mean, log_s, false}), list.push_back({log_s, log_s, true});
  }
  return list;
}

EXPERTMIX_DEFINITION void GaussianExperts::log_density(const Rows& rows, const Block& block, Table residual,
                                                       Table log_f) const {
  constexpr double half_log_2pi = 0.91893853320467274178, root_half = 0.70710678118654752440;
  double* precision = residual[rows.experts];
  for (uword k = 0; k < rows.experts; ++k) {
    const double log_s = rows.predictor[log_sigma(k, rows.experts)][0];
    precision[k] = std::exp(-2.0 * log_s);
    detail::gaussian_density(block.response, block.offset, rows.predictor[k], root_half * std::exp(-log_s),
                             -log_s - half_log_2pi, residual[k], log_f[k], rows.count);
  }
}

EXPERTMIX_DEFINITION void GaussianExperts::first(const Rows& rows, Table residual, Table v, double* const* out) const {
  const double* precision = residual[rows.experts];
  for (uword k = 0; k < rows.experts; ++k)
    detail::gaussian_first(residual[k], precision[k], v[k], out[2 * k], out[2 * k + 1], rows.count);
}

EXPERTMIX_DEFINITION void GaussianExperts::second(const Rows& rows, Table residual, Table v, double* const* out) const {
  const double* precision = residual[rows.experts];
  for (uword k = 0; k < rows.experts; ++k) {
    detail::multiply_by(precision[k], v[k], out[3 * k], rows.count);
    detail::gaussian_second(residual[k], precision[k], v[k], out[3 * k + 1], out[3 * k + 2], rows.count);
  }
}

EXPERTMIX_DEFINITION void GaussianExperts::information(const Rows& rows, Table residual, Table v,
                                                       double* const* out) const {
  const double* precision = residual[rows.experts];
  for (uword k = 0; k < rows.experts; ++k)
    detail::gaussian_information(precision[k], v[k], out[3 * k], out[3 * k + 2], rows.count);
}

EXPERTMIX_DEFINITION void GaussianExperts::maximise(const Statistics& at, const Layout& layout, const vec& step,
                                                    vec& parameters) const {
  detail::raise_location_scale(at, layout, step, parameters);
}

EXPERTMIX_DEFINITION void GaussianExperts::mean(const Rows& rows, const Block& block, Table out) const {
  for (uword k = 0; k < rows.experts; ++k) {
    std::copy_n(rows.predictor[k], rows.count, out[k]);
    if (block.offset) detail::add(block.offset, out[k], rows.count);
  }
}

/// 1 of the mean, 0 of log sigma.
EXPERTMIX_DEFINITION void GaussianExperts::mean_first(const Rows& rows, const Block& /*block*/, uword /*outcome*/,
                                                      double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k) {
    std::fill_n(out[2 * k], rows.count, 1.0);
    std::fill_n(out[2 * k + 1], rows.count, 0.0);
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
