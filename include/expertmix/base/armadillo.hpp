#pragma once

#include "arithmetic.hpp"

/// The only place that includes Armadillo: 64-bit indices (RcppArmadillo's default differs, and mixing them in one
/// shared object corrupts memory), no OpenMP of its own inside our lanes, no printing.
#ifndef ARMA_64BIT_WORD
#define ARMA_64BIT_WORD 1
#endif
#ifndef ARMA_DONT_USE_OPENMP
#define ARMA_DONT_USE_OPENMP
#endif
#ifndef ARMA_WARN_LEVEL
#define ARMA_WARN_LEVEL 0
#endif

#ifdef EXPERTMIX_FOR_R
#include <RcppArmadillo.h>
#else
#include <armadillo>
#endif

namespace expertmix {

using arma::mat;
using arma::uvec;
using arma::uword;
using arma::vec;

static_assert(sizeof(uword) == 8, "expertmix needs Armadillo with 64-bit indices: define ARMA_64BIT_WORD=1 everywhere");

}  // namespace expertmix
