#pragma once

#include <chrono>

#include "abi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// How long a job has been at work.
class Timer {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point began_ = Clock::now();
};

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
