#pragma once

#if defined(__GNUC__) && defined(__ELF__)
extern "C" {
int openblas_get_num_threads(void) __attribute__((weak));
void openblas_set_num_threads(int threads) __attribute__((weak));
}
#define EXPERTMIX_OPENBLAS 1
#endif

namespace expertmix {

/// While it lives, OpenBLAS (where that is the BLAS) has so many threads: its own choice makes many small
/// factorisations wait for each other, on a busy machine thirty times as long as they take.
class BlasThreads {
 public:
#ifdef EXPERTMIX_OPENBLAS
  explicit BlasThreads(int threads) : before_(openblas_get_num_threads ? openblas_get_num_threads() : 0) {
    set(threads);
  }
  ~BlasThreads() { set(before_); }
#else
  explicit BlasThreads(int) {}
#endif
  BlasThreads(const BlasThreads&) = delete;

 private:
#ifdef EXPERTMIX_OPENBLAS
  void set(int threads) const {
    if (before_ > 0 && openblas_set_num_threads) openblas_set_num_threads(threads);
  }

  int before_;
#endif
};

}  // namespace expertmix
