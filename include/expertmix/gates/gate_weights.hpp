#pragma once

#include "../math/columns.hpp"

/// The weight columns of a gate's derivatives, from probabilities p, responsibilities r, row weights w and derivatives
/// of logits.
namespace expertmix {
inline namespace EXPERTMIX_ABI {
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

/// out -= w (r - p) second
EXPERTMIX_KERNEL void subtract_curvature(const double* r, const double* p, const double* w, const double* second,
                                         double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] -= w[i] * (r[i] - p[i]) * second[i];
}

/// out += w (r - p) a
EXPERTMIX_KERNEL void add_residual(const double* r, const double* p, const double* w, const double* a,
                                   double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += w[i] * (r[i] - p[i]) * a[i];
}

/// out += w p a (a - mean)
EXPERTMIX_KERNEL void add_variance(const double* p, const double* a, const double* mean, const double* w,
                                   double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += w[i] * p[i] * a[i] * (a[i] - mean[i]);
}

/// out -= w r a (a - mean)
EXPERTMIX_KERNEL void subtract_variance(const double* r, const double* a, const double* mean, const double* w,
                                        double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] -= w[i] * r[i] * a[i] * (a[i] - mean[i]);
}

/// out = w p (a - mean)
EXPERTMIX_KERNEL void deviation(const double* p, const double* a, const double* mean, const double* w,
                                double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = w[i] * p[i] * (a[i] - mean[i]);
}

/// out += a (r s - t), t null for 0
EXPERTMIX_KERNEL void add_crossed(const double* a, const double* r, const double* s, const double* t,
                                  double* __restrict out, std::size_t n) {
  if (t)
    for (std::size_t i = 0; i < n; ++i) out[i] += a[i] * (r[i] * s[i] - t[i]);
  else
    for (std::size_t i = 0; i < n; ++i) out[i] += a[i] * r[i] * s[i];
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
