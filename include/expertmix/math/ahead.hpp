#pragma once

#include "kernel.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Memory that will be read soon. Kernels with much to compute bring it nearer line by line: whoever asks for all of it
/// at once waits for it.
struct Ahead {
  const double *next = nullptr, *end = nullptr;

  EXPERTMIX_INLINE void fetch() {
#ifdef __GNUC__
    __builtin_prefetch(next, 0, 2);
#endif
    next += next < end ? 8 : 0;
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
