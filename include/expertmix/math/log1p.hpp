#pragma once

#include <cstddef>

#include "exponential.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// x <- log(1 + x), y <- 1 / (1 + x) of vectors of numbers from 0 to 1e300: log u + (x - (u - 1)) / u with u the
/// rounded 1 + x, which is exact to double precision however small x is.
template <class Width>
EXPERTMIX_INLINE void log1p_inverse(typename Width::type& x, typename Width::type& y) {
  EXPERTMIX_AS_WRITTEN
  using Real = typename Width::type;
  const Real u = 1.0 + x, lost = x - (u - 1.0);
  x = u;
  y = u;
  logarithm_inverse<Width>(x, y);
  x = x + lost * y;
}

struct Log1pInverse {
  template <class Width>
  EXPERTMIX_INLINE static void run(double* x, double* y, std::size_t n) {
    for (std::size_t i = 0; i < n; i += Width::size) {
      typename Width::type own = wide<Width>(x + i).value, inverse;
      log1p_inverse<Width>(own, inverse);
      wide<Width>(x + i).value = own;
      wide<Width>(y + i).value = inverse;
    }
  }
};

/// With z = exp(-|v|): log(1 + exp(v)) = max(v, 0) + log(1 + z), and exp(v) / (1 + exp(v)), 1 / (1 + exp(v)) by the one
/// inverse.
struct SoftplusShares {
  template <class Width>
  EXPERTMIX_INLINE static void run(double* v, double* share, double* rest, std::size_t n) {
    using Real = typename Width::type;
    for (std::size_t i = 0; i < n; i += Width::size) {
      const Real own = wide<Width>(v + i).value;
      Real z[1] = {own < 0.0 ? own : -own};
      exponential<Width, 1>(z);
      Real log = z[0], inverse;
      log1p_inverse<Width>(log, inverse);
      const Real small = z[0] * inverse;
      wide<Width>(v + i).value = (own < 0.0 ? Real{} : own) + log;
      wide<Width>(share + i).value = own < 0.0 ? small : inverse;
      wide<Width>(rest + i).value = own < 0.0 ? inverse : small;
    }
  }
};

/// x_i <- log(1 + x_i), y_i <- 1 / (1 + x_i), x_i from 0 to 1e300; n is a multiple of 8.
inline void log1p_inverse(double* x, double* y, std::size_t n) { dispatch<Log1pInverse>(x, y, n); }

/// v_i <- log(1 + exp(v_i)), with the shares of exp(v_i) and 1 in 1 + exp(v_i); n is a multiple of 8.
inline void softplus(double* v, double* share, double* rest, std::size_t n) {
  dispatch<SoftplusShares>(v, share, rest, n);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
