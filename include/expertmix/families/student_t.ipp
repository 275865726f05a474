#pragma once

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>

#include "../math/columns.hpp"
#include "../math/log1p.hpp"
#include "location_scale.hpp"
#include "shape.hpp"
#include "student_t.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// z = (y - location - offset) / sigma, share = z^2 / nu, below 1e300
EXPERTMIX_KERNEL void standardise_t(const double* y, const double* offset, const double* location, double precision,
                                    double nu, double* __restrict z, double* __restrict share, std::size_t n) {
  if (offset)
    for (std::size_t i = 0; i < n; ++i) z[i] = (y[i] - offset[i] - location[i]) * precision;
  else
    for (std::size_t i = 0; i < n; ++i) z[i] = (y[i] - location[i]) * precision;
  for (std::size_t i = 0; i < n; ++i) {
    const double ratio = z[i] / nu * z[i];
    share[i] = ratio < 1e300 ? ratio : 1e300;
  }
}

/// log f = constant - (nu + 1) / 2 l
EXPERTMIX_KERNEL void student_density(const double* l, double nu, double constant, double* __restrict log_f,
                                      std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) log_f[i] = constant - 0.5 * (nu + 1.0) * l[i];
}

/// location: v w z / sigma; log sigma: v (w z^2 - 1), w = (nu + 1) / (nu + z^2) = (nu + 1) / nu inverse
EXPERTMIX_KERNEL void student_first(const double* z, const double* inverse, const double* v, double nu,
                                    double precision, double* __restrict location, double* __restrict log_sigma,
                                    std::size_t n) {
  const double factor = (nu + 1.0) / nu;
  for (std::size_t i = 0; i < n; ++i) {
    const double pull = factor * inverse[i] * z[i];
    location[i] = v[i] * pull * precision;
    log_sigma[i] = v[i] * (pull * z[i] - 1.0);
  }
}

/// log nu: v (slope - nu / 2 l + (nu + 1) / 2 z^2 / (nu + z^2)), slope that of log f's constant
EXPERTMIX_KERNEL void student_first_degrees(const double* z, const double* l, const double* inverse, const double* v,
                                            double nu, double slope, double* __restrict log_nu, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double share = z[i] / nu * inverse[i] * z[i];
    log_nu[i] = v[i] * (slope + 0.5 * (share + nu * (share - l[i])));
  }
}

/// With inverse = nu / (nu + z^2) and share = 1 - inverse, (location, location): v w (inverse - share) / sigma^2;
/// mixed: 2 v w z inverse / sigma; (log sigma, log sigma): 2 v w z^2 inverse
EXPERTMIX_KERNEL void student_second(const double* z, const double* inverse, const double* v, double nu,
                                     double precision, double* __restrict location, double* __restrict mixed,
                                     double* __restrict log_sigma, std::size_t n) {
  const double factor = (nu + 1.0) / nu;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = factor * inverse[i] * v[i], share = z[i] / nu * inverse[i] * z[i];
    location[i] = w * (inverse[i] - share) * precision * precision;
    mixed[i] = 2.0 * w * z[i] * inverse[i] * precision;
    log_sigma[i] = 2.0 * w * z[i] * z[i] * inverse[i];
  }
}

/// (location, log nu): v z inverse (w - 1) / sigma; (log sigma, log nu): the same times z sigma; (log nu, log nu):
/// v (nu / 2 l - nu share + (nu + 1) / 2 share inverse - curvature), curvature that of log f's constant
EXPERTMIX_KERNEL void student_second_degrees(const double* z, const double* l, const double* inverse, const double* v,
                                             double nu, double precision, double curvature, double* __restrict location,
                                             double* __restrict log_sigma, double* __restrict log_nu, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double share = z[i] / nu * inverse[i] * z[i];
    const double excess = v[i] * z[i] * inverse[i] * (inverse[i] / nu - share);
    location[i] = excess * precision;
    log_sigma[i] = excess * z[i];
    log_nu[i] = v[i] * (0.5 * nu * (l[i] - share) + 0.5 * share * (inverse[i] - nu * share) - curvature);
  }
}

/// (location, location): v w / sigma^2; (log sigma, log sigma): 2 v
EXPERTMIX_KERNEL void student_information(const double* inverse, const double* v, double nu, double precision,
                                          double* __restrict location, double* __restrict log_sigma, std::size_t n) {
  const double factor = (nu + 1.0) / nu * precision * precision;
  for (std::size_t i = 0; i < n; ++i) {
    location[i] = v[i] * factor * inverse[i];
    log_sigma[i] = 2.0 * v[i];
  }
}

}  // namespace detail

EXPERTMIX_DEFINITION std::vector<Predictor> StudentTExperts::predictors(uword experts) const {
  std::vector<Predictor> list;
  for (uword k = 0; k < experts; ++k) list.push_back({Design::experts, Unit::response, k});
  for (uword k = 0; k < (common_ ? 1 : experts); ++k)
    list.push_back({Design::constant, Unit::log_response, common_ ? experts : k});
  for (uword k = 0; k < experts && estimates(); ++k)
    list.push_back({Design::constant, Unit::none, k, 1, std::log(0.5), std::log(1e3)});
  return list;
}

EXPERTMIX_DEFINITION std::vector<std::string> StudentTExperts::scalars() const {
  if (estimates()) return {"sigma", "df"};
  return {"sigma"};
}

EXPERTMIX_DEFINITION std::vector<Term> StudentTExperts::terms(uword experts) const {
  std::vector<Term> list;
  for (uword k = 0; k < experts; ++k) {
    list.push_back({k, k}), list.push_back({k, log_sigma(k, experts)});
    if (estimates()) list.push_back({k, log_degrees(k, experts)});
  }
  return list;
}

EXPERTMIX_DEFINITION std::vector<TermPair> StudentTExperts::pairs(uword experts) const {
  std::vector<TermPair> list;
  for (uword k = 0; k < experts; ++k) {
    const std::size_t location = terms_each() * k, log_s = location + 1, log_nu = location + 2;
    list.push_back({location, location, true}), list.push_back({location, log_s, false});
    list.push_back({log_s, log_s, true});
    if (!estimates()) continue;
    list.push_back({location, log_nu, false}), list.push_back({log_s, log_nu, false});
    list.push_back({log_nu, log_nu, true});
  }
  return list;
}

EXPERTMIX_DEFINITION void StudentTExperts::log_density(const Rows& rows, const Block& block, Table scratch,
                                                       Table log_f) const {
  constexpr double half_log_2pi = 0.91893853320467274178;
  for (uword k = 0; k < rows.experts; ++k) {
    const double nu = degrees(rows, k), log_s = rows.predictor[log_sigma(k, rows.experts)][0];
    const Table own = scratch.from(3 * k);
    detail::standardise_t(block.response, block.offset, rows.predictor[k], std::exp(-log_s), nu, own[0], own[1],
                          rows.count);
    detail::log1p_inverse(own[1], own[2], rows.count);
    detail::student_density(own[1], nu, detail::HalfRise::at(0.5 * nu).value - half_log_2pi - log_s, log_f[k],
                            rows.count);
  }
}

EXPERTMIX_DEFINITION Distance StudentTExperts::distance(const Rows& rows, const Block& block, std::size_t i,
                                                        uword k) const {
  const double y = block.response[i], location = with_offset(rows, block, i, k), nu = degrees(rows, k);
  const double log_s = rows.predictor[log_sigma(k, rows.experts)][0];
  const double log_e = std::isinf(y) ? 0.0 : std::log(std::abs(0.5 * y - 0.5 * location)) + std::log(2.0);
  return {(nu + 1.0) * (log_e - log_s) + log_s - 0.5 * nu * std::log(nu), -log_s, y > location ? -location : location};
}

EXPERTMIX_DEFINITION void StudentTExperts::first(const Rows& rows, Table scratch, Table v, double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k, out += terms_each()) {
    const double nu = degrees(rows, k);
    const Table own = scratch.from(3 * k);
    detail::student_first(own[0], own[2], v[k], nu, 1.0 / sigma(rows, k), out[0], out[1], rows.count);
    if (estimates())
      detail::student_first_degrees(own[0], own[1], own[2], v[k], nu, detail::HalfRise::at(0.5 * nu).slope, out[2],
                                    rows.count);
  }
}

EXPERTMIX_DEFINITION void StudentTExperts::second(const Rows& rows, Table scratch, Table v, double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k, out += pairs_each()) {
    const double nu = degrees(rows, k), precision = 1.0 / sigma(rows, k);
    const Table own = scratch.from(3 * k);
    detail::student_second(own[0], own[2], v[k], nu, precision, out[0], out[1], out[2], rows.count);
    if (estimates())
      detail::student_second_degrees(own[0], own[1], own[2], v[k], nu, precision,
                                     detail::HalfRise::at(0.5 * nu).curvature, out[3], out[4], out[5], rows.count);
  }
}

EXPERTMIX_DEFINITION void StudentTExperts::information(const Rows& rows, Table scratch, Table v,
                                                       double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k, out += pairs_each()) {
    const double nu = degrees(rows, k);
    detail::student_information(scratch[3 * k + 2], v[k], nu, 1.0 / sigma(rows, k), out[0], out[2], rows.count);
    if (estimates()) detail::multiply_by(detail::trigamma_remainder(0.5 * nu), v[k], out[5], rows.count);
  }
}

EXPERTMIX_DEFINITION void StudentTExperts::maximise(const Statistics& at, const Layout& layout, const vec& step,
                                                    vec& parameters) const {
  detail::raise_location_scale(at, layout, step, parameters);
  for (uword k = 0; k < layout.experts && estimates(); ++k) {
    const std::size_t p = layout.gate_predictors + log_degrees(k, layout.experts);
    const uword s = layout.offset[p];
    parameters(s) = detail::raised_log_shape(parameters(s), at.score(s), at.em(s, s), layout.predictors[p], 2.0);
  }
}

/// Quantiles out to tails of 1e-12.
EXPERTMIX_DEFINITION void StudentTExperts::support(const Rows& rows, const Block& block, std::size_t i, uword k,
                                                   std::vector<double>& points) const {
  const double location = with_offset(rows, block, i, k), scale = sigma(rows, k);
  const boost::math::students_t_distribution<double> t(degrees(rows, k));
  points.push_back(location);
  for (double tail : {0.2, 0.05, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10, 1e-12})
    for (double sign : {-1.0, 1.0}) points.push_back(location - sign * scale * boost::math::quantile(t, tail));
}

/// P(sign (Y - y) <= 0)
EXPERTMIX_DEFINITION void StudentTExperts::tail(const Rows& rows, const Block& block, double sign, Table out) const {
  mean(rows, block, out);
  for (uword k = 0; k < rows.experts; ++k) {
    const boost::math::students_t_distribution<double> t(degrees(rows, k));
    const double precision = sign / sigma(rows, k);
    for (std::size_t i = 0; i < rows.count; ++i)
      out[k][i] = boost::math::cdf(t, std::clamp((block.response[i] - out[k][i]) * precision, -1e150, 1e150));
  }
}

EXPERTMIX_DEFINITION void StudentTExperts::mean(const Rows& rows, const Block& block, Table out) const {
  for (uword k = 0; k < rows.experts; ++k) {
    std::copy_n(rows.predictor[k], rows.count, out[k]);
    if (block.offset) detail::add(block.offset, out[k], rows.count);
  }
}

/// 1 of the location, 0 of the scalars.
EXPERTMIX_DEFINITION void StudentTExperts::mean_first(const Rows& rows, const Block& /*block*/, uword /*outcome*/,
                                                      double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k)
    for (std::size_t term = 0; term < terms_each(); ++term) std::fill_n(*out++, rows.count, term == 0 ? 1.0 : 0.0);
}

/// A normal number over the root of a Gamma distributed one of mean 1.
EXPERTMIX_DEFINITION void StudentTExperts::draw(const Rows& rows, const Block& /*block*/, Table mean,
                                                const uword* expert, Random& random, Table response) const {
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double shape = 0.5 * degrees(rows, expert[i]);
    const double spread = sigma(rows, expert[i]) / std::sqrt(random.gamma(shape) / shape);
    response[0][i] = mean[expert[i]][i] + spread * random.normal();
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
