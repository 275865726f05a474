#pragma once

#include <cstdint>
#include <vector>

#include "base/context.hpp"
#include "predict.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Responses, one row each as in `Data`, and the experts that they were drawn from.
struct Draws {
  mat y;        ///< n x as many columns as the family reads
  uvec expert;  ///< n, from 0
};

/// Draws from a mixture with coefficients on the user's scale at a data set, which needs a response only where it is
/// counts: every row keeps its total, up to 2^53. For each row first the expert, from pi(z), then the response, from
/// f_k(. | x). A function of the seed and the arguments only. Throws `invalid_argument`, `numerical_error`,
/// `interrupted`.
Draws draw(const Data& data, const Mixture& mixture, const Coefficients& coefficients, std::uint64_t seed,
           const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "simulate.ipp"
#endif
