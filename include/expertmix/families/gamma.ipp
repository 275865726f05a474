#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "../math/columns.hpp"
#include "../math/gamma.hpp"
#include "gamma.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// log(y / mu) up to which exp() and what it is multiplied by stay finite.
constexpr double largest_log_ratio = 500.0;

/// exp(eta), within the range of numbers.
inline double gamma_mean(const Rows& rows, const Block& block, std::size_t i, uword k) {
  constexpr double largest = 690.0;
  return std::exp(std::clamp(with_offset(rows, block, i, k), -largest, largest));
}

/// exp(d) - 1 - d, by its series where that cancels.
inline double beyond_linear(double d) {
  if (std::abs(d) > 0.01) return std::expm1(d) - d;
  return 0.5 * d * d * (1.0 + d / 3.0 * (1.0 + d / 4.0 * (1.0 + d / 5.0 * (1.0 + d / 6.0 * (1.0 + d / 7.0)))));
}

/// What `log_density` leaves of a block for the derivatives: of every expert y / mu - 1 and q, and its constants a,
/// a (log a - psi(a)) and a^2 psi'(a) - a.
struct GammaColumns {
  Table excess, q;
  double *shape, *first, *second;
};

inline GammaColumns gamma_columns(const Rows& rows, Table scratch) {
  const Table q = scratch.from(rows.experts);
  double* shape = q[rows.experts];
  return {scratch, q, shape, shape + rows.experts, shape + 2 * rows.experts};
}

/// log mu: v a (y / mu - 1); log sigma: 2 v (a q - a (log a - psi(a)))
EXPERTMIX_KERNEL void gamma_first(const double* excess, const double* q, double shape, double constant, const double* v,
                                  double* __restrict mean, double* __restrict log_sigma, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    mean[i] = v[i] * (shape * excess[i]);
    log_sigma[i] = 2.0 * v[i] * (shape * q[i] - constant);
  }
}

/// (log mu, log mu): v a y / mu; (log mu, log sigma): 2 v a (y / mu - 1);
/// (log sigma, log sigma): 4 v (a q + a^2 (psi'(a) - 1 / a) - a (log a - psi(a)))
EXPERTMIX_KERNEL void gamma_second(const double* excess, const double* q, double shape, double constant,
                                   const double* v, double* __restrict mean, double* __restrict mixed,
                                   double* __restrict log_sigma, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    mean[i] = v[i] * (shape * (1.0 + excess[i]));
    mixed[i] = 2.0 * v[i] * (shape * excess[i]);
    log_sigma[i] = 4.0 * v[i] * (shape * q[i] + constant);
  }
}

}  // namespace detail

EXPERTMIX_DEFINITION double GammaExperts::shape(const Rows& rows, uword k) const {
  constexpr double largest = 500.0;
  return std::exp(std::clamp(-2.0 * rows.predictor[log_sigma(k, rows.experts)][0], -largest, largest));
}

EXPERTMIX_DEFINITION void GammaExperts::check(const mat& response, const char* where) const {
  Experts::check(response, where);
  for (uword i = 0; i < response.n_rows; ++i)
    require(response(i) > 0.0, where, "y", "row " + std::to_string(i + 1) + " is not a positive number");
}

EXPERTMIX_DEFINITION mat GammaExperts::features(const mat& response) const {
  mat out = response;
  return out.transform([](double y) { return std::log(y); });
}

EXPERTMIX_DEFINITION std::vector<Predictor> GammaExperts::predictors(uword experts) const {
  std::vector<Predictor> list;
  for (uword k = 0; k < experts; ++k) list.push_back({Design::experts, Unit::none, k});
  for (uword k = 0; k < (common_ ? 1 : experts); ++k)
    list.push_back({Design::constant, Unit::log_relative, common_ ? experts : k});
  return list;
}

EXPERTMIX_DEFINITION std::vector<Term> GammaExperts::terms(uword experts) const {
  std::vector<Term> list;
  for (uword k = 0; k < experts; ++k) list.push_back({k, k}), list.push_back({k, log_sigma(k, experts)});
  return list;
}

EXPERTMIX_DEFINITION std::vector<TermPair> GammaExperts::pairs(uword experts) const {
  std::vector<TermPair> list;
  for (uword k = 0; k < experts; ++k) {
    const std::size_t mean = 2 * k, log_s = 2 * k + 1;
    list.push_back({mean, mean, true}), list.push_back({mean, log_s, false}), list.push_back({log_s, log_s, true});
  }
  return list;
}

EXPERTMIX_DEFINITION void GammaExperts::log_density(const Rows& rows, const Block& block, Table scratch,
                                                    Table log_f) const {
  constexpr double half_log_2pi = 0.91893853320467274178;
  const detail::GammaColumns own = detail::gamma_columns(rows, scratch);
  alignas(64) double log_y[detail::max_block_rows];
  for (std::size_t i = 0; i < rows.count; ++i) log_y[i] = block.response[i] > 0.0 ? std::log(block.response[i]) : 0.0;
  for (uword k = 0; k < rows.experts; ++k) {
    const double a = own.shape[k] = shape(rows, k);
    own.first[k] = detail::digamma_remainder(a);
    own.second[k] = detail::trigamma_remainder(a);
    const double constant =
        -rows.predictor[log_sigma(k, rows.experts)][0] - half_log_2pi - detail::stirling_remainder(a);
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double d = log_y[i] - with_offset(rows, block, i, k), within = std::min(d, detail::largest_log_ratio);
      own.q[k][i] = detail::beyond_linear(within);
      own.excess[k][i] = within + own.q[k][i];
      log_f[k][i] = d > within ? -arma::datum::inf : constant - a * own.q[k][i] - log_y[i];
    }
  }
}

EXPERTMIX_DEFINITION Distance GammaExperts::distance(const Rows& rows, const Block& block, std::size_t i,
                                                     uword k) const {
  const double d = std::log(block.response[i]) - with_offset(rows, block, i, k);
  const double log_a = -2.0 * rows.predictor[log_sigma(k, rows.experts)][0];
  return {log_a + (d > detail::largest_log_ratio ? d : std::log(detail::beyond_linear(d))), log_a, 0.0};
}

EXPERTMIX_DEFINITION void GammaExperts::first(const Rows& rows, Table scratch, Table v, double* const* out) const {
  const detail::GammaColumns own = detail::gamma_columns(rows, scratch);
  for (uword k = 0; k < rows.experts; ++k)
    detail::gamma_first(own.excess[k], own.q[k], own.shape[k], own.first[k], v[k], out[2 * k], out[2 * k + 1],
                        rows.count);
}

EXPERTMIX_DEFINITION void GammaExperts::second(const Rows& rows, Table scratch, Table v, double* const* out) const {
  const detail::GammaColumns own = detail::gamma_columns(rows, scratch);
  for (uword k = 0; k < rows.experts; ++k)
    detail::gamma_second(own.excess[k], own.q[k], own.shape[k], own.second[k] - own.first[k], v[k], out[3 * k],
                         out[3 * k + 1], out[3 * k + 2], rows.count);
}

/// (log mu, log mu): v a; (log sigma, log sigma): 4 v (a^2 psi'(a) - a)
EXPERTMIX_DEFINITION void GammaExperts::information(const Rows& rows, Table scratch, Table v,
                                                    double* const* out) const {
  const detail::GammaColumns own = detail::gamma_columns(rows, scratch);
  for (uword k = 0; k < rows.experts; ++k) {
    detail::multiply_by(own.shape[k], v[k], out[3 * k], rows.count);
    detail::multiply_by(4.0 * own.second[k], v[k], out[3 * k + 2], rows.count);
  }
}

EXPERTMIX_DEFINITION void GammaExperts::maximise(const Statistics& at, const Layout& layout, const vec& step,
                                                 vec& parameters) const {
  const std::size_t first = layout.gate_predictors;
  for (uword k = 0; k < layout.experts; ++k) {
    const arma::span own = layout.span(first + k);
    parameters(own) += trusted_length(arma::norm(step(own), 1)) * step(own);
  }
  for (std::size_t p = first + layout.experts; p < layout.predictors.size(); ++p) {
    const uword s = layout.offset[p];
    const double a = std::exp(-2.0 * parameters(s)), mass = at.em(s, s) / (4.0 * detail::trigamma_remainder(a));
    const double q = (0.5 * at.score(s) / mass + detail::digamma_remainder(a)) / a;
    if (mass > 0.0 && q > 0.0) parameters(s) = std::min(-0.5 * std::log(detail::shape_of(q)), parameters(s) + 1.0);
  }
}

/// Quantiles out to 1e-30.
EXPERTMIX_DEFINITION void GammaExperts::support(const Rows& rows, const Block& block, std::size_t i, uword k,
                                                std::vector<double>& points) const {
  constexpr double tails[] = {1e-30, 1e-12, 1e-4, 0.05, 0.3};
  const double a = shape(rows, k), scale = detail::gamma_mean(rows, block, i, k) / a;
  for (double p : tails) {
    points.push_back(std::max(scale * boost::math::gamma_p_inv(a, p), std::numeric_limits<double>::min()));
    points.push_back(std::max(scale * boost::math::gamma_q_inv(a, p), std::numeric_limits<double>::min()));
  }
}

EXPERTMIX_DEFINITION void GammaExperts::distribution(const Rows& rows, const Block& block, Table out) const {
  mean(rows, block, out);
  for (uword k = 0; k < rows.experts; ++k) {
    const double a = shape(rows, k);
    for (std::size_t i = 0; i < rows.count; ++i)
      out[k][i] = block.response[i] > 0.0 ? boost::math::gamma_p(a, a * (block.response[i] / out[k][i])) : 0.0;
  }
}

EXPERTMIX_DEFINITION void GammaExperts::survival(const Rows& rows, const Block& block, Table out) const {
  mean(rows, block, out);
  for (uword k = 0; k < rows.experts; ++k) {
    const double a = shape(rows, k);
    for (std::size_t i = 0; i < rows.count; ++i)
      out[k][i] = block.response[i] > 0.0 ? boost::math::gamma_q(a, a * (block.response[i] / out[k][i])) : 1.0;
  }
}

EXPERTMIX_DEFINITION void GammaExperts::mean(const Rows& rows, const Block& block, Table out) const {
  for (uword k = 0; k < rows.experts; ++k)
    for (std::size_t i = 0; i < rows.count; ++i) out[k][i] = detail::gamma_mean(rows, block, i, k);
}

EXPERTMIX_DEFINITION void GammaExperts::levels(const Rows& rows, const Block& /*block*/, Table mean,
                                               Table squared_unit) const {
  for (uword k = 0; k < rows.experts; ++k) {
    std::transform(mean[k], mean[k] + rows.count, mean[k], [](double mu) { return std::log(mu); });
    std::fill_n(squared_unit[k], rows.count, 1.0 / shape(rows, k));
  }
}

/// mu of log mu, 0 of log sigma.
EXPERTMIX_DEFINITION void GammaExperts::mean_first(const Rows& rows, const Block& block, uword /*outcome*/,
                                                   double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k)
    for (std::size_t i = 0; i < rows.count; ++i) {
      out[2 * k][i] = detail::gamma_mean(rows, block, i, k);
      out[2 * k + 1][i] = 0.0;
    }
}

/// At least the smallest normal number.
EXPERTMIX_DEFINITION void GammaExperts::draw(const Rows& rows, const Block& /*block*/, Table mean, const uword* expert,
                                             Random& random, Table response) const {
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double a = shape(rows, expert[i]);
    response[0][i] = std::max(mean[expert[i]][i] / a * random.gamma(a), std::numeric_limits<double>::min());
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
