#pragma once

#include <cmath>
#include <numeric>
#include <vector>

#include "../path.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What a penalty multiplies lambda by: the factors of each parameter's absolute value, 0 where it is free, and of half
/// its square; `ridge` is a factor of half the square whatever lambda.
struct PenaltyFactors {
  vec lasso, square, ridge;
  std::vector<char> left_out;  ///< whose factor is infinite
  uvec slopes;                 ///< of gate and experts, penalised or not
};

/// The columns of z, or of x, that a predictor owns.
inline std::vector<uword> own_columns(const Layout& layout, std::size_t predictor) {
  if (predictor < layout.gate_predictors) return layout.columns.rows_of(layout.predictors[predictor].design);
  std::vector<uword> all(layout.columns.experts.size());
  std::iota(all.begin(), all.end(), uword{0});
  return all;
}

/// Of a column that is recoded: its standard deviation, or 1, in the layout's scale.
inline double slope_unit(const WideDesign& design, const Lasso& lasso, uword column) {
  return (lasso.standardize ? design.deviation[column] : 1.0) / design.scaling.scale[column];
}

/// The label of every expert of the parameters: the expert without a gate is their number 0.
inline uvec labels_of(uword experts, const std::vector<uword>& reference) {
  std::vector<uword> out = reference;
  for (uword k = 0; k < experts; ++k)
    if (reference.empty() || k != reference[0]) out.push_back(k);
  return uvec(out);
}

/// The factor of a column for an expert of the parameters.
inline double given_factor(const mat& given, uword column, uword label) {
  if (given.empty()) return 1.0;
  return given(column, given.n_cols == 1 ? 0 : label);
}

/// Factors of a predictor's slopes, whose numbers are appended to `slopes`.
inline void add_factors(const Layout& layout, const WideDesign& design, const Lasso& lasso, std::size_t p,
                        std::vector<uword>& slopes, PenaltyFactors& out) {
  const bool gate = p < layout.gate_predictors;
  const double unit = !gate && lasso.response_unit && !lasso.scaled ? design.scaling.response_scale : 1.0,
               strength = gate ? lasso.gate : lasso.experts;
  const mat& given = gate ? lasso.gate_factors : lasso.expert_factors;
  const std::vector<uword> own = own_columns(layout, p);
  const uword label = labels_of(layout.experts, lasso.reference)(layout.predictors[p].expert);
  for (uword j = 0; j < layout.size(p); ++j) {
    const uword column = layout.owned[p][j], i = layout.offset[p] + j;
    if (column == 0) continue;
    const double size = slope_unit(design, lasso, column);
    const double factor = given_factor(given, own[j], label);
    out.left_out[i] = std::isinf(factor);
    if (!out.left_out[i]) slopes.push_back(i);
    const double own_strength = (out.left_out[i] ? 1.0 : factor) * strength;
    out.lasso(i) = lasso.alpha * own_strength * unit * size;
    out.square(i) = (1.0 - lasso.alpha) * own_strength * unit * std::pow(size, 2);
    if (gate) out.ridge(i) = lasso.ridge * std::pow(size, 2);
  }
}

/// Slopes of columns in the layout's scale, penalised in units of the column's standard deviation or as they are.
inline PenaltyFactors penalty_factors(const Layout& layout, const WideDesign& design, const Lasso& lasso) {
  PenaltyFactors out{vec(layout.parameters, arma::fill::zeros),
                     vec(layout.parameters, arma::fill::zeros),
                     vec(layout.parameters, arma::fill::zeros),
                     std::vector<char>(layout.parameters, 0),
                     {}};
  std::vector<uword> slopes;
  for (std::size_t p = 0; p < layout.predictors.size(); ++p)
    if (layout.predictors[p].design != Design::constant) add_factors(layout, design, lasso, p, slopes, out);
  out.slopes = uvec(slopes);
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
