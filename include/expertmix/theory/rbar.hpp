#pragma once

#include <cstdint>

#include "../base/armadillo.hpp"
#include "../base/context.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// How nearly the polynomial system that defines rbar(m) can be solved at some r.
struct RbarCheck {
  double residual;  ///< largest absolute value of an equation
  mat solution;     ///< m rows of t1, ..., t5: max |t3| = 1, t5^2 between `least_weight` and 1
};

/// The best of so many searches for a solution of the system of m atoms at order r. Throws `invalid_argument`,
/// `interrupted`.
RbarCheck rbar_check(uword m, uword r, uword starts, std::uint64_t seed, double least_weight = 0.1,
                     const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "rbar.ipp"
#endif
