#pragma once

/// The library takes IEEE arithmetic for granted: infinities have a meaning, missing values are found, and sums are
/// taken in the order in which they are written.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "expertmix needs IEEE arithmetic: compile without -ffast-math, -Ofast, -funsafe-math-optimizations and the like"
#endif
