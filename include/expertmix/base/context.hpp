#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "abi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// What a long job is at: independent starts of a search, hops from the best optima that it saw, the exploration of a
/// likelihood that jumps, one climb, the lambdas of a path, the parameters of profile intervals.
enum class Stage { starts, hops, exploration, climb, lambda, profile };

/// Its name, in one word.
inline const char* name_of(Stage stage) {
  constexpr const char* names[] = {"starts", "hops", "exploration", "climb", "lambda", "profile"};
  return names[static_cast<int>(stage)];
}

/// Where a long job stands: `done` of `total` steps of a stage (of a climb, iterations), and the log-likelihood there.
/// A search on a sample of the rows tells what it would be on all.
struct Progress {
  Stage stage = Stage::starts;  ///< what is being done
  double done = 0;              ///< steps of it
  double total = 0;             ///< of so many
  double log_likelihood = 0;    ///< where it stands
  double best = 0;              ///< largest log-likelihood that the job has told so far
  double seconds = 0;           ///< since it began
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

/// What watches a job, passed down to it. Only the thread that started the job calls back; what a callback throws ends
/// the job, and leaves fits, paths and profile intervals as it was thrown. Jobs may run on several threads at a time,
/// each with a context of its own: the library has no state that they share, and fits, data and mixtures may be read by
/// all.
struct Context {
  int threads = 1;                                ///< a forked child uses one
  Deadline deadline = {};                         ///< set by a job from its own time limit
  std::function<bool()> stop;                     ///< polled every few milliseconds; true ends the job by `interrupted`
  std::function<void(const Progress&)> progress;  ///< called between passes
  bool watched = false;                           ///< set by a job for those that it starts

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
