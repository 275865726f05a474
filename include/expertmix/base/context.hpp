#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "abi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Where a long job stands: `done` of `total` steps of the named stage, and the best log-likelihood so far.
struct Progress {
  std::string stage;          ///< what is being done
  double done = 0;            ///< steps of it
  double total = 0;           ///< of so many
  double log_likelihood = 0;  ///< the best so far
};

/// Until when a job may search. What it has found by then is what it returns.
class Deadline {
 public:
  Deadline() = default;
  /// So many seconds from now; none from 1e9 on.
  explicit Deadline(double seconds) {
    if (seconds < 1e9)
      end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }

  /// Whether there is one.
  bool set() const { return end_ != Clock::time_point::max(); }
  /// Whether it is over.
  bool passed() const { return set() && Clock::now() > end_; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point end_ = Clock::time_point::max();
};

/// What watches a job, passed down to it. Only the thread that started the job calls back.
struct Context {
  int threads = 1;                                ///< a forked child uses one
  Deadline deadline = {};                         ///< set by a job from its own time limit
  std::function<bool()> stop;                     ///< polled every few milliseconds; true ends the job by `interrupted`
  std::function<void(const Progress&)> progress;  ///< called between passes

  /// Whether the job is asked to stop.
  bool stopping() const { return stop && stop(); }
  /// Tells where the job stands.
  void report(const Progress& now) const {
    if (progress) progress(now);
  }
};

namespace detail {

/// The same within a time limit in seconds from now, unless it has a deadline of its own.
inline Context within(Context context, double seconds) {
  if (!context.deadline.set()) context.deadline = Deadline(seconds);
  return context;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
