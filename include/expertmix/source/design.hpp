#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "../model/scaling.hpp"
#include "data.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The union of a data set's expert and gate columns: equal columns once, columns of ones as column 0, the constant.
struct UnionDesign {
  std::vector<const double*> pointers;  ///< of columns 1, 2, ...
  Columns columns;                      ///< in the order of x and z
  std::vector<double> origin;           ///< of every column, of a gate that splits its slopes from its intercepts
};

/// The columns of a union of n rows by their content.
using ColumnIndex = std::unordered_map<std::string_view, uword>;

inline std::string_view content(const double* column, uword n) {
  return {reinterpret_cast<const char*>(column), n * sizeof(double)};
}

/// Which of so many columns a set has.
inline std::vector<char> owned_of(const std::vector<uword>& set, uword count) {
  std::vector<char> out(count, 0);
  for (uword j : set) out[j] = 1;
  return out;
}

/// The number of a column in the union, where it is put if no equal one is there.
inline uword place_column(const double* column, uword n, ColumnIndex& index, std::vector<const double*>& pointers) {
  if (std::all_of(column, column + n, [](double value) { return value == 1.0; })) return 0;
  const auto [place, added] = index.try_emplace(content(column, n), pointers.size() + 1);
  if (added) pointers.push_back(column);
  return place->second;
}

/// The same of all columns of a matrix.
inline std::vector<uword> place_columns(const mat& columns, ColumnIndex& index, std::vector<const double*>& pointers) {
  std::vector<uword> out;
  for (uword j = 0; j < columns.n_cols; ++j)
    out.push_back(place_column(columns.colptr(j), columns.n_rows, index, pointers));
  return out;
}

/// The first column of z that is all ones; the number of columns if there is none.
inline uword intercept_of(const Data& data) {
  uword j = 0;
  while (j < data.gate().n_cols && !arma::all(data.gate().col(j) == 1.0)) ++j;
  return j;
}

/// Throws `invalid_argument` where a gate that splits its slopes from its intercepts has no column of ones in z.
inline void check_intercept(const char* where, bool split, uword intercept, uword columns) {
  require(!split || intercept < columns, where, "z", "this gate needs a column of ones");
}

inline UnionDesign union_design(const Data& data) {
  UnionDesign design;
  ColumnIndex index;
  design.columns.experts = place_columns(data.x(), index, design.pointers);
  if (&data.gate() == &data.x())
    design.columns.gate = design.columns.experts;
  else
    design.columns.gate = place_columns(data.gate(), index, design.pointers);
  design.columns.count = design.pointers.size() + 1;
  return design;
}

/// Weighted mean and standard deviation (divisor: the sum of weights) of a column, in two passes.
struct Moments {
  double mean = 0.0, deviation = 0.0;
};

inline Moments moments(const double* column, const RowData& data) {
  double weight = 0.0, sum = 0.0, square = 0.0;
  for (uword i = 0; i < data.rows(); ++i) weight += data.row_weight(i), sum += data.row_weight(i) * column[i];
  Moments out;
  out.mean = sum / weight;
  for (uword i = 0; i < data.rows(); ++i)
    square += data.row_weight(i) * (column[i] - out.mean) * (column[i] - out.mean);
  out.deviation = std::sqrt(square / weight);
  return out;
}

/// Where the gate splits its slopes from its intercepts, its columns count from an origin, a number for each column of
/// z: they are shared with the experts only where that costs these nothing (a mean within one standard deviation of it,
/// and an intercept that makes up for it). Column `intercept` of z is the constant.
inline UnionDesign split_design(const Data& data, uword intercept, const vec& origin) {
  UnionDesign design;
  ColumnIndex index;
  design.columns.experts = place_columns(data.x(), index, design.pointers);
  const bool constant = std::count(design.columns.experts.begin(), design.columns.experts.end(), uword{0}) > 0;
  design.origin.assign(design.pointers.size() + 1, 0.0);
  for (uword j = 0; j < data.gate().n_cols; ++j) {
    if (j == intercept) {
      design.columns.gate.push_back(0);
      continue;
    }
    const double* column = data.gate().colptr(j);
    const Moments m = moments(column, data);
    const bool shares = std::abs(m.mean - origin(j)) <= m.deviation && (constant || origin(j) == 0.0);
    const auto equal = shares ? index.extract(content(column, data.rows())) : ColumnIndex::node_type();
    if (equal.empty()) {
      design.pointers.push_back(column);
      design.origin.push_back(0.0);
    }
    design.columns.gate.push_back(equal.empty() ? design.pointers.size() : equal.mapped());
    design.origin[design.columns.gate.back()] = origin(j);
  }
  design.columns.count = design.pointers.size() + 1;
  return design;
}

/// A numeric response less its offset to mean 0 and standard deviation 1, or without an intercept to root mean square
/// 1; scale 0 where it is constant.
inline void recode_response(const RowData& data, bool intercept, Scaling& scaling) {
  const vec shifted = data.offset().empty() ? vec() : vec(data.y().col(0) - data.offset());
  const Moments y = moments(shifted.empty() ? data.y().memptr() : shifted.memptr(), data);
  scaling.response_centre = intercept ? y.mean : 0.0;
  const double spread = intercept ? y.deviation : std::hypot(y.deviation, y.mean);
  scaling.response_scale = spread > 1e-13 * std::abs(y.mean) ? spread : 0.0;
}

/// Average weight of the rows of positive weight.
inline double weight_unit(const RowData& data) {
  const vec& w = data.weights();
  if (w.empty()) return 1.0;
  return w.max() * (arma::accu(w / w.max()) / static_cast<double>(arma::accu(w > 0.0)));
}

/// Columns to mean 0 where every predictor that owns them has an intercept, those of a gate that splits its slopes to
/// their origin, and to standard deviation 1 (root mean square 1 where they are centred elsewhere); a numeric response
/// likewise, while another stays as it is.
inline Scaling standardising(const Data& data, const UnionDesign& design, bool recode = true) {
  const bool split = !design.origin.empty();
  const std::vector<char> of_experts = owned_of(design.columns.experts, design.columns.count),
                          of_gate = owned_of(design.columns.gate, design.columns.count);
  Scaling scaling = Scaling::identity(design.columns.count);
  scaling.weight_unit = weight_unit(data);
  for (uword j = 1; j < design.columns.count; ++j) {
    const Moments m = moments(design.pointers[j - 1], data);
    if (split && of_gate[j])
      scaling.centre[j] = design.origin[j];
    else if ((of_experts[0] || !of_experts[j]) && (of_gate[0] || !of_gate[j]))
      scaling.centre[j] = m.mean;
    const double spread = std::hypot(m.deviation, m.mean - scaling.centre[j]);
    scaling.scale[j] = spread > 1e-13 * std::abs(m.mean) ? spread : 1.0;
  }
  if (recode) recode_response(data, of_experts[0], scaling);
  return scaling;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
