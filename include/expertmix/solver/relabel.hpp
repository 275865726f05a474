#pragma once

#include "../model/layout.hpp"

namespace expertmix {

/// The linear map of the parameters that renames the experts, new expert k being old expert order(k), and takes the new
/// first expert's gate as the reference.
inline arma::sp_mat relabelling(const Layout& layout, const uvec& order) {
  arma::sp_mat map(layout.parameters, layout.parameters);
  const auto copy = [&](std::size_t to, std::size_t from, double sign) {
    for (uword j = 0; j < layout.size(to); ++j) map(layout.offset[to] + j, layout.offset[from] + j) += sign;
  };
  for (uword k = 1; k < layout.experts; ++k) {
    if (order(k) > 0) copy(k - 1, order(k) - 1, 1.0);
    if (order(0) > 0) copy(k - 1, order(0) - 1, -1.0);
  }
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p) {
    const uword expert = layout.predictors[p].expert;
    const uword old = expert < layout.experts ? order(expert) : expert;
    copy(p, p + old - expert, 1.0);
  }
  return map;
}

}  // namespace expertmix
