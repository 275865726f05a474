#pragma once

#include "kernel.hpp"

namespace expertmix {

/// Vectors of 2, 4 and 8 doubles: what one register of each x86-64 level holds.
struct Wide2 {
  typedef double type __attribute__((vector_size(16), aligned(8), may_alias));
  typedef long long bits __attribute__((vector_size(16), aligned(8), may_alias));
  static constexpr int size = 2, registers = 16;
};
struct Wide4 {
  typedef double type __attribute__((vector_size(32), aligned(8), may_alias));
  typedef long long bits __attribute__((vector_size(32), aligned(8), may_alias));
  static constexpr int size = 4, registers = 16;
};
struct Wide8 {
  typedef double type __attribute__((vector_size(64), aligned(8), may_alias));
  typedef long long bits __attribute__((vector_size(64), aligned(8), may_alias));
  static constexpr int size = 8, registers = 32;
};

template <class Width>
EXPERTMIX_INLINE typename Width::type& wide(double* x) {
  return *reinterpret_cast<typename Width::type*>(x);
}

template <class Width>
EXPERTMIX_INLINE const typename Width::type& wide(const double* x) {
  return *reinterpret_cast<const typename Width::type*>(x);
}

namespace detail {

#ifdef EXPERTMIX_VERSIONS
template <class Body, class... Arguments>
__attribute__((target("arch=x86-64-v4"))) void run_v4(Arguments... arguments) {
  Body::template run<Wide8>(arguments...);
}

template <class Body, class... Arguments>
__attribute__((target("arch=x86-64-v3"))) void run_v3(Arguments... arguments) {
  Body::template run<Wide4>(arguments...);
}

inline int machine_level() {
  if (__builtin_cpu_supports("x86-64-v4")) return 4;
  return __builtin_cpu_supports("x86-64-v3") ? 3 : 2;
}
#endif

}  // namespace detail

/// Runs Body::run<Width> in the version for this machine's widest registers. Such a body writes its register tiles down
/// itself; loops that the compiler vectorises alone are `EXPERTMIX_KERNEL` instead.
template <class Body, class... Arguments>
void dispatch(Arguments... arguments) {
#ifdef EXPERTMIX_VERSIONS
  static const int level = detail::machine_level();
  if (level == 4) return detail::run_v4<Body>(arguments...);
  if (level == 3) return detail::run_v3<Body>(arguments...);
#endif
  Body::template run<Wide2>(arguments...);
}

}  // namespace expertmix
