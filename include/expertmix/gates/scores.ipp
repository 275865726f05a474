#pragma once

#include "../math/columns.hpp"
#include "../math/softmax.hpp"
#include "scores.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// s <- (s + intercept) / tau
EXPERTMIX_KERNEL void finish_score(double intercept, double inverse, double* __restrict s, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) s[i] = (s[i] + intercept) * inverse;
}

/// Second derivatives of g(s): inner <- g' inner + g'' a b
EXPERTMIX_KERNEL void compose(const double* first, const double* second, const double* a, const double* b,
                              double* __restrict inner, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) inner[i] = first[i] * inner[i] + second[i] * a[i] * b[i];
}

}  // namespace detail

EXPERTMIX_DEFINITION std::vector<Predictor> Scores::predictors(uword experts) const {
  std::vector<Predictor> list;
  for (std::size_t p = 0; p < single(experts); ++p) {
    const uword k = expert(p, experts);
    const Design split = part(p, experts) == Part::intercept ? Design::constant : Design::gate_slopes;
    const Design design = splits(experts) ? split : Design::gate;
    list.push_back({design, Unit::none, k});
  }
  if (count(Part::log_temperature, experts))
    list.push_back({Design::constant, Unit::none, experts, 0, -largest_log_temperature, largest_log_temperature});
  return list;
}

EXPERTMIX_DEFINITION double Scores::log_temperature(const Rows& rows) const {
  if (!count(Part::log_temperature, rows.experts)) return std::log(choices_.temperature);
  return std::clamp(rows.predictor[single(rows.experts)][0], -20.0, 20.0);
}

EXPERTMIX_DEFINITION void Scores::evaluate(const Rows& rows, GateTables& out) const {
  const uword experts = rows.experts;
  const double inverse = choices_.temperature == 1.0 && !estimates() ? 1.0 : std::exp(-log_temperature(rows));
  std::vector<const double*> key(experts);
  for (uword k = 0; k < experts; ++k) {
    if (direct(experts)) {
      const uword references = !symmetric(experts);
      out.score[k] = k < references ? out.own[0] : rows.predictor[k - references];
    } else {
      evaluate_one(rows, k, inverse, out);
      out.score[k] = score_column(out, k);
    }
    key[k] = direct(experts) ? out.score[k] : key_column(out, k, experts);
    if (hard(experts)) out.score[k] = out.own[0];
  }
  if (!selects(experts)) return;
  double *gap = gap_column(out, 0, experts), *scratch = gap_column(out, 1, experts);
  select_active(key.data(), out.score.data(), experts, choices_.top_k, rows.count, ties(), masked(out, experts), gap,
                scratch);
  for (uword k = 0; k < experts; ++k) out.score[k] = masked(out, experts)[k];
  out.gap = gap;
}

EXPERTMIX_DEFINITION void Scores::evaluate_one(const Rows& rows, uword k, double inverse, GateTables& out) const {
  const uword experts = rows.experts;
  const auto of = [&](Part part) {
    const std::size_t count = this->count(part, experts),
                      before = part == Part::slope ? this->count(Part::intercept, experts) : 0;
    return k + count < experts ? out.own[0] : rows.predictor[before + k + count - experts];
  };
  const double* slope = of(Part::slope);
  const double intercept = count(Part::intercept, experts) ? of(Part::intercept)[0] : 0.0;
  double *s = score_column(out, k), *first = first_column(out, Part::slope, k, experts),
         *second = second_column(out, Part::slope, Part::slope, k, experts);
  if (curved()) {
    choices_.activation.evaluate(slope, s, first, second, rows.count);
    scale_by(inverse, first, rows.count);
    scale_by(inverse, second, rows.count);
  } else {
    std::copy_n(slope, rows.count, s);
    if (!unit()) {
      std::fill_n(first, rows.count, inverse);
      std::fill_n(second, rows.count, 0.0);
    }
  }
  if (selects(experts) && !choices_.select_by_score)
    std::copy_n(choices_.activation.increasing ? slope : s, rows.count, key_column(out, k, experts));
  detail::finish_score(intercept, inverse, s, rows.count);
  if (selects(experts) && choices_.select_by_score) std::copy_n(s, rows.count, key_column(out, k, experts));
  if (unit()) return;
  std::fill_n(first_column(out, Part::intercept, k, experts), rows.count, inverse);
  if (estimates()) differentiate_in_temperature(rows.count, k, experts, inverse, out);
  if (!is_softmax()) take_normaliser(rows.count, k, experts, out);
}

/// With t = log tau: ds/dt = -s, d2s/dt2 = s, d2s/dt du = -ds/du.
EXPERTMIX_DEFINITION void Scores::differentiate_in_temperature(std::size_t rows, uword k, uword experts, double inverse,
                                                               GateTables& out) const {
  const auto second = [&](Part a) { return second_column(out, a, Part::log_temperature, k, experts); };
  const double* s = score_column(out, k);
  multiply_by(-1.0, s, first_column(out, Part::log_temperature, k, experts), rows);
  multiply_by(-1.0, first_column(out, Part::slope, k, experts), second(Part::slope), rows);
  std::fill_n(second(Part::intercept), rows, -inverse);
  std::copy_n(s, rows, second(Part::log_temperature));
}

/// s <- log a(s), with its derivatives by the chain rule.
EXPERTMIX_DEFINITION void Scores::take_normaliser(std::size_t rows, uword k, uword experts, GateTables& out) const {
  double *s = score_column(out, k), *outer = spare(out, 0, experts), *curvature = spare(out, 1, experts);
  choices_.normaliser.evaluate(s, s, outer, curvature, rows);
  std::vector<Part> parts{Part::slope, Part::intercept};
  if (estimates()) parts.push_back(Part::log_temperature);
  std::fill_n(second_column(out, Part::slope, Part::intercept, k, experts), rows, 0.0);
  std::fill_n(second_column(out, Part::intercept, Part::intercept, k, experts), rows, 0.0);
  for (std::size_t a = 0; a < parts.size(); ++a)
    for (std::size_t b = a; b < parts.size(); ++b)
      detail::compose(outer, curvature, first_column(out, parts[a], k, experts),
                      first_column(out, parts[b], k, experts), second_column(out, parts[a], parts[b], k, experts),
                      rows);
  for (Part part : parts) scale_by(outer, first_column(out, part, k, experts), rows);
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
