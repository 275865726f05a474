#pragma once

#if defined(__GNUC__) && defined(__ELF__)
#define EXPERTMIX_OPENBLAS 1

#include <mutex>

#include "abi.hpp"
#include "process.hpp"

extern "C" {
int openblas_get_num_threads(void) __attribute__((weak));
void openblas_set_num_threads(int threads) __attribute__((weak));
}
#endif

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

#ifdef EXPERTMIX_OPENBLAS

/// OpenBLAS has one number of threads for the whole process: the first job that wants one sets it, and the last that
/// ends gives back what there was.
class BlasJobs {
 public:
  void enter() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (jobs_++ > 0) return;
    before_ = openblas_get_num_threads();
    openblas_set_num_threads(1);
  }

  void leave() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--jobs_ == 0) openblas_set_num_threads(before_);
  }

 private:
  std::mutex mutex_;
  int jobs_ = 0, before_ = 0;
};

/// Of the process that loaded the library, and of a forked child, which cannot wait for jobs of its parent.
inline BlasJobs blas_jobs[2];

/// While one lives, OpenBLAS (where that is the BLAS) has one thread: its own choice makes many small factorisations
/// wait for each other, on a busy machine thirty times as long as they take.
class OneBlasThread {
 public:
  OneBlasThread() {
    if (openblas_get_num_threads && openblas_set_num_threads) jobs_->enter();
  }
  ~OneBlasThread() {
    if (openblas_get_num_threads && openblas_set_num_threads) jobs_->leave();
  }
  OneBlasThread(const OneBlasThread&) = delete;

 private:
  BlasJobs* jobs_ = &blas_jobs[forked()];
};
#else
struct OneBlasThread {
  OneBlasThread() {}
};
#endif

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
