#pragma once

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// X with A X = B, or the nearest to it of least norm where A is singular; false where neither can be found. Armadillo
/// would warn on the console before it tries the second.
inline bool find_solution(mat& x, const mat& a, const mat& b) {
  return arma::solve(x, a, b, arma::solve_opts::no_approx) || arma::solve(x, a, b, arma::solve_opts::force_approx);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
