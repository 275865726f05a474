#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace expertmix {

/// Where a long job stands: `done` of `total` steps of the named stage, and the best log-likelihood so far.
struct Progress {
  std::string stage;
  double done = 0, total = 0, log_likelihood = 0;
};

/// What watches a job, passed down to it. Only the thread that started the job calls back.
struct Context {
  int threads = 1;                                ///< a forked child uses one
  std::function<bool()> stop;                     ///< polled every few milliseconds; true ends the job by `interrupted`
  std::function<void(const Progress&)> progress;  ///< called between passes

  bool stopping() const { return stop && stop(); }
  void report(const Progress& now) const {
    if (progress) progress(now);
  }
};

}  // namespace expertmix
