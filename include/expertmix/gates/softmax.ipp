#pragma once

#include "../math/columns.hpp"
#include "../math/softmax.hpp"
#include "gate_weights.hpp"
#include "softmax.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION std::shared_ptr<const Gate> SoftmaxGate::without_reference() const {
  GateChoices choices = this->choices();
  choices.symmetric = true;
  return std::make_shared<SoftmaxGate>(choices);
}

EXPERTMIX_DEFINITION void SoftmaxGate::probabilities(const Rows& rows, GateTables& out) const {
  scores_.evaluate(rows, out);
  softmax({out.score.data(), nullptr, 1.0, rows.experts, rows.count},
          {out.pi.data, out.pi.stride, out.top, out.inverse}, out.ahead);
}

EXPERTMIX_DEFINITION SoftmaxGate::Single SoftmaxGate::single(const Rows& rows, const GateTables& at,
                                                             std::size_t p) const {
  const Part part = scores_.part(p, rows.experts);
  const uword expert = scores_.expert(p, rows.experts);
  return {p, part, expert, scores_.first(at, part, expert, rows.experts)};
}

EXPERTMIX_DEFINITION void SoftmaxGate::score(const Rows& rows, const GateTables& at, Table r, const double* w,
                                             const PairTable& out) const {
  const std::size_t count = scores_.single(rows.experts);
  for (std::size_t p = 0; p < count; ++p) {
    const Single a = single(rows, at, p);
    detail::residual_weight(r[a.expert], at.pi[a.expert], w, out(p, p), rows.count);
    scale(rows, a.first, out(p, p));
  }
  if (!tempered(rows)) return;
  double* to = out(count, count);
  std::fill_n(to, rows.count, 0.0);
  for (uword k = 0; k < rows.experts; ++k)
    detail::add_residual(r[k], at.pi[k], w, in_temperature(rows, at, k), to, rows.count);
}

/// J' (diag(pi) - pi pi') J with J = ds / du
EXPERTMIX_DEFINITION void SoftmaxGate::information(const Rows& rows, const GateTables& at, const double* w,
                                                   const PairTable& out) const {
  for_each_pair(rows, at, [&](const Single& a, const Single& b) {
    double* to = out(a.at, b.at);
    if (a.expert == b.expert)
      detail::binomial_weight(at.pi[a.expert], w, to, rows.count);
    else
      detail::cross_weight(at.pi[a.expert], at.pi[b.expert], w, to, rows.count);
    scale(rows, a.first, to);
    scale(rows, b.first, to);
  });
  if (tempered(rows)) temper_information(rows, at, w, out);
}

/// J' { diag(pi) - pi pi' - diag(r) + r r' } J - sum_k (r_k - pi_k) d2 s_k / du du'
EXPERTMIX_DEFINITION void SoftmaxGate::observed(const Rows& rows, const GateTables& at, Table r, const double* w,
                                                const PairTable& out) const {
  for_each_pair(rows, at, [&](const Single& a, const Single& b) {
    double* to = out(a.at, b.at);
    const uword k = a.expert, l = b.expert;
    if (k == l)
      detail::observed_diagonal(at.pi[k], r[k], w, to, rows.count);
    else
      detail::observed_cross(at.pi[k], at.pi[l], r[k], r[l], w, to, rows.count);
    scale(rows, a.first, to);
    scale(rows, b.first, to);
    const double* second = k == l ? curvature(rows, at, a.part, b.part, k) : nullptr;
    if (second) detail::subtract_curvature(r[k], at.pi[k], w, second, to, rows.count);
  });
  if (tempered(rows)) temper_observed(rows, at, r, w, out);
}

EXPERTMIX_DEFINITION void SoftmaxGate::crossed(const Rows& rows, const GateTables& at, Table r,
                                               const double* const* weighted, const double* sum, std::size_t b,
                                               const PairTable& out) const {
  const std::size_t count = scores_.single(rows.experts);
  for (std::size_t p = 0; p < count; ++p) {
    const Single a = single(rows, at, p);
    if (weighted[a.expert])
      detail::crossed_own(r[a.expert], sum, weighted[a.expert], out(p, b), rows.count);
    else
      multiply(r[a.expert], sum, out(p, b), rows.count);
    scale(rows, a.first, out(p, b));
  }
  if (!tempered(rows)) return;
  std::fill_n(out(count, b), rows.count, 0.0);
  for (uword k = 0; k < rows.experts; ++k)
    detail::add_crossed(in_temperature(rows, at, k), r[k], sum, weighted[k], out(count, b), rows.count);
}

/// sum_k p_k ds_k / d log tau
EXPERTMIX_DEFINITION const double* SoftmaxGate::mean_in_temperature(const Rows& rows, const GateTables& at, Table p,
                                                                    int spare) const {
  double* mean = scores_.spare(at, spare, rows.experts);
  std::fill_n(mean, rows.count, 0.0);
  for (uword k = 0; k < rows.experts; ++k) multiply_add(p[k], in_temperature(rows, at, k), mean, rows.count);
  return mean;
}

EXPERTMIX_DEFINITION void SoftmaxGate::temper_information(const Rows& rows, const GateTables& at, const double* w,
                                                          const PairTable& out) const {
  const std::size_t count = scores_.single(rows.experts);
  const double* mean = mean_in_temperature(rows, at, at.pi, 0);
  for (std::size_t p = 0; p < count; ++p) {
    const Single a = single(rows, at, p);
    detail::deviation(at.pi[a.expert], in_temperature(rows, at, a.expert), mean, w, out(p, count), rows.count);
    scale(rows, a.first, out(p, count));
  }
  std::fill_n(out(count, count), rows.count, 0.0);
  for (uword k = 0; k < rows.experts; ++k)
    detail::add_variance(at.pi[k], in_temperature(rows, at, k), mean, w, out(count, count), rows.count);
}

EXPERTMIX_DEFINITION void SoftmaxGate::temper_observed(const Rows& rows, const GateTables& at, Table r, const double* w,
                                                       const PairTable& out) const {
  temper_information(rows, at, w, out);
  const std::size_t count = scores_.single(rows.experts);
  const double* mean = mean_in_temperature(rows, at, r, 0);
  double* own = scores_.spare(at, 1, rows.experts);
  for (std::size_t p = 0; p < count; ++p) {
    const Single a = single(rows, at, p);
    const uword k = a.expert;
    detail::deviation(r[k], in_temperature(rows, at, k), mean, w, own, rows.count);
    scale(rows, a.first, own);
    subtract(own, out(p, count), rows.count);
    detail::subtract_curvature(r[k], at.pi[k], w, curvature(rows, at, a.part, Part::log_temperature, k), out(p, count),
                               rows.count);
  }
  for (uword k = 0; k < rows.experts; ++k) {
    detail::subtract_variance(r[k], in_temperature(rows, at, k), mean, w, out(count, count), rows.count);
    detail::subtract_curvature(r[k], at.pi[k], w, curvature(rows, at, Part::log_temperature, Part::log_temperature, k),
                               out(count, count), rows.count);
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
