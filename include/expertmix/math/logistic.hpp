#pragma once

#include <cstddef>

#include "exponential.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// log(1 + e) by the logarithm of the rounded sum, and what rounding lost.
struct Logistic {
  template <class Width>
  EXPERTMIX_INLINE static void run(const double* eta, double* log_sum, double* p, double* variance, std::size_t n) {
    EXPERTMIX_AS_WRITTEN
    using Real = typename Width::type;
    for (std::size_t i = 0; i < n; i += Width::size) {
      const Real at = wide<Width>(eta + i).value;
      Real e[1] = {at > 0.0 ? -at : at};
      exponential<Width, 1>(e);
      Real log_of = 1.0 + e[0], inverse = log_of;
      const Real lost = e[0] - (log_of - 1.0);
      logarithm_inverse<Width>(log_of, inverse);
      wide<Width>(log_sum + i).value = (at > 0.0 ? at : Real{}) + (log_of + lost * inverse);
      wide<Width>(p + i).value = at > 0.0 ? inverse : e[0] * inverse;
      wide<Width>(variance + i).value = e[0] * inverse * inverse;
    }
  }
};

/// log(1 + exp(eta)), p = 1 / (1 + exp(-eta)) and p (1 - p) of every eta; n is a multiple of 8.
inline void logistic(const double* eta, double* log_sum, double* p, double* variance, std::size_t n) {
  dispatch<Logistic>(eta, log_sum, p, variance, n);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
