#pragma once

#include <cmath>
#include <string>

#include "../solver/end_point.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Where a penalised ascent ended, in the parameters of the full layout. Weak is an expert with fewer than three rows,
/// or as many as asked for, for each of its slopes; `value` is the penalised objective.
struct LassoPoint : EndPoint {
  vec score;
  double violation = arma::datum::inf;  ///< largest, of the optimality conditions for each unit of weight
  std::string began;
  uword branch = 0;  ///< fits that were climbed from one another share it

  bool same_as(const LassoPoint& other) const {
    return found() && other.found() && std::abs(value - other.value) < 1e-9 * std::abs(value);
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
