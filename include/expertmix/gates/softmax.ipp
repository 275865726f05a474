#pragma once

#include "../math/columns.hpp"
#include "../math/softmax.hpp"
#include "gate_weights.hpp"
#include "softmax.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// A predictor that one logit depends on, and the logit's derivative in it.
struct SinglePredictor {
  std::size_t number;
  Part part;
  uword expert;
  const double* first;
};

/// The logits of a block's rows with their derivatives.
struct LogitDerivatives {
  const Logits& logits;
  const Rows& rows;
  const GateTables& at;

  std::size_t singles() const { return logits.predictors.single(rows.experts); }
  SinglePredictor single(std::size_t p) const {
    const Part part = logits.predictors.part(p, rows.experts);
    const uword expert = logits.predictors.expert(p, rows.experts);
    return {p, part, expert, logits.first(at, part, expert, rows.experts)};
  }
  bool tempered() const { return logits.predictors.count(Part::log_temperature, rows.experts) > 0; }
  const double* in_temperature(uword k) const { return logits.first(at, Part::log_temperature, k, rows.experts); }
  const double* curvature(Part a, Part b, uword k) const { return logits.second(at, a, b, k, rows.experts); }

  template <class Visit>
  void for_each_pair(Visit visit) const {
    const std::size_t count = singles();
    for (std::size_t a = 0; a < count; ++a)
      for (std::size_t b = a; b < count; ++b) visit(single(a), single(b));
  }

  /// By a derivative of which null stands for 1.
  void scale(const double* by, double* column) const {
    if (by) scale_by(by, column, rows.count);
  }

  double* spare(std::size_t which) const { return LogitColumns{at.own, rows.experts}.spare(which); }

  /// sum_k p_k ds_k / d log tau
  const double* mean_in_temperature(Table p) const {
    double* mean = spare(0);
    std::fill_n(mean, rows.count, 0.0);
    for (uword k = 0; k < rows.experts; ++k) multiply_add(p[k], in_temperature(k), mean, rows.count);
    return mean;
  }
};

/// Information between the temperature and every predictor of the gate.
inline void temper_information(const LogitDerivatives& d, const double* w, const PairTable& out) {
  const std::size_t count = d.singles(), n = d.rows.count;
  const Table pi = d.at.pi;
  const double* mean = d.mean_in_temperature(pi);
  for (std::size_t p = 0; p < count; ++p) {
    const SinglePredictor a = d.single(p);
    deviation(pi[a.expert], d.in_temperature(a.expert), mean, w, out(p, count), n);
    d.scale(a.first, out(p, count));
  }
  std::fill_n(out(count, count), n, 0.0);
  for (uword k = 0; k < d.rows.experts; ++k) add_variance(pi[k], d.in_temperature(k), mean, w, out(count, count), n);
}

/// Observed information between the temperature and a predictor, from their EM information in `out`.
inline void temper_single(const LogitDerivatives& d, const SinglePredictor& a, Table r, const double* w,
                          const double* mean, double* out) {
  const uword k = a.expert;
  double* own = d.spare(1);
  deviation(r[k], d.in_temperature(k), mean, w, own, d.rows.count);
  d.scale(a.first, own);
  subtract(own, out, d.rows.count);
  subtract_curvature(r[k], d.at.pi[k], w, d.curvature(a.part, Part::log_temperature, k), out, d.rows.count);
}

/// Observed information between the temperature and every predictor of the gate.
inline void temper_observed(const LogitDerivatives& d, Table r, const double* w, const PairTable& out) {
  temper_information(d, w, out);
  const std::size_t count = d.singles(), n = d.rows.count;
  const double* mean = d.mean_in_temperature(r);
  for (std::size_t p = 0; p < count; ++p) temper_single(d, d.single(p), r, w, mean, out(p, count));
  for (uword k = 0; k < d.rows.experts; ++k) {
    const double* second = d.curvature(Part::log_temperature, Part::log_temperature, k);
    subtract_variance(r[k], d.in_temperature(k), mean, w, out(count, count), n);
    subtract_curvature(r[k], d.at.pi[k], w, second, out(count, count), n);
  }
}

}  // namespace detail

EXPERTMIX_DEFINITION double SoftmaxGate::unit() const {
  const GateChoices& choices = logits_.predictors.choices;
  return choices.estimates() ? 1.0 : choices.temperature;
}

EXPERTMIX_DEFINITION std::shared_ptr<const Gate> SoftmaxGate::without_reference() const {
  GateChoices choices = logits_.predictors.choices;
  choices.symmetric = true;
  return std::make_shared<SoftmaxGate>(choices);
}

EXPERTMIX_DEFINITION std::shared_ptr<const Gate> SoftmaxGate::relaxed(uword experts) const {
  const detail::GatePredictors& own = logits_.predictors;
  return own.selects(experts) ? std::make_shared<SoftmaxGate>(own.choices, true) : nullptr;
}

EXPERTMIX_DEFINITION void SoftmaxGate::probabilities(const Rows& rows, GateTables& out) const {
  logits_.evaluate(rows, out);
  detail::softmax({out.logit.data(), nullptr, 1.0, rows.experts, rows.count},
                  {out.pi.data, out.pi.stride, out.top, out.inverse}, out.ahead);
}

EXPERTMIX_DEFINITION void SoftmaxGate::score(const Rows& rows, const GateTables& at, Table r, const double* w,
                                             const PairTable& out) const {
  const detail::LogitDerivatives d{logits_, rows, at};
  const std::size_t count = d.singles();
  for (std::size_t p = 0; p < count; ++p) {
    const detail::SinglePredictor a = d.single(p);
    detail::residual_weight(r[a.expert], at.pi[a.expert], w, out(p, p), rows.count);
    d.scale(a.first, out(p, p));
  }
  if (!d.tempered()) return;
  double* to = out(count, count);
  std::fill_n(to, rows.count, 0.0);
  for (uword k = 0; k < rows.experts; ++k) detail::add_residual(r[k], at.pi[k], w, d.in_temperature(k), to, rows.count);
}

/// J' (diag(pi) - pi pi') J with J = ds / du
EXPERTMIX_DEFINITION void SoftmaxGate::information(const Rows& rows, const GateTables& at, const double* w,
                                                   const PairTable& out) const {
  const detail::LogitDerivatives d{logits_, rows, at};
  d.for_each_pair([&](const detail::SinglePredictor& a, const detail::SinglePredictor& b) {
    double* to = out(a.number, b.number);
    if (a.expert == b.expert)
      detail::binomial_weight(at.pi[a.expert], w, to, rows.count);
    else
      detail::cross_weight(at.pi[a.expert], at.pi[b.expert], w, to, rows.count);
    d.scale(a.first, to);
    d.scale(b.first, to);
  });
  if (d.tempered()) detail::temper_information(d, w, out);
}

/// J' { diag(pi) - pi pi' - diag(r) + r r' } J - sum_k (r_k - pi_k) d2 s_k / du du'
EXPERTMIX_DEFINITION void SoftmaxGate::observed(const Rows& rows, const GateTables& at, Table r, const double* w,
                                                const PairTable& out) const {
  const detail::LogitDerivatives d{logits_, rows, at};
  d.for_each_pair([&](const detail::SinglePredictor& a, const detail::SinglePredictor& b) {
    double* to = out(a.number, b.number);
    const uword k = a.expert, l = b.expert;
    if (k == l)
      detail::observed_diagonal(at.pi[k], r[k], w, to, rows.count);
    else
      detail::observed_cross(at.pi[k], at.pi[l], r[k], r[l], w, to, rows.count);
    d.scale(a.first, to);
    d.scale(b.first, to);
    const double* second = k == l ? d.curvature(a.part, b.part, k) : nullptr;
    if (second) detail::subtract_curvature(r[k], at.pi[k], w, second, to, rows.count);
  });
  if (d.tempered()) detail::temper_observed(d, r, w, out);
}

EXPERTMIX_DEFINITION void SoftmaxGate::crossed(const Rows& rows, const GateTables& at, Table r,
                                               const double* const* weighted, const double* sum, std::size_t b,
                                               const PairTable& out) const {
  const detail::LogitDerivatives d{logits_, rows, at};
  const std::size_t count = d.singles();
  for (std::size_t p = 0; p < count; ++p) {
    const detail::SinglePredictor a = d.single(p);
    if (weighted[a.expert])
      detail::crossed_own(r[a.expert], sum, weighted[a.expert], out(p, b), rows.count);
    else
      detail::multiply(r[a.expert], sum, out(p, b), rows.count);
    d.scale(a.first, out(p, b));
  }
  if (!d.tempered()) return;
  std::fill_n(out(count, b), rows.count, 0.0);
  for (uword k = 0; k < rows.experts; ++k)
    detail::add_crossed(d.in_temperature(k), r[k], sum, weighted[k], out(count, b), rows.count);
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
