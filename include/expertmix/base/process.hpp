#pragma once

#ifndef _WIN32
#include <unistd.h>
#endif

#include "abi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Always 0 on Windows, where no process is forked.
inline long process_number() {
#ifdef _WIN32
  return 0;
#else
  return static_cast<long>(getpid());
#endif
}

inline const long loading_process = process_number();

/// Whether this process was forked from the one that loaded the library. Such a child inherits locks and records of
/// threads, but not the threads: what waits for them waits for ever.
inline bool forked() { return process_number() != loading_process; }

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
