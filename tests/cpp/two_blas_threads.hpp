#pragma once

#include "expertmix/base/blas.hpp"

/// While it lives, the BLAS has two threads, if it is OpenBLAS.
class TwoBlasThreads {
 public:
#ifdef EXPERTMIX_OPENBLAS
  TwoBlasThreads() { set(2); }
  ~TwoBlasThreads() { set(before_); }

  static bool possible() { return openblas_get_num_threads && openblas_set_num_threads; }
  static int now() { return possible() ? openblas_get_num_threads() : 2; }

 private:
  static void set(int threads) {
    if (possible()) openblas_set_num_threads(threads);
  }

  const int before_ = now();
#else
  TwoBlasThreads() {}

  static bool possible() { return false; }
  static int now() { return 2; }
#endif
};
