#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "../math/columns.hpp"
#include "../math/softmax.hpp"
#include "logits.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// s <- (s + intercept) / tau
EXPERTMIX_KERNEL void finish_logit(double intercept, double inverse, double* __restrict s, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) s[i] = (s[i] + intercept) * inverse;
}

/// Second derivatives of g(s): inner <- g' inner + g'' a b
EXPERTMIX_KERNEL void compose(const double* first, const double* second, const double* a, const double* b,
                              double* __restrict inner, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) inner[i] = first[i] * inner[i] + second[i] * a[i] * b[i];
}

EXPERTMIX_DEFINITION void Logits::evaluate(const Rows& rows, GateTables& out) const {
  const LogitColumns own{out.own, rows.experts};
  const bool tempered = choices().temperature != 1.0 || choices().estimates();
  const double inverse = tempered ? std::exp(-log_temperature(rows)) : 1.0;
  const bool direct = this->direct(rows.experts);
  for (uword k = 0; k < rows.experts; ++k) {
    if (!direct) evaluate_one(rows, k, inverse, own);
    out.logit[k] = direct ? direct_logit(rows, k, own.zero()) : own.logit(k);
  }
  if (predictors.selects(rows.experts)) select(rows, out);
}

EXPERTMIX_DEFINITION double Logits::log_temperature(const Rows& rows) const {
  if (!predictors.count(Part::log_temperature, rows.experts)) return std::log(choices().temperature);
  return std::clamp(rows.predictor[predictors.single(rows.experts)][0], -20.0, 20.0);
}

/// A predictor that is the logit of expert k; zero for the reference.
EXPERTMIX_DEFINITION const double* Logits::direct_logit(const Rows& rows, uword k, const double* zero) const {
  const uword references = !predictors.symmetric(rows.experts);
  return k < references ? zero : rows.predictor[k - references];
}

/// The predictor of a part of expert k; zero for the reference.
EXPERTMIX_DEFINITION const double* Logits::predictor(const Rows& rows, Part part, uword k, const double* zero) const {
  const std::size_t count = predictors.count(part, rows.experts);
  if (k + count < rows.experts) return zero;
  return rows.predictor[predictors.first(part, rows.experts) + k + count - rows.experts];
}

EXPERTMIX_DEFINITION void Logits::evaluate_one(const Rows& rows, uword k, double inverse,
                                               const LogitColumns& out) const {
  const bool selects = predictors.selects(rows.experts), by_logit = choices().select_by_score;
  const double* slope = predictor(rows, Part::slope, k, out.zero());
  const bool split = predictors.count(Part::intercept, rows.experts) > 0;
  const double intercept = split ? predictor(rows, Part::intercept, k, out.zero())[0] : 0.0;
  double* s = out.logit(k);
  activate(slope, rows.count, k, inverse, out);
  if (selects && !by_logit) std::copy_n(choices().activation.increasing ? slope : s, rows.count, out.key(k));
  finish_logit(intercept, inverse, s, rows.count);
  if (selects && by_logit) std::copy_n(s, rows.count, out.key(k));
  if (choices().unit()) return;
  std::fill_n(out.first(Part::intercept, k), rows.count, inverse);
  if (choices().estimates()) differentiate_in_temperature(rows.count, k, inverse, out);
  if (!choices().is_softmax()) take_normaliser(rows.count, k, out);
}

/// h(slope), and h' / tau and h'' / tau.
EXPERTMIX_DEFINITION void Logits::activate(const double* slope, std::size_t rows, uword k, double inverse,
                                           const LogitColumns& out) const {
  double *s = out.logit(k), *first = out.first(Part::slope, k), *second = out.second(Part::slope, Part::slope, k);
  if (choices().curved()) {
    choices().activation.evaluate(slope, s, first, second, rows);
    scale_by(inverse, first, rows);
    scale_by(inverse, second, rows);
    return;
  }
  std::copy_n(slope, rows, s);
  if (choices().unit()) return;
  std::fill_n(first, rows, inverse);
  std::fill_n(second, rows, 0.0);
}

/// With t = log tau: ds/dt = -s, d2s/dt2 = s, d2s/dt du = -ds/du.
EXPERTMIX_DEFINITION void Logits::differentiate_in_temperature(std::size_t rows, uword k, double inverse,
                                                               const LogitColumns& out) const {
  const auto second = [&](Part a) { return out.second(a, Part::log_temperature, k); };
  const double* s = out.logit(k);
  multiply_by(-1.0, s, out.first(Part::log_temperature, k), rows);
  multiply_by(-1.0, out.first(Part::slope, k), second(Part::slope), rows);
  std::fill_n(second(Part::intercept), rows, -inverse);
  std::copy_n(s, rows, second(Part::log_temperature));
}

/// s <- log a(s), with its derivatives by the chain rule.
EXPERTMIX_DEFINITION void Logits::take_normaliser(std::size_t rows, uword k, const LogitColumns& out) const {
  double *s = out.logit(k), *outer = out.spare(0), *curvature = out.spare(1);
  choices().normaliser.evaluate(s, s, outer, curvature, rows);
  std::vector<Part> parts{Part::slope, Part::intercept};
  if (choices().estimates()) parts.push_back(Part::log_temperature);
  std::fill_n(out.second(Part::slope, Part::intercept, k), rows, 0.0);
  std::fill_n(out.second(Part::intercept, Part::intercept, k), rows, 0.0);
  for (std::size_t a = 0; a < parts.size(); ++a)
    for (std::size_t b = a; b < parts.size(); ++b)
      compose(outer, curvature, out.first(parts[a], k), out.first(parts[b], k), out.second(parts[a], parts[b], k),
              rows);
  for (Part part : parts) scale_by(outer, out.first(part, k), rows);
}

EXPERTMIX_DEFINITION Ties Logits::ties() const {
  const bool by_logit = choices().select_by_score;
  const bool saturates = choices().curved() && (by_logit || !choices().activation.increasing);
  const double other = saturates ? arma::datum::inf : 0.0;
  return {by_logit ? other : arma::datum::inf, other};
}

/// Masks the logits of experts that are not active.
EXPERTMIX_DEFINITION void Logits::select(const Rows& rows, GateTables& out) const {
  const LogitColumns own{out.own, rows.experts};
  std::vector<const double*> key(rows.experts);
  for (uword k = 0; k < rows.experts; ++k) {
    key[k] = direct(rows.experts) ? out.logit[k] : own.key(k);
    if (predictors.hard(rows.experts)) out.logit[k] = own.zero();
  }
  select_active(key.data(), out.logit.data(), rows.experts, choices().top_k, rows.count, ties(), own.masked(),
                own.gap(), own.next_key());
  for (uword k = 0; k < rows.experts; ++k) out.logit[k] = own.masked()[k];
  out.gap = own.gap();
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
