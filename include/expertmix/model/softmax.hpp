#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "../math/columns.hpp"
#include "../math/softmax.hpp"
#include "gate.hpp"

namespace expertmix {

namespace detail {

/// out = w p (1 - p)
EXPERTMIX_KERNEL void binomial_weight(const double* p, const double* w, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = w[i] * p[i] * (1.0 - p[i]);
}

/// out = -w p q
EXPERTMIX_KERNEL void cross_weight(const double* p, const double* q, const double* w, double* __restrict out,
                                   std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = -w[i] * p[i] * q[i];
}

/// out = w (r - p)
EXPERTMIX_KERNEL void residual_weight(const double* r, const double* p, const double* w, double* __restrict out,
                                      std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = w[i] * (r[i] - p[i]);
}

/// out = w { p (1 - p) - r (1 - r) }
EXPERTMIX_KERNEL void observed_diagonal(const double* p, const double* r, const double* w, double* __restrict out,
                                        std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = w[i] * (p[i] * (1.0 - p[i]) - r[i] * (1.0 - r[i]));
}

/// out = r s - t
EXPERTMIX_KERNEL void crossed_own(const double* r, const double* s, const double* t, double* __restrict out,
                                  std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = r[i] * s[i] - t[i];
}

/// out = w (r_a r_b - p_a p_b)
EXPERTMIX_KERNEL void observed_cross(const double* pa, const double* pb, const double* ra, const double* rb,
                                     const double* w, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = w[i] * (ra[i] * rb[i] - pa[i] * pb[i]);
}

}  // namespace detail

/// The softmax gate pi_k = exp(s_k) / sum_j exp(s_j) with scores s_1 = 0 and s_k = beta_1k' z + beta_0k (2305.03288).
/// With s as coordinates the derivatives are those of a multinomial: d log pi_k / d s_a = 1{a = k} - pi_a.
class SoftmaxGate final : public Gate {
 public:
  std::vector<Predictor> predictors(uword experts) const override {
    std::vector<Predictor> list;
    for (uword k = 1; k < experts; ++k) list.push_back({Design::gate, Unit::none, k, "gate" + std::to_string(k + 1)});
    return list;
  }

  void probabilities(const Rows& rows, GateTables& out) const override {
    out.score[0] = out.own[0];
    for (uword k = 1; k < rows.experts; ++k) out.score[k] = rows.predictor[k - 1];
    softmax({out.score.data(), nullptr, 1.0, rows.experts, rows.count},
            {out.pi.data, out.pi.stride, out.top, out.inverse}, out.ahead);
  }

  void score(const Rows& rows, Table pi, Table r, const double* w, const PairTable& out) const override {
    for (uword a = 1; a < rows.experts; ++a) detail::residual_weight(r[a], pi[a], w, out(a - 1, a - 1), rows.count);
  }

  void information(const Rows& rows, Table pi, const double* w, const PairTable& out) const override {
    for (uword a = 1; a < rows.experts; ++a) {
      detail::binomial_weight(pi[a], w, out(a - 1, a - 1), rows.count);
      for (uword b = a + 1; b < rows.experts; ++b) detail::cross_weight(pi[a], pi[b], w, out(a - 1, b - 1), rows.count);
    }
  }

  void observed(const Rows& rows, Table pi, Table r, const double* w, const PairTable& out) const override {
    for (uword a = 1; a < rows.experts; ++a) {
      detail::observed_diagonal(pi[a], r[a], w, out(a - 1, a - 1), rows.count);
      for (uword b = a + 1; b < rows.experts; ++b)
        detail::observed_cross(pi[a], pi[b], r[a], r[b], w, out(a - 1, b - 1), rows.count);
    }
  }

  void crossed(const Rows& rows, Table /*pi*/, Table r, const double* const* weighted, const double* sum, std::size_t b,
               const PairTable& out) const override {
    for (uword a = 1; a < rows.experts; ++a)
      if (weighted[a])
        detail::crossed_own(r[a], sum, weighted[a], out(a - 1, b), rows.count);
      else
        multiply(r[a], sum, out(a - 1, b), rows.count);
  }
};

}  // namespace expertmix
