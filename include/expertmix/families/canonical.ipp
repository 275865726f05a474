#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "../math/columns.hpp"
#include "canonical.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// log f = y eta - b + c, b that of the row's size
EXPERTMIX_KERNEL void canonical_density(const double* y, const double* eta, const double* b, const double* c,
                                        double* __restrict log_f, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) log_f[i] = y[i] * eta[i] - b[i] + c[i];
}

/// v (y - mean)
EXPERTMIX_KERNEL void canonical_first(const double* y, const double* mean, const double* v, double* __restrict out,
                                      std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = v[i] * (y[i] - mean[i]);
}

/// eta = predictor + offset
inline void natural(const Rows& rows, const Block& block, uword k, double* eta) {
  std::copy_n(rows.predictor[k], rows.count, eta);
  if (block.offset) add(block.offset, eta, rows.count);
}

}  // namespace detail

EXPERTMIX_DEFINITION std::vector<Predictor> CanonicalExperts::predictors(uword experts) const {
  std::vector<Predictor> list;
  for (uword k = 0; k < experts; ++k) list.push_back({Design::experts, Unit::none, k});
  return list;
}

EXPERTMIX_DEFINITION std::vector<Term> CanonicalExperts::terms(uword experts) const {
  std::vector<Term> list;
  for (uword k = 0; k < experts; ++k) list.push_back({k, k});
  return list;
}

EXPERTMIX_DEFINITION std::vector<TermPair> CanonicalExperts::pairs(uword experts) const {
  std::vector<TermPair> list;
  for (uword k = 0; k < experts; ++k) list.push_back({k, k, true});
  return list;
}

EXPERTMIX_DEFINITION void CanonicalExperts::check(const mat& response, const char* where) const {
  Experts::check(response, where);
  for (uword i = 0; i < response.n_rows; ++i)
    require(possible(response(i, 0), response.n_cols > 1 ? response(i, 1) : 1.0), where, "y",
            "row " + std::to_string(i + 1) + " is not " + this->response());
}

EXPERTMIX_DEFINITION double CanonicalExperts::size(const Block& block, std::size_t i) const {
  if (responses() == 1) return 1.0;
  require(block.others != nullptr, "size", "y", "says how large every row is: it is missing");
  return block.response_column(1)[i];
}

/// Scratch: the K means, the K variances, the response, then columns for eta and c.
EXPERTMIX_DEFINITION void CanonicalExperts::log_density(const Rows& rows, const Block& block, Table scratch,
                                                        Table log_f) const {
  const Table mean = scratch, variance = scratch.from(rows.experts), rest = scratch.from(2 * rows.experts);
  double *y = rest[0], *eta = rest[1], *c = rest[2];
  const double* sizes = responses() > 1 ? block.response_column(1) : nullptr;
  std::copy_n(block.response, rows.count, y);
  for (std::size_t i = 0; i < rows.count; ++i) c[i] = base(y[i], sizes ? sizes[i] : 1.0);
  for (uword k = 0; k < rows.experts; ++k) {
    detail::natural(rows, block, k, eta);
    alignas(64) double b[detail::max_block_rows];
    cumulant(eta, b, mean[k], variance[k], rows.count);
    if (sizes)
      for (double* of_one : {b, mean[k], variance[k]}) detail::scale_by(sizes, of_one, rows.count);
    detail::canonical_density(y, eta, b, c, log_f[k], rows.count);
  }
}

EXPERTMIX_DEFINITION CanonicalExperts::At CanonicalExperts::at(const Rows& rows, const Block& block, std::size_t i,
                                                               uword k) const {
  alignas(64) double eta[8], b[8], mean[8], variance[8];
  std::fill_n(eta, 8, with_offset(rows, block, i, k));
  cumulant(eta, b, mean, variance, 8);
  return {eta[0], b[0], mean[0]};
}

/// m b(eta) - y eta, and where that overflows |eta|.
EXPERTMIX_DEFINITION Distance CanonicalExperts::distance(const Rows& rows, const Block& block, std::size_t i,
                                                         uword k) const {
  const At own = at(rows, block, i, k);
  const double far = size(block, i) * own.b - block.response[i] * own.eta;
  return {std::isnan(far) ? arma::datum::inf : far, std::abs(own.eta), 0.0};
}

EXPERTMIX_DEFINITION void CanonicalExperts::first(const Rows& rows, Table scratch, Table v, double* const* out) const {
  const double* y = scratch[2 * rows.experts];
  for (uword k = 0; k < rows.experts; ++k) detail::canonical_first(y, scratch[k], v[k], out[k], rows.count);
}

EXPERTMIX_DEFINITION void CanonicalExperts::second(const Rows& rows, Table scratch, Table v, double* const* out) const {
  for (uword k = 0; k < rows.experts; ++k) detail::multiply(v[k], scratch[rows.experts + k], out[k], rows.count);
}

EXPERTMIX_DEFINITION void CanonicalExperts::information(const Rows& rows, Table scratch, Table v,
                                                        double* const* out) const {
  second(rows, scratch, v, out);
}

/// One Newton step of each expert, shortened as far as the curvature can be trusted (see `trusted_length`).
EXPERTMIX_DEFINITION void CanonicalExperts::maximise(const Statistics& /*at*/, const Layout& layout, const vec& step,
                                                     vec& parameters) const {
  for (uword k = 0; k < layout.experts; ++k) {
    const arma::span own = layout.span(layout.gate_predictors + k);
    parameters(own) += trusted_length(arma::norm(step(own), 1)) * step(own);
  }
}

EXPERTMIX_DEFINITION void CanonicalExperts::support(const Rows& rows, const Block& block, std::size_t i, uword k,
                                                    std::vector<double>& points) const {
  bracket(size(block, i), at(rows, block, i, k).mean, points);
}

EXPERTMIX_DEFINITION void CanonicalExperts::distribution(const Rows& rows, const Block& block, Table out) const {
  mean(rows, block, out);
  for (uword k = 0; k < rows.experts; ++k)
    for (std::size_t i = 0; i < rows.count; ++i) out[k][i] = cumulative(block.response[i], size(block, i), out[k][i]);
}

EXPERTMIX_DEFINITION void CanonicalExperts::survival(const Rows& rows, const Block& block, Table out) const {
  mean(rows, block, out);
  for (uword k = 0; k < rows.experts; ++k)
    for (std::size_t i = 0; i < rows.count; ++i) out[k][i] = exceedance(block.response[i], size(block, i), out[k][i]);
}

EXPERTMIX_DEFINITION void CanonicalExperts::mean(const Rows& rows, const Block& block, Table out) const {
  alignas(64) double eta[detail::max_block_rows], b[detail::max_block_rows], variance[detail::max_block_rows];
  for (uword k = 0; k < rows.experts; ++k) {
    detail::natural(rows, block, k, eta);
    cumulant(eta, b, out[k], variance, rows.count);
  }
}

EXPERTMIX_DEFINITION void CanonicalExperts::levels(const Rows& rows, const Block& block, Table mean,
                                                   Table squared_unit) const {
  alignas(64) double eta[detail::max_block_rows], b[detail::max_block_rows];
  for (uword k = 0; k < rows.experts; ++k) {
    detail::natural(rows, block, k, eta);
    cumulant(eta, b, mean[k], squared_unit[k], rows.count);
  }
}

/// b''
EXPERTMIX_DEFINITION void CanonicalExperts::mean_first(const Rows& rows, const Block& block, uword /*outcome*/,
                                                       double* const* out) const {
  alignas(64) double eta[detail::max_block_rows], b[detail::max_block_rows], mean[detail::max_block_rows];
  for (uword k = 0; k < rows.experts; ++k) {
    detail::natural(rows, block, k, eta);
    cumulant(eta, b, mean, out[k], rows.count);
  }
}

EXPERTMIX_DEFINITION void CanonicalExperts::draw(const Rows& rows, const Block& block, Table mean, const uword* expert,
                                                 Random& random, Table response) const {
  for (std::size_t i = 0; i < rows.count; ++i) {
    response[0][i] = draw_one(size(block, i), mean[expert[i]][i], random);
    if (responses() > 1) response[1][i] = size(block, i);
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
