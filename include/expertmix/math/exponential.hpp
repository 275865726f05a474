#pragma once

#include <cstddef>

#include "dispatch.hpp"

namespace expertmix {

/// exp(x) of a vector of doubles, x <= 700. Exactly 0 below -600: the responsibilities of a far away expert then vanish
/// instead of becoming denormal numbers, which cost twenty times more to multiply.
/// x = j log 2 + r with |r| <= log(2) / 2; exp(r) by its Taylor polynomial of degree 13 (relative error 4e-16).
template <class Width>
EXPERTMIX_INLINE typename Width::type exponential(typename Width::type x) {
  using Real = typename Width::type;
  using Bits = typename Width::bits;
  constexpr double log2e = 1.4426950408889634074, shift = 6755399441055744.0;  // 1.5 * 2^52 rounds to an integer
  constexpr double log2_high = 6.93147180369123816490e-01, log2_low = 1.90821492927058770002e-10;
  const Real rounded = x * log2e + shift;
  const Real j = rounded - shift;
  const Real r = (x - j * log2_high) - j * log2_low;
  const Real r2 = r * r, r4 = r2 * r2;
  const Real low = (1.0 + r) + r2 * (1.0 / 2 + r * (1.0 / 6));
  const Real middle = (1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040));
  const Real high = (1.0 / 40320 + r * (1.0 / 362880)) + r2 * (1.0 / 3628800 + r * (1.0 / 39916800)) +
                    r4 * (1.0 / 479001600 + r * (1.0 / 6227020800));
  const Real polynomial = low + r4 * (middle + r4 * high);
  const Real scaled = (Real)((Bits)polynomial + ((Bits)rounded << 52));
  return x < -600.0 ? Real{} : scaled;
}

/// log(x) of a vector of positive normal doubles: x = 2^j m with m in [sqrt(1/2), sqrt(2)),
/// log m = 2 artanh((m - 1) / (m + 1)).
template <class Width>
EXPERTMIX_INLINE typename Width::type logarithm(typename Width::type x) {
  using Real = typename Width::type;
  using Bits = typename Width::bits;
  constexpr double log2_high = 6.93147180369123816490e-01, log2_low = 1.90821492927058770002e-10;
  constexpr double two52 = 4503599627370496.0;
  constexpr long long sqrt_half = 0x3fe6a09e667f3bcdLL, one = 1023LL << 52, two52_bits = 0x4330000000000000LL;
  const Bits offset = (Bits)x - sqrt_half;
  const Real j = (Real)((((offset + one) >> 52) & 0xfffLL) | two52_bits) - (two52 + 1023.0);
  const Real m = (Real)((offset & 0x000fffffffffffffLL) + sqrt_half);
  const Real f = (m - 1.0) / (m + 1.0), s = f * f, s2 = s * s, s4 = s2 * s2;
  const Real low = (1.0 / 3 + s * (1.0 / 5)) + s2 * (1.0 / 7 + s * (1.0 / 9));
  const Real high = (1.0 / 11 + s * (1.0 / 13)) + s2 * (1.0 / 15 + s * (1.0 / 17)) + s4 * (1.0 / 19 + s * (1.0 / 21));
  const Real series = s * (low + s4 * high);
  return j * log2_high + (2.0 * f + (2.0 * f * series + j * log2_low));
}

namespace detail {

struct Exponentiate {
  template <class Width>
  EXPERTMIX_INLINE static void run(double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; i += Width::size) wide<Width>(x + i) = exponential<Width>(wide<Width>(x + i));
  }
};

struct Logarithms {
  template <class Width>
  EXPERTMIX_INLINE static void run(double* x, std::size_t n) {
    for (std::size_t i = 0; i < n; i += Width::size) wide<Width>(x + i) = logarithm<Width>(wide<Width>(x + i));
  }
};

}  // namespace detail

/// x_i <- exp(x_i); n is a multiple of 8.
inline void exponentiate(double* x, std::size_t n) { dispatch<detail::Exponentiate>(x, n); }

/// x_i <- log(x_i); n is a multiple of 8.
inline void take_logarithms(double* x, std::size_t n) { dispatch<detail::Logarithms>(x, n); }

}  // namespace expertmix
