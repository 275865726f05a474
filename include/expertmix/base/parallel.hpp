#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "abi.hpp"
#include "context.hpp"
#include "error.hpp"
#include "process.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Asks the host, on the thread that made it and at most every 50 ms, whether to stop; the other threads read the
/// answer.
class StopWatch {
 public:
  explicit StopWatch(const Context& context) : context_(context) {}

  bool stopped(bool host_thread) {
    if (host_thread && !stopped_ && due()) stopped_ = context_.stopping();
    return stopped_;
  }

  /// For loops on the thread that made it. Throws `interrupted`.
  void check() {
    if (stopped(true)) throw interrupted();
  }

 private:
  using Clock = std::chrono::steady_clock;

  bool due() {
    const auto now = Clock::now();
    if (now - asked_ < std::chrono::milliseconds(50)) return false;
    asked_ = now;
    return true;
  }

  const Context& context_;
  Clock::time_point asked_ = Clock::now();
  std::atomic<bool> stopped_{false};
};

/// The thread that works on an item: its number, and whether the job should stop.
struct Worker {
  std::size_t number;
  StopWatch& watch;

  bool stopped() const { return watch.stopped(number == 0); }
};

/// Calls work(i, worker) for i < count on up to `context.threads` threads; in a forked child on one, as OpenMP would
/// wait for its parent's. An exception leaves on the calling thread, that of the smallest i first. The host is asked at
/// the end, too: many short jobs stop as soon as one long one. The only place that starts threads.
template <class Work>
void for_each_item(std::size_t count, const Context& context, Work work) {
  StopWatch watch(context);
  std::vector<std::exception_ptr> failures(count);
  const auto attempt = [&](std::size_t i, std::size_t number) {
    try {
      const Worker worker{number, watch};
      if (!worker.stopped()) work(i, worker);
    } catch (...) {
      failures[i] = std::current_exception();
    }
  };
#ifdef _OPENMP
  const int threads = static_cast<int>(count) < context.threads ? static_cast<int>(count) : context.threads;
  if (threads > 1 && !omp_in_parallel() && !forked()) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (std::size_t i = 0; i < count; ++i) attempt(i, static_cast<std::size_t>(omp_get_thread_num()));
  } else
#endif
    for (std::size_t i = 0; i < count; ++i) attempt(i, 0);
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
  if (watch.stopped(true) || context.stopping()) throw interrupted();
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
