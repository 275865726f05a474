#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "../math/columns.hpp"
#include "../math/factorial.hpp"
#include "multinomial.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// out = u where y = c
EXPERTMIX_KERNEL void select_class(const double* y, double c, const double* u, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = y[i] == c ? u[i] : out[i];
}

/// out += y (u - log_sum), with a finite difference where u and log_sum are large
EXPERTMIX_KERNEL void add_count(const double* y, const double* u, const double* log_sum, double* __restrict out,
                                std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += y[i] * (u[i] - log_sum[i]);
}

/// v (1{y = c} - p)
EXPERTMIX_KERNEL void class_residual(const double* y, double c, const double* p, const double* v,
                                     double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = v[i] * ((y[i] == c ? 1.0 : 0.0) - p[i]);
}

/// v (y - N p)
EXPERTMIX_KERNEL void count_residual(const double* y, const double* total, const double* p, const double* v,
                                     double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = v[i] * (y[i] - total[i] * p[i]);
}

/// v p (1 - p)
EXPERTMIX_KERNEL void class_variance(const double* p, const double* v, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = v[i] * p[i] * (1.0 - p[i]);
}

/// -v p q
EXPERTMIX_KERNEL void class_covariance(const double* p, const double* q, const double* v, double* __restrict out,
                                       std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = -v[i] * p[i] * q[i];
}

/// What `log_density` leaves of a block for the derivatives, and zeros.
struct MultinomialColumns {
  Table p, response;
  double *total, *weight, *log_sum, *coefficient, *zero;
};

inline MultinomialColumns multinomial_columns(const Rows& rows, const Classes& classes, uword responses,
                                              Table scratch) {
  const Table response = scratch.from(rows.experts * classes.count), rest = response.from(responses);
  return {scratch, response, rest[0], rest[1], rest[2], rest[3], rest[4]};
}

/// N and log N! - sum_c log y_c! of every row.
inline void count(std::size_t n, const Classes& classes, const MultinomialColumns& own) {
  std::fill_n(own.total, n, 0.0);
  std::fill_n(own.coefficient, n, 0.0);
  for (uword c = 0; c < classes.count; ++c) {
    add(own.response[c], own.total, n);
    for (std::size_t i = 0; i < n; ++i) own.coefficient[i] -= log_factorial(own.response[c][i]);
  }
  for (std::size_t i = 0; i < n; ++i) own.coefficient[i] += log_factorial(own.total[i]);
}

/// p_k = softmax(u_k), a reference's u being zero.
inline void class_probabilities(const Rows& rows, const Classes& classes, uword k, const double* zero,
                                const SoftmaxOutput& out, const LogRatio* log_sum) {
  std::vector<const double*> u(classes.first, zero);
  for (uword c = classes.first; c < classes.count; ++c) u.push_back(rows.predictor[classes.predictor(k, c)]);
  Ahead none;
  softmax({u.data(), nullptr, 1.0, classes.count, rows.count}, out, none, log_sum);
}

/// log N! - sum_c log y_c! + sum_c y_c log p_kc
inline void log_density_of_counts(const Rows& rows, const Classes& classes, uword k, const MultinomialColumns& own,
                                  double* out) {
  std::copy_n(own.coefficient, rows.count, out);
  if (classes.reference()) add_count(own.response[0], own.zero, own.log_sum, out, rows.count);
  for (uword c = classes.first; c < classes.count; ++c)
    add_count(own.response[c], rows.predictor[classes.predictor(k, c)], own.log_sum, out, rows.count);
}

/// log p_ky
inline void log_density_of_class(const Rows& rows, const Classes& classes, uword k, const MultinomialColumns& own,
                                 double* out) {
  std::copy_n(own.zero, rows.count, out);
  for (uword c = classes.first; c < classes.count; ++c)
    select_class(own.response[0], static_cast<double>(c), rows.predictor[classes.predictor(k, c)], out, rows.count);
  subtract(own.log_sum, out, rows.count);
}

/// One binomial draw a class: y_c of those that no class before has, with probability p_c / (p_c + ... + p_C).
inline void draw_counts(std::size_t i, const Block& block, const Classes& classes, const double* p, std::size_t stride,
                        Random& random, Table response) {
  double left = 0.0;
  vec rest(classes.count + 1, arma::fill::zeros);
  for (uword c = classes.count; c-- > 0;) {
    left += block.response_column(c)[i];
    rest(c) = rest(c + 1) + p[c * stride];
  }
  require(left <= 9007199254740992.0, "draw", "y", "a row's total is above 2^53");
  for (uword c = 0; c < classes.count; ++c) {
    const double share = rest(c) > 0.0 ? p[c * stride] / rest(c) : 0.0;
    response[c][i] = random.binomial(left, share);
    left -= response[c][i];
  }
}

}  // namespace detail

EXPERTMIX_DEFINITION void MultinomialExperts::check(const mat& response, const char* where) const {
  Experts::check(response, where);
  const double limit = counts_ ? arma::datum::inf : static_cast<double>(classes_.count);
  for (uword c = 0; c < response.n_cols; ++c)
    for (uword i = 0; i < response.n_rows; ++i) {
      const double value = response(i, c);
      require(value >= 0.0 && value < limit && value == std::floor(value), where, "y",
              "row " + std::to_string(i + 1) + (counts_ ? " is no row of counts" : " is no class"));
    }
}

EXPERTMIX_DEFINITION mat MultinomialExperts::features(const mat& response) const {
  mat out(response.n_rows, classes_.count, arma::fill::zeros);
  for (uword i = 0; i < response.n_rows; ++i)
    if (counts_)
      out.row(i) = response.row(i) / std::max(1.0, arma::accu(response.row(i)));
    else
      out(i, static_cast<uword>(response(i))) = 1.0;
  return out;
}

EXPERTMIX_DEFINITION std::shared_ptr<const Experts> MultinomialExperts::without_reference() const {
  return std::make_shared<MultinomialExperts>(classes_.count, counts_, true);
}

EXPERTMIX_DEFINITION std::shared_ptr<const Experts> MultinomialExperts::with_reference() const {
  return symmetric() ? std::make_shared<MultinomialExperts>(classes_.count, counts_) : nullptr;
}

EXPERTMIX_DEFINITION std::vector<Predictor> MultinomialExperts::predictors(uword experts) const {
  std::vector<Predictor> list;
  for (uword k = 0; k < experts; ++k)
    for (uword c = classes_.first; c < classes_.count; ++c) list.push_back({Design::experts, Unit::none, k, c});
  return list;
}

EXPERTMIX_DEFINITION std::vector<Term> MultinomialExperts::terms(uword experts) const {
  std::vector<Term> list;
  for (uword k = 0; k < experts; ++k)
    for (uword c = classes_.first; c < classes_.count; ++c) list.push_back({k, classes_.predictor(k, c)});
  return list;
}

EXPERTMIX_DEFINITION std::vector<TermPair> MultinomialExperts::pairs(uword experts) const {
  std::vector<TermPair> list;
  for (uword k = 0; k < experts; ++k)
    for (uword c = classes_.first; c < classes_.count; ++c)
      for (uword d = c; d < classes_.count; ++d)
        list.push_back({classes_.predictor(k, c), classes_.predictor(k, d), true});
  return list;
}

EXPERTMIX_DEFINITION void MultinomialExperts::log_density(const Rows& rows, const Block& block, Table scratch,
                                                          Table log_f) const {
  const detail::MultinomialColumns own = detail::multinomial_columns(rows, classes_, responses(), scratch);
  std::fill_n(own.zero, rows.count, 0.0);
  for (uword c = 0; c < responses(); ++c) std::copy_n(block.response_column(c), rows.count, own.response[c]);
  if (counts_) detail::count(rows.count, classes_, own);
  const detail::LogRatio log_sum{own.zero, block.column(0), own.log_sum};
  for (uword k = 0; k < rows.experts; ++k) {
    detail::class_probabilities(rows, classes_, k, own.zero,
                                {own.p[k * classes_.count], own.p.stride, nullptr, nullptr}, &log_sum);
    if (counts_)
      detail::log_density_of_counts(rows, classes_, k, own, log_f[k]);
    else
      detail::log_density_of_class(rows, classes_, k, own, log_f[k]);
  }
}

EXPERTMIX_DEFINITION Distance MultinomialExperts::distance(const Rows& rows, const Block& block, std::size_t i,
                                                           uword k) const {
  vec u(classes_.count, arma::fill::zeros), share(classes_.count, arma::fill::zeros);
  for (uword c = 0; c < classes_.count; ++c) {
    if (c >= classes_.first) u(c) = rows.predictor[classes_.predictor(k, c)][i];
    share(c) = counts_ ? block.response_column(c)[i] : block.response[i] == static_cast<double>(c);
  }
  const double log_sum = u.max() + std::log(arma::accu(arma::exp(u - u.max())));
  return {arma::dot(share / std::max(1.0, arma::accu(share)), log_sum - u), 0.0, 0.0};
}

EXPERTMIX_DEFINITION void MultinomialExperts::first(const Rows& rows, Table scratch, Table v,
                                                    double* const* out) const {
  const detail::MultinomialColumns own = detail::multinomial_columns(rows, classes_, responses(), scratch);
  for (uword k = 0; k < rows.experts; ++k)
    for (uword c = classes_.first; c < classes_.count; ++c) {
      double* to = out[classes_.predictor(k, c)];
      const double* p = own.p[k * classes_.count + c];
      if (counts_)
        detail::count_residual(own.response[c], own.total, p, v[k], to, rows.count);
      else
        detail::class_residual(own.response[0], static_cast<double>(c), p, v[k], to, rows.count);
    }
}

EXPERTMIX_DEFINITION void MultinomialExperts::second(const Rows& rows, Table scratch, Table v,
                                                     double* const* out) const {
  const detail::MultinomialColumns own = detail::multinomial_columns(rows, classes_, responses(), scratch);
  for (uword k = 0; k < rows.experts; ++k) {
    const double* weight = v[k];
    if (counts_) {
      detail::multiply(v[k], own.total, own.weight, rows.count);
      weight = own.weight;
    }
    for (uword c = classes_.first; c < classes_.count; ++c) {
      const Table p = own.p.from(k * classes_.count);
      detail::class_variance(p[c], weight, *out++, rows.count);
      for (uword d = c + 1; d < classes_.count; ++d) detail::class_covariance(p[c], p[d], weight, *out++, rows.count);
    }
  }
}

EXPERTMIX_DEFINITION void MultinomialExperts::information(const Rows& rows, Table scratch, Table v,
                                                          double* const* out) const {
  second(rows, scratch, v, out);
}

EXPERTMIX_DEFINITION void MultinomialExperts::maximise(const Statistics& /*at*/, const Layout& layout, const vec& step,
                                                       vec& parameters) const {
  for (uword k = 0; k < layout.experts; ++k) {
    const std::size_t first = layout.gate_predictors + classes_.predictor(k, classes_.first);
    double range = 0.0;
    for (uword c = 0; c + classes_.first < classes_.count; ++c)
      range = std::max(range, 2.0 * arma::norm(step(layout.span(first + c)), 1));
    const double length = trusted_length(range);
    for (uword c = 0; c + classes_.first < classes_.count; ++c)
      parameters(layout.span(first + c)) += length * step(layout.span(first + c));
  }
}

/// Every class. Throws `invalid_argument` for rows of counts.
EXPERTMIX_DEFINITION void MultinomialExperts::support(const Rows& /*rows*/, const Block& /*block*/, std::size_t /*i*/,
                                                      uword /*k*/, std::vector<double>& points) const {
  require(!counts_, "support", "family", "is of counts: too many to sum over");
  for (uword c = 0; c < classes_.count; ++c) points.push_back(static_cast<double>(c));
}

/// Of the classes in their order. Throws `invalid_argument` for rows of counts.
EXPERTMIX_DEFINITION void MultinomialExperts::distribution(const Rows& rows, const Block& block, Table out) const {
  require(!counts_, "distribution", "family", "is of counts, which have no order");
  detail::AlignedVector memory(outcomes().columns(rows.experts) * detail::column_stride(detail::max_block_rows));
  const Table p{memory.data(), detail::column_stride(detail::max_block_rows)};
  mean(rows, block, p);
  for (uword k = 0; k < rows.experts; ++k)
    for (std::size_t i = 0; i < rows.count; ++i) {
      out[k][i] = 0.0;
      for (uword c = 0; c < classes_.count && static_cast<double>(c) <= block.response[i]; ++c)
        out[k][i] += p[k * classes_.count + c][i];
    }
}

EXPERTMIX_DEFINITION void MultinomialExperts::mean(const Rows& rows, const Block& /*block*/, Table out) const {
  alignas(64) double zero[detail::max_block_rows] = {}, top[detail::max_block_rows], inverse[detail::max_block_rows];
  for (uword k = 0; k < rows.experts; ++k)
    detail::class_probabilities(rows, classes_, k, zero, {out[k * classes_.count], out.stride, top, inverse}, nullptr);
}

EXPERTMIX_DEFINITION void MultinomialExperts::levels(const Rows& rows, const Block& /*block*/, Table mean,
                                                     Table squared_unit) const {
  constexpr double least = std::numeric_limits<double>::epsilon();
  for (uword column = 0; column < outcomes().columns(rows.experts); ++column)
    for (std::size_t i = 0; i < rows.count; ++i) squared_unit[column][i] = std::max(mean[column][i], least);
}

/// 1{c = d} p_c - p_c p_d
EXPERTMIX_DEFINITION void MultinomialExperts::mean_first(const Rows& rows, const Block& block, uword outcome,
                                                         double* const* out) const {
  detail::AlignedVector memory(outcomes().columns(rows.experts) * detail::column_stride(detail::max_block_rows));
  const Table p{memory.data(), detail::column_stride(detail::max_block_rows)};
  mean(rows, block, p);
  for (uword k = 0; k < rows.experts; ++k) {
    const Table own = p.from(k * classes_.count);
    for (uword d = classes_.first; d < classes_.count; ++d) {
      double* to = out[classes_.predictor(k, d)];
      if (d == outcome)
        detail::class_variance(own[d], block.column(0), to, rows.count);
      else
        detail::class_covariance(own[outcome], own[d], block.column(0), to, rows.count);
    }
  }
}

EXPERTMIX_DEFINITION void MultinomialExperts::draw(const Rows& rows, const Block& block, Table mean,
                                                   const uword* expert, Random& random, Table response) const {
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double* p = mean[expert[i] * classes_.count] + i;
    if (counts_)
      detail::draw_counts(i, block, classes_, p, mean.stride, random, response);
    else
      response[0][i] = static_cast<double>(random.choose(p, mean.stride, classes_.count));
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
