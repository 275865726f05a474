#pragma once

#include "abi.hpp"
#include "arithmetic.hpp"

/// The only place that includes Armadillo. What has to be the same in all of a program is the width of its indices
/// (mixing them corrupts memory): 64 bits, Armadillo's own choice, for which R asks. No other setting is touched or
/// relied on.
#ifdef EXPERTMIX_FOR_R
#ifndef ARMA_64BIT_WORD
#define ARMA_64BIT_WORD 1
#endif
#include <RcppArmadillo.h>
#else
#include <armadillo>
#endif

namespace expertmix {
inline namespace EXPERTMIX_ABI {

using arma::mat;
using arma::uvec;
using arma::uword;
using arma::vec;

static_assert(
    sizeof(uword) == 8,
    "expertmix needs Armadillo with 64-bit indices: compile all of the program without ARMA_32BIT_WORD, in an R "
    "package with -DARMA_64BIT_WORD=1");

#ifdef EXPERTMIX_COMPILED
namespace detail {

/// Only for the index and the matrix of the Armadillo that the compiled library was built with is this defined: a
/// program with another one does not link.
template <std::size_t index_bytes, std::size_t matrix_bytes>
bool built_with_this_armadillo();
inline const bool armadillo_agrees = built_with_this_armadillo<sizeof(arma::uword), sizeof(arma::mat)>();

}  // namespace detail
#endif

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
