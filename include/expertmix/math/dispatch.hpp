#pragma once

#include "kernel.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Vectors of 2, 4 and 8 doubles: what one register of each x86-64 level holds. `add_lanes` replaces v_0 by
/// (sum of v_0, sum of v_1, ...), for as many vectors as a vector has numbers; it spoils the others.
struct Wide2 {
  using type = double __attribute__((vector_size(16)));
  using bits = unsigned long long __attribute__((vector_size(16)));
  static constexpr int size = 2, registers = 16;

  EXPERTMIX_INLINE static void add_lanes(type* v) { v[0] = type{v[0][0], v[1][0]} + type{v[0][1], v[1][1]}; }
};

#ifdef EXPERTMIX_X86
struct Wide4 {
  using type = double __attribute__((vector_size(32)));
  using bits = unsigned long long __attribute__((vector_size(32)));
  static constexpr int size = 4, registers = 16;

  EXPERTMIX_INLINE static void add_lanes(type* v) {
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i)
      v[i] = __builtin_shuffle(v[2 * i], v[2 * i + 1], bits{0, 5, 2, 7}) +
             __builtin_shuffle(v[2 * i], v[2 * i + 1], bits{1, 4, 3, 6});
    v[0] = __builtin_shuffle(v[0], v[1], bits{0, 1, 6, 7}) + __builtin_shuffle(v[0], v[1], bits{2, 3, 4, 5});
  }
};

struct Wide8 {
  using type = double __attribute__((vector_size(64)));
  using bits = unsigned long long __attribute__((vector_size(64)));
  static constexpr int size = 8, registers = 32;

  EXPERTMIX_INLINE static void add_lanes(type* v) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
      v[i] = __builtin_shuffle(v[2 * i], v[2 * i + 1], bits{0, 9, 2, 11, 4, 13, 6, 15}) +
             __builtin_shuffle(v[2 * i], v[2 * i + 1], bits{1, 8, 3, 10, 5, 12, 7, 14});
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i)
      v[i] = __builtin_shuffle(v[2 * i], v[2 * i + 1], bits{0, 1, 10, 11, 4, 5, 14, 15}) +
             __builtin_shuffle(v[2 * i], v[2 * i + 1], bits{2, 3, 8, 9, 6, 7, 12, 13});
    v[0] = __builtin_shuffle(v[0], v[1], bits{0, 1, 2, 3, 12, 13, 14, 15}) +
           __builtin_shuffle(v[0], v[1], bits{4, 5, 6, 7, 8, 9, 10, 11});
  }
};
#endif

/// A vector in memory, wherever doubles may lie: a vector type itself promises an address that is a multiple of its
/// size.
template <class Real>
struct __attribute__((packed, may_alias)) Unaligned {
  Real value;
};

template <class Width>
EXPERTMIX_INLINE Unaligned<typename Width::type>& wide(double* x) {
  return *reinterpret_cast<Unaligned<typename Width::type>*>(x);
}

template <class Width>
EXPERTMIX_INLINE const Unaligned<typename Width::type>& wide(const double* x) {
  return *reinterpret_cast<const Unaligned<typename Width::type>*>(x);
}

/// Where a number is used several times, GCC may load it again each time: twice the loads that a register tile can pay.
template <class Real>
EXPERTMIX_INLINE void keep_in_register(Real& x) {
#ifdef EXPERTMIX_X86
  asm("" : "+v"(x));
#else
  static_cast<void>(x);
#endif
}

/// What the compiler may take for granted on every machine that runs this.
#if defined(EXPERTMIX_X86) && defined(__AVX512F__)
using Granted = Wide8;
#elif defined(EXPERTMIX_X86) && defined(__AVX2__)
using Granted = Wide4;
#else
using Granted = Wide2;
#endif

#ifdef EXPERTMIX_VERSIONS
template <class Body, class... Arguments>
__attribute__((target("arch=x86-64-v4"))) void run_v4(Arguments... arguments) {
  Body::template run<Wide8>(arguments...);
}

template <class Body, class... Arguments>
__attribute__((target("arch=x86-64-v3"))) void run_v3(Arguments... arguments) {
  Body::template run<Wide4>(arguments...);
}

/// Numbers in this machine's widest registers.
inline int machine_width() {
  static const int width = __builtin_cpu_supports("x86-64-v4") ? 8 : __builtin_cpu_supports("x86-64-v3") ? 4 : 2;
  return width;
}
#else
inline int machine_width() { return Granted::size; }
#endif

inline int machine_registers() { return machine_width() == 8 ? 32 : 16; }

/// Runs Body::run<Width> in the version for this machine's widest registers. Such a body writes its register tiles down
/// itself; loops that the compiler vectorises alone are `EXPERTMIX_KERNEL` instead.
template <class Body, class... Arguments>
void dispatch(Arguments... arguments) {
#ifdef EXPERTMIX_VERSIONS
  if (machine_width() == 8) return run_v4<Body>(arguments...);
  if (machine_width() == 4) return run_v3<Body>(arguments...);
#endif
  Body::template run<Granted>(arguments...);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
