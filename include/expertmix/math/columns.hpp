#pragma once

#include <cstddef>

#include "dispatch.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// out = a b.
EXPERTMIX_KERNEL void multiply(const double* a, const double* b, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] * b[i];
}

/// out = out + a b.
EXPERTMIX_KERNEL void multiply_add(const double* a, const double* b, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += a[i] * b[i];
}

/// x = x + a.
EXPERTMIX_KERNEL void add(const double* __restrict a, double* __restrict x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] += a[i];
}

/// x = x - a.
EXPERTMIX_KERNEL void subtract(const double* __restrict a, double* __restrict x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] -= a[i];
}

/// out = scale x.
EXPERTMIX_KERNEL void multiply_by(double scale, const double* x, double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = scale * x[i];
}

/// x = scale x.
EXPERTMIX_KERNEL void scale_by(double scale, double* __restrict x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] *= scale;
}

/// x = a x.
EXPERTMIX_KERNEL void scale_by(const double* __restrict a, double* __restrict x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] *= a[i];
}

/// out = (x - centre) scale.
EXPERTMIX_KERNEL void recode(const double* __restrict x, double centre, double scale, double* __restrict out,
                             std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = (x[i] - centre) * scale;
}

/// In four vectors of partial sums, or additions would wait for each other.
struct Dot {
  template <class Width>
  EXPERTMIX_INLINE static void run(const double* a, const double* b, std::size_t n, double* out) {
    typename Width::type sum[4] = {}, all[Width::size] = {};
    std::size_t i = 0;
    for (; i + 4 * Width::size <= n; i += 4 * Width::size)
#pragma GCC unroll 4
      for (int r = 0; r < 4; ++r)
        sum[r] += wide<Width>(a + i + r * Width::size).value * wide<Width>(b + i + r * Width::size).value;
    for (; i < n; i += Width::size) sum[0] += wide<Width>(a + i).value * wide<Width>(b + i).value;
    all[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    Width::add_lanes(all);
    *out = all[0][0];
  }
};

/// sum_i a_i b_i; n is a multiple of 8.
inline double dot(const double* a, const double* b, std::size_t n) {
  double out;
  dispatch<Dot>(a, b, n, &out);
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
