#pragma once

#include "armadillo.hpp"

#ifdef EXPERTMIX_COMPILED
namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

template <std::size_t index_bytes, std::size_t matrix_bytes>
bool built_with_this_armadillo() {
  return true;
}
template bool built_with_this_armadillo<sizeof(arma::uword), sizeof(arma::mat)>();

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
#endif
