#pragma once

#include <cmath>
#include <vector>

#include "../math/columns.hpp"
#include "../model/experts.hpp"

namespace expertmix {

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

/// Gaussian experts f_k(y) = N(y; x' b_k + offset, sigma_k^2), sigma_k separate or one common sigma. Predictors: the K
/// means, then log sigma_1, ..., log sigma_K (or log sigma).
class GaussianExperts final : public Experts {
 public:
  explicit GaussianExperts(bool common_sigma = false) : common_(common_sigma) {}

  std::vector<Predictor> predictors(uword experts) const override {
    std::vector<Predictor> list;
    for (uword k = 0; k < experts; ++k) list.push_back({Design::experts, Unit::response, k});
    for (uword k = 0; k < (common_ ? 1 : experts); ++k)
      list.push_back({Design::constant, Unit::log_response, common_ ? experts : k});
    return list;
  }

  std::vector<Term> terms(uword experts) const override {
    std::vector<Term> list;
    for (uword k = 0; k < experts; ++k) list.push_back({k, k}), list.push_back({k, log_sigma(k, experts)});
    return list;
  }

  std::vector<TermPair> pairs(uword experts) const override {
    std::vector<TermPair> list;
    for (uword k = 0; k < experts; ++k) {
      const std::size_t mean = 2 * k, log_s = 2 * k + 1;
      list.push_back({mean, mean, true}), list.push_back({mean, log_s, false}), list.push_back({log_s, log_s, true});
    }
    return list;
  }

  /// K columns of residuals, then the K precisions.
  std::size_t scratch(uword experts) const override { return experts + 1 + experts / max_block_rows; }

  void log_density(const Rows& rows, const Block& block, Table residual, Table log_f) const override {
    constexpr double half_log_2pi = 0.91893853320467274178, root_half = 0.70710678118654752440;
    double* precision = residual[rows.experts];
    for (uword k = 0; k < rows.experts; ++k) {
      const double log_s = rows.predictor[log_sigma(k, rows.experts)][0];
      precision[k] = std::exp(-2.0 * log_s);
      detail::gaussian_density(block.response, block.offset, rows.predictor[k], root_half * std::exp(-log_s),
                               -log_s - half_log_2pi, residual[k], log_f[k], rows.count);
    }
  }

  /// log(|e_k| / sigma_k); where a residual is infinite or drowns the means, the wider expert is nearer, then the one
  /// whose mean lies towards y.
  Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const override {
    const double y = block.response[i], mean = rows.predictor[k][i] + (block.offset ? block.offset[i] : 0.0);
    const double log_s = rows.predictor[log_sigma(k, rows.experts)][0];
    const double log_e = std::isinf(y) ? 0.0 : std::log(std::abs(0.5 * y - 0.5 * mean));
    return {log_e - log_s, -log_s, y > mean ? -mean : mean};
  }

  void first(const Rows& rows, Table residual, Table v, double* const* out) const override {
    const double* precision = residual[rows.experts];
    for (uword k = 0; k < rows.experts; ++k)
      detail::gaussian_first(residual[k], precision[k], v[k], out[2 * k], out[2 * k + 1], rows.count);
  }

  void second(const Rows& rows, Table residual, Table v, double* const* out) const override {
    const double* precision = residual[rows.experts];
    for (uword k = 0; k < rows.experts; ++k) {
      multiply_by(precision[k], v[k], out[3 * k], rows.count);
      detail::gaussian_second(residual[k], precision[k], v[k], out[3 * k + 1], out[3 * k + 2], rows.count);
    }
  }

  void information(const Rows& rows, Table residual, Table v, double* const* out) const override {
    const double* precision = residual[rows.experts];
    for (uword k = 0; k < rows.experts; ++k)
      detail::gaussian_information(precision[k], v[k], out[3 * k], out[3 * k + 2], rows.count);
  }

  /// Means b_k + d_k with the step d, weighted least squares if it is G^-1 g with G the weighted Gram and g the score,
  /// both over sigma^2; then sigma^2 = sum_i r_ik e_ik^2 / sum_i r_ik at the new residuals, which is
  /// sigma_old^2 (score + mass - 2 g'd + d'G d) / mass.
  void maximise(const Statistics& at, const Layout& layout, const vec& step, vec& parameters) const override {
    const std::size_t first = layout.gate_predictors;
    vec gained(layout.predictors.size(), arma::fill::zeros);
    for (uword k = 0; k < layout.experts; ++k) {
      const arma::span span = layout.span(first + k);
      parameters(span) += step(span);
      const vec d = step(span);
      gained(first + log_sigma(k, layout.experts)) +=
          2.0 * arma::dot(at.score(span), d) - arma::dot(d, at.em.among(span) * d);
    }
    for (std::size_t p = first + layout.experts; p < layout.predictors.size(); ++p) {
      const uword s = layout.offset[p];
      const double mass = 0.5 * at.em(s, s);
      const double ratio = (at.score(s) + mass - gained(p)) / mass;
      if (mass > 0.0 && ratio > 0.0) parameters(s) += 0.5 * std::log(ratio);
    }
  }

  void mean(const Rows& rows, const Block& block, Table out) const override {
    for (uword k = 0; k < rows.experts; ++k) {
      std::copy_n(rows.predictor[k], rows.count, out[k]);
      if (block.offset) add(block.offset, out[k], rows.count);
    }
  }

  void draw(const Rows& rows, const Block& /*block*/, Table mean, const uword* expert, Random& random,
            Table response) const override {
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double sigma = std::exp(rows.predictor[log_sigma(expert[i], rows.experts)][0]);
      response[0][i] = mean[expert[i]][i] + sigma * random.normal();
    }
  }

 private:
  std::size_t log_sigma(uword k, uword experts) const { return experts + (common_ ? 0 : k); }

  bool common_;
};

}  // namespace expertmix
