#pragma once

#include <functional>
#include <vector>

#include "mixture.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What a solver asks of the data: statistics at some points (one set of parameters a column).
struct Request {
  mat parameters;
  Needs needs;
  Responsibility responsibility;
  vec toll = {};            ///< K numbers c: a row's objective is log f - sum_k c_k pi_k; empty: none
  bool gate_alone = false;  ///< the points differ in the gate's coefficients alone
};

/// Answers a request, one set of statistics a point: a fold over a source, or over many.
using Pass = std::function<std::vector<Statistics>(const Request&)>;

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
