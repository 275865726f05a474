#pragma once

#include <cstddef>

#include "dispatch.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// x_r <- exp(x_r) of R vectors of doubles, x <= 700, step by step together, which keeps the arithmetic units busier
/// than one after the other. Exactly 0 below -600: the responsibilities of a far away expert then vanish instead of
/// becoming denormal numbers, which cost twenty times more to multiply. x = j log 2 + t with |t| <= log(2) / 2; exp(t)
/// = 1 + t + t^2 q(t), q the minimax polynomial of degree 9 (Remez; relative error 4e-18 before rounding).
template <class Width, int R>
EXPERTMIX_INLINE void exponential(typename Width::type (&x)[R]) {
  EXPERTMIX_AS_WRITTEN
  using Real = typename Width::type;
  using Bits = typename Width::bits;
  constexpr double log2e = 1.4426950408889634074, shift = 6755399441055744.0;  // 1.5 * 2^52 rounds to an integer
  constexpr double log2_high = 6.93147180369123816490e-01, log2_low = 1.90821492927058770002e-10;
  Real rounded[R], t[R], t2[R], low[R], middle[R], high[R];
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) rounded[r] = x[r] * log2e + shift;
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) t[r] = rounded[r] - shift;
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) t[r] = (x[r] - t[r] * log2_high) - t[r] * log2_low;
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) t2[r] = t[r] * t[r];
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) low[r] = (1.0 + t[r]) + t2[r] * (0.5000000000000011 + t[r] * 0.16666666666666413);
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r)
    middle[r] = (0.041666666666530155 + t[r] * 0.008333333333494461) +
                t2[r] * (0.0013888888943630114 + t[r] * 0.00019841269506578688);
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r)
    high[r] = (2.480149309890655e-05 + t[r] * 2.7557586373840165e-06) +
              t2[r] * (2.763024837921144e-07 + t[r] * 2.5000061602835666e-08);
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) t2[r] *= t2[r];
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) middle[r] += t2[r] * high[r];
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) low[r] += t2[r] * middle[r];
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) {
    const Real scaled = (Real)((Bits)low[r] + ((Bits)rounded[r] << 52));
    x[r] = x[r] < -600.0 ? Real{} : scaled;
  }
}

/// x <- log(x), y <- 1 / y of vectors of positive normal doubles, by one division: x = 2^j m with m in
/// [sqrt(1/2), sqrt(2)), log m = 2 artanh((m - 1) / (m + 1)), and y (m + 1) is inverted for both.
template <class Width>
EXPERTMIX_INLINE void logarithm_inverse(typename Width::type& x, typename Width::type& y) {
  EXPERTMIX_AS_WRITTEN
  using Real = typename Width::type;
  using Bits = typename Width::bits;
  constexpr double log2_high = 6.93147180369123816490e-01, log2_low = 1.90821492927058770002e-10;
  constexpr double two52 = 4503599627370496.0;
  constexpr unsigned long long sqrt_half = 0x3fe6a09e667f3bcd, one = 1023ULL << 52, two52_bits = 0x4330000000000000;
  const Bits offset = (Bits)x - sqrt_half;
  const Real j = (Real)((((offset + one) >> 52) & 0xfffULL) | two52_bits) - (two52 + 1023.0);
  const Real m = (Real)((offset & 0x000fffffffffffffULL) + sqrt_half);
  const Real above = m + 1.0, inverse = 1.0 / (y * above);
  const Real f = (m - 1.0) * (y * inverse), s = f * f, s2 = s * s, s4 = s2 * s2;
  y = above * inverse;
  const Real low = (1.0 / 3 + s * (1.0 / 5)) + s2 * (1.0 / 7 + s * (1.0 / 9));
  const Real high = (1.0 / 11 + s * (1.0 / 13)) + s2 * (1.0 / 15 + s * (1.0 / 17)) + s4 * (1.0 / 19 + s * (1.0 / 21));
  const Real series = s * (low + s4 * high);
  x = j * log2_high + (2.0 * f + (2.0 * f * series + j * log2_low));
}

struct Exponentiate {
  template <class Width>
  EXPERTMIX_INLINE static void run(double* x, std::size_t n) {
    std::size_t i = 0;
    for (; i + 4 * Width::size <= n; i += 4 * Width::size) strip<Width, 4>(x + i);
    for (; i < n; i += Width::size) strip<Width, 1>(x + i);
  }

  template <class Width, int R>
  EXPERTMIX_INLINE static void strip(double* x) {
    typename Width::type v[R];
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) v[r] = wide<Width>(x + r * Width::size).value;
    exponential<Width, R>(v);
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) wide<Width>(x + r * Width::size).value = v[r];
  }
};

/// x_i <- exp(x_i); n is a multiple of 8.
inline void exponentiate(double* x, std::size_t n) { dispatch<Exponentiate>(x, n); }

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
