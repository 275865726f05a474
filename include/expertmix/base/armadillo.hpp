#pragma once

#include "abi.hpp"
#include "arithmetic.hpp"

/// The only place that includes Armadillo: with 64-bit indices (RcppArmadillo's default differs, and mixing them in one
/// shared object corrupts memory). No other setting of Armadillo is touched or relied on: programs choose their own.
#ifndef ARMA_64BIT_WORD
#define ARMA_64BIT_WORD 1
#endif

#ifdef EXPERTMIX_FOR_R
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

static_assert(sizeof(uword) == 8, "expertmix needs Armadillo with 64-bit indices: define ARMA_64BIT_WORD=1 everywhere");

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
