#pragma once

#include "../model/layout.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// New predictor `to` has `sign` times old predictor `from` among its terms.
inline void add_copy(const Layout& layout, std::size_t to, std::size_t from, double sign, arma::sp_mat& map) {
  for (uword j = 0; j < layout.size(to); ++j) map(layout.offset[to] + j, layout.offset[from] + j) += sign;
}

/// New gate k is old gate order(k), less old gate order(0) where expert 1 is the reference.
inline void relabel_gates(const Layout& layout, const uvec& order, arma::sp_mat& map) {
  for (const GateGroup& group : layout.gate_groups)
    for (std::size_t p = group.first; p < group.first + group.count; ++p) {
      const auto of = [&](uword expert) { return group.first + expert - group.reference; };
      const uword old = order(layout.predictors[p].expert);
      if (!group.reference || old > 0) add_copy(layout, p, of(old), 1.0, map);
      if (group.reference && order(0) > 0) add_copy(layout, p, of(order(0)), -1.0, map);
    }
}

/// The linear map of the parameters that renames the experts, new expert k being old expert order(k), and takes the new
/// first expert's gate as the reference. What all experts share stays.
inline arma::sp_mat relabelling(const Layout& layout, const uvec& order) {
  arma::sp_mat map(layout.parameters, layout.parameters);
  relabel_gates(layout, order, map);
  for (std::size_t p = 0; p < layout.gate_predictors; ++p)
    if (layout.predictors[p].expert == layout.experts) add_copy(layout, p, p, 1.0, map);
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p) {
    const uword expert = layout.predictors[p].expert;
    const uword old = expert < layout.experts ? order(expert) : expert;
    add_copy(layout, p, layout.counterpart(p, old), 1.0, map);
  }
  return map;
}

/// The linear map to the reflected gate (b1, b2) -> (-b2, -b1) of two experts.
inline arma::sp_mat reflection(const Layout& layout) {
  auto map = arma::speye<arma::sp_mat>(layout.parameters, layout.parameters);
  for (const GateGroup& group : layout.gate_groups)
    for (uword j = 0; !group.reference && j < layout.size(group.first); ++j) {
      const uword a = layout.offset[group.first] + j, b = layout.offset[group.first + 1] + j;
      map(a, a) = map(b, b) = 0.0;
      map(a, b) = map(b, a) = -1.0;
    }
  return map;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
