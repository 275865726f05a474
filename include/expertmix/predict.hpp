#pragma once

#include "fit.hpp"

namespace expertmix {

/// Row-wise quantities of a mixture with coefficients on the user's scale (`Fit::gate`, `experts`, `sigma`) at a data set.
mat gate_probabilities(const Data& data, const mat& gate, const mat& experts, const vec& sigma);   ///< n x K
mat expert_means(const Data& data, const mat& gate, const mat& experts, const vec& sigma);         ///< n x K
vec predict(const Data& data, const mat& gate, const mat& experts, const vec& sigma);              ///< mixture mean, n
mat posterior(const Data& data, const mat& gate, const mat& experts, const vec& sigma);            ///< n x K, needs y
vec log_density(const Data& data, const mat& gate, const mat& experts, const vec& sigma);          ///< n, needs y

}  // namespace expertmix
