#pragma once

#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>

#include "../math/columns.hpp"
#include "../math/factorial.hpp"
#include "../math/gamma.hpp"
#include "../math/log1p.hpp"
#include "negative_binomial.hpp"
#include "shape.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// log f but for its rising factorial, added to what is there: y eta - (y + theta) log(1 + mu / theta) - log y!
EXPERTMIX_KERNEL void add_negative_binomial(const double* y, const double* eta, const double* l, const double* c,
                                            double theta, double* __restrict log_f, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) log_f[i] += y[i] * eta[i] - (y[i] + theta) * l[i] - c[i];
}

/// eta: v (y (1 - p) - theta p); log theta: v (d + (y + theta) p - theta l), d the rising factorial's derivative
EXPERTMIX_KERNEL void negative_binomial_first(const double* y, const double* p, const double* rest, const double* l,
                                              const double* v, double theta, double* __restrict eta,
                                              double* __restrict log_theta, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    eta[i] = v[i] * (y[i] * rest[i] - theta * p[i]);
    log_theta[i] = v[i] * (log_theta[i] + (y[i] + theta) * p[i] - theta * l[i]);
  }
}

/// (eta, eta): v (y + theta) p (1 - p); mixed: v p (theta p - y (1 - p)); (log theta, log theta): v (theta l -
/// 2 theta p + (y + theta) p (1 - p) - d), d the rising factorial's second derivative
EXPERTMIX_KERNEL void negative_binomial_second(const double* y, const double* p, const double* rest, const double* l,
                                               const double* v, double theta, double* __restrict eta,
                                               double* __restrict mixed, double* __restrict log_theta, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double spread = (y[i] + theta) * p[i] * rest[i];
    eta[i] = v[i] * spread;
    mixed[i] = v[i] * p[i] * (theta * p[i] - y[i] * rest[i]);
    log_theta[i] = v[i] * (theta * (l[i] - p[i]) + (spread - theta * p[i]) - log_theta[i]);
  }
}

/// (eta, eta): v theta p; (log theta, log theta): v p^2 unit
EXPERTMIX_KERNEL void negative_binomial_information(const double* p, const double* v, double theta, double unit,
                                                    double* __restrict eta, double* __restrict log_theta,
                                                    std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    eta[i] = v[i] * theta * p[i];
    log_theta[i] = v[i] * unit * p[i] * p[i];
  }
}

/// eta = predictor + offset
inline void log_means(const Rows& rows, const Block& block, uword k, double* eta) {
  std::copy_n(rows.predictor[k], rows.count, eta);
  if (block.offset) add(block.offset, eta, rows.count);
}

/// exp(eta), finite.
inline void finite_means(const Rows& rows, const Block& block, uword k, double* out) {
  constexpr double largest = 690.0;
  log_means(rows, block, k, out);
  for (std::size_t i = 0; i < rows.count; ++i) out[i] = std::clamp(out[i], -largest, largest);
  exponentiate(out, rows.count);
}

}  // namespace detail

EXPERTMIX_DEFINITION std::vector<Predictor> NegativeBinomialExperts::predictors(uword experts) const {
  std::vector<Predictor> list;
  for (uword k = 0; k < experts; ++k) list.push_back({Design::experts, Unit::none, k});
  for (uword k = 0; k < experts; ++k)
    list.push_back({Design::constant, Unit::none, k, 0, std::log(1e-3), std::log(1e6)});
  return list;
}

EXPERTMIX_DEFINITION std::vector<Term> NegativeBinomialExperts::terms(uword experts) const {
  std::vector<Term> list;
  for (uword k = 0; k < experts; ++k) list.push_back({k, k}), list.push_back({k, experts + k});
  return list;
}

EXPERTMIX_DEFINITION std::vector<TermPair> NegativeBinomialExperts::pairs(uword experts) const {
  std::vector<TermPair> list;
  for (uword k = 0; k < experts; ++k) {
    const std::size_t eta = 2 * k, log_t = 2 * k + 1;
    list.push_back({eta, eta, true}), list.push_back({eta, log_t, false}), list.push_back({log_t, log_t, true});
  }
  return list;
}

EXPERTMIX_DEFINITION void NegativeBinomialExperts::check(const mat& response, const char* where) const {
  Experts::check(response, where);
  for (uword i = 0; i < response.n_rows; ++i)
    require(response(i) >= 0.0 && response(i) == std::floor(response(i)), where, "y",
            "row " + std::to_string(i + 1) + " is not a count");
}

/// log(y + 1/2), on the calling thread.
EXPERTMIX_DEFINITION mat NegativeBinomialExperts::features(const mat& response) const {
  mat out = response;
  return out.transform([](double y) { return std::log(y + 0.5); });
}

EXPERTMIX_DEFINITION void NegativeBinomialExperts::log_density(const Rows& rows, const Block& block, Table scratch,
                                                               Table log_f) const {
  double *y = scratch[0], *factorial = scratch[1];
  std::copy_n(block.response, rows.count, y);
  std::transform(y, y + rows.count, factorial, [](double value) { return detail::log_factorial(value); });
  const double largest = *std::max_element(y, y + rows.count);
  for (uword k = 0; k < rows.experts; ++k) {
    const double theta = std::exp(log_theta(rows, k));
    const Table own = scratch.from(2 + 3 * k);
    alignas(64) double eta[detail::max_block_rows];
    detail::log_means(rows, block, k, eta);
    std::transform(eta, eta + rows.count, own[2], [&](double value) { return value - log_theta(rows, k); });
    detail::softplus(own[2], own[0], own[1], rows.count);
    detail::RisingFactorial rising(theta, largest);
    rising.list_values();
    std::transform(y, y + rows.count, log_f[k], [&](double value) { return rising.value(value); });
    detail::add_negative_binomial(y, eta, own[2], factorial, theta, log_f[k], rows.count);
  }
}

EXPERTMIX_DEFINITION Distance NegativeBinomialExperts::distance(const Rows& rows, const Block& block, std::size_t i,
                                                                uword k) const {
  const double eta = with_offset(rows, block, i, k), ahead = eta - log_theta(rows, k), y = block.response[i];
  const double far =
      (y + std::exp(log_theta(rows, k))) * (std::max(ahead, 0.0) + std::log1p(std::exp(-std::abs(ahead))));
  return {std::isfinite(far - y * eta) ? far - y * eta : arma::datum::inf, std::abs(eta), 0.0};
}

EXPERTMIX_DEFINITION void NegativeBinomialExperts::first(const Rows& rows, Table scratch, Table v,
                                                         double* const* out) const {
  const double* y = scratch[0];
  const double largest = *std::max_element(y, y + rows.count);
  for (uword k = 0; k < rows.experts; ++k) {
    const double theta = std::exp(log_theta(rows, k));
    const Table own = scratch.from(2 + 3 * k);
    detail::RisingFactorial rising(theta, largest);
    rising.list_slopes();
    double* log_t = out[2 * k + 1];
    std::transform(y, y + rows.count, log_t, [&](double value) { return rising.slope(value); });
    detail::negative_binomial_first(y, own[0], own[1], own[2], v[k], theta, out[2 * k], log_t, rows.count);
  }
}

EXPERTMIX_DEFINITION void NegativeBinomialExperts::second(const Rows& rows, Table scratch, Table v,
                                                          double* const* out) const {
  const double* y = scratch[0];
  const double largest = *std::max_element(y, y + rows.count);
  for (uword k = 0; k < rows.experts; ++k) {
    const double theta = std::exp(log_theta(rows, k));
    const Table own = scratch.from(2 + 3 * k);
    detail::RisingFactorial rising(theta, largest);
    rising.list_curvatures();
    double* log_t = out[3 * k + 2];
    std::transform(y, y + rows.count, log_t, [&](double value) { return rising.curvature(value); });
    detail::negative_binomial_second(y, own[0], own[1], own[2], v[k], theta, out[3 * k], out[3 * k + 1], log_t,
                                     rows.count);
  }
}

EXPERTMIX_DEFINITION void NegativeBinomialExperts::information(const Rows& rows, Table scratch, Table v,
                                                               double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k) {
    const double theta = std::exp(log_theta(rows, k));
    detail::negative_binomial_information(scratch[2 + 3 * k], v[k], theta, detail::trigamma_remainder(theta),
                                          out[3 * k], out[3 * k + 2], rows.count);
  }
}

EXPERTMIX_DEFINITION void NegativeBinomialExperts::maximise(const Statistics& at, const Layout& layout, const vec& step,
                                                            vec& parameters) const {
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p) {
    const Predictor& own = layout.predictors[p];
    const arma::span span = layout.span(p);
    if (own.design == Design::constant)
      parameters(span.a) = detail::raised_log_shape(parameters(span.a), at.score(span.a), at.em(span.a, span.a), own);
    else
      parameters(span) += trusted_length(arma::norm(step(span), 1)) * step(span);
  }
}

/// All counts to where less than 1e-15 of the probability is left: 8 standard deviations and 34 times the length on
/// which the tail falls by e. Throws `invalid_argument` where they are too many.
EXPERTMIX_DEFINITION void NegativeBinomialExperts::support(const Rows& rows, const Block& block, std::size_t i, uword k,
                                                           std::vector<double>& points) const {
  const double mean = std::exp(with_offset(rows, block, i, k)), theta = std::exp(log_theta(rows, k));
  const double deviation = std::sqrt(mean + mean * mean / theta);
  const double last = mean + 8.0 * deviation + 34.0 * std::max(1.0, 1.0 / std::log1p(theta / mean));
  const double first = std::max(0.0, std::floor(mean - 8.0 * deviation - 34.0));
  require(last - first < 1e6, "support", "family", "has means too large to sum over counts");
  for (double y = first; y <= last; ++y) points.push_back(y);
}

/// P(Y <= y) = I_{1 - p}(theta, y + 1), or P(Y > y) = I_p(y + 1, theta), by the smaller of p and 1 - p.
EXPERTMIX_DEFINITION void NegativeBinomialExperts::tail(const Rows& rows, const Block& block, bool above, Table out) {
  for (uword k = 0; k < rows.experts; ++k) {
    const double theta = std::exp(log_theta(rows, k));
    alignas(64) double p[detail::max_block_rows], rest[detail::max_block_rows];
    detail::log_means(rows, block, k, out[k]);
    for (std::size_t i = 0; i < rows.count; ++i) out[k][i] -= log_theta(rows, k);
    detail::softplus(out[k], p, rest, rows.count);
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double next = std::floor(block.response[i]) + 1.0;
      if (next < 1.0)
        out[k][i] = above ? 1.0 : 0.0;
      else if (p[i] < rest[i])
        out[k][i] = above ? boost::math::ibeta(next, theta, p[i]) : boost::math::ibetac(next, theta, p[i]);
      else
        out[k][i] = above ? boost::math::ibetac(theta, next, rest[i]) : boost::math::ibeta(theta, next, rest[i]);
    }
  }
}

EXPERTMIX_DEFINITION void NegativeBinomialExperts::mean(const Rows& rows, const Block& block, Table out) const {
  for (uword k = 0; k < rows.experts; ++k) detail::finite_means(rows, block, k, out[k]);
}

/// mu + mu^2 / theta
EXPERTMIX_DEFINITION void NegativeBinomialExperts::levels(const Rows& rows, const Block& /*block*/, Table mean,
                                                          Table squared_unit) const {
  for (uword k = 0; k < rows.experts; ++k) {
    const double over_theta = std::exp(-log_theta(rows, k));
    for (std::size_t i = 0; i < rows.count; ++i) squared_unit[k][i] = mean[k][i] * (1.0 + mean[k][i] * over_theta);
  }
}

/// mu of eta, 0 of log theta.
EXPERTMIX_DEFINITION void NegativeBinomialExperts::mean_first(const Rows& rows, const Block& block, uword /*outcome*/,
                                                              double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k) {
    detail::finite_means(rows, block, k, out[2 * k]);
    std::fill_n(out[2 * k + 1], rows.count, 0.0);
  }
}

/// A Poisson count whose mean is Gamma distributed.
EXPERTMIX_DEFINITION void NegativeBinomialExperts::draw(const Rows& rows, const Block& /*block*/, Table mean,
                                                        const uword* expert, Random& random, Table response) const {
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double theta = std::exp(log_theta(rows, expert[i]));
    response[0][i] = random.poisson(mean[expert[i]][i] * random.gamma(theta) / theta);
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
