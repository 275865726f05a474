#pragma once

#include <memory>
#include <string>

#include "origin.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The union of wide gate and expert designs, recoded: to standard deviation 1, and to mean 0 where every predictor
/// that owns a column has an intercept.
struct WideDesign {
  std::unique_ptr<const WideColumns> values;
  Columns columns;  ///< in the order of x and z
  Scaling scaling;
  std::vector<double> deviation;  ///< of every column as the user has it
  uword gate_columns = 0, expert_columns = 0, gate_intercept = 0;
  vec origin;  ///< of every column of z, of a gate that splits its slopes from its intercepts
};

inline uword zero_position(const std::vector<uword>& columns) {
  return static_cast<uword>(std::find(columns.begin(), columns.end(), uword{0}) - columns.begin());
}

/// Throws `invalid_argument` for a column that is constant (other than by ones): a penalised coefficient of it would
/// compete with the intercept, which is not penalised.
inline void check_varying(const std::vector<uword>& columns, const std::vector<double>& deviation,
                          const char* argument) {
  const uword intercept = zero_position(columns);
  for (uword j = 0; j < columns.size(); ++j)
    require(j == intercept || (columns[j] != 0 && deviation[columns[j]] > 0.0), "lasso", argument,
            "column " + std::to_string(j + 1) + " is constant");
}

inline void check_varying(const WideDesign& design) {
  check_varying(design.columns.experts, design.deviation, "x");
  check_varying(design.columns.gate, design.deviation, "z");
}

inline double spread(const Moments& m) { return m.deviation > 1e-13 * std::abs(m.mean) ? m.deviation : 0.0; }

inline bool all_ones(const arma::sp_mat& values, uword j) {
  const uword begin = values.col_ptrs[j], end = values.col_ptrs[j + 1];
  return end - begin == values.n_rows &&
         std::all_of(values.values + begin, values.values + end, [](double value) { return value == 1.0; });
}

/// Numbers a design's columns in the union, ones as the constant 0, each beginning a column of its own.
inline std::vector<uword> append_columns(const arma::sp_mat& values, uword first, std::vector<uword>& chosen) {
  std::vector<uword> own;
  for (uword j = 0; j < values.n_cols; ++j) {
    if (all_ones(values, j)) {
      own.push_back(0);
      continue;
    }
    chosen.push_back(first + j);
    own.push_back(chosen.size());
  }
  return own;
}

/// The columns of sparse designs that are not ones: x's, then z's, or those of both where they share them.
struct SparseUnion {
  const SparseData& data;
  bool shared;
  std::vector<uword> chosen = {};  ///< numbers of columns 1, 2, ... in x and z side by side
  Columns columns = {};

  bool of_gate(uword j) const { return chosen[j - 1] >= data.x().n_cols; }
  uword gate_column(uword j) const { return chosen[j - 1] - data.x().n_cols; }

  Moments moments(uword j) const {
    return of_gate(j) ? detail::moments(data.gate(), gate_column(j), data)
                      : detail::moments(data.x(), chosen[j - 1], data);
  }

  arma::sp_mat values() const { return shared ? data.x() : arma::sp_mat(arma::join_rows(data.x(), data.gate())); }
};

inline SparseUnion sparse_union(const SparseData& data, bool split) {
  SparseUnion out{data, &data.x() == &data.gate() && !split};
  out.columns.experts = append_columns(data.x(), 0, out.chosen);
  out.columns.gate = out.shared ? out.columns.experts : append_columns(data.gate(), data.x().n_cols, out.chosen);
  out.columns.count = out.chosen.size() + 1;
  return out;
}

/// Columns to standard deviation 1, and to mean 0 where every predictor that owns them has an intercept, those of a
/// gate that splits its slopes to their origin; their deviations are appended to `deviation`.
inline Scaling standardising(const SparseUnion& design, bool expert_intercept, bool gate_intercept, const vec& origin,
                             std::vector<double>& deviation) {
  Scaling scaling = Scaling::identity(design.columns.count);
  scaling.weight_unit = weight_unit(design.data);
  for (uword j = 1; j < design.columns.count; ++j) {
    const Moments m = design.moments(j);
    const bool own_intercept = design.of_gate(j) ? gate_intercept : expert_intercept;
    if (!origin.empty() && design.of_gate(j))
      scaling.centre[j] = origin(design.gate_column(j));
    else if (design.shared ? expert_intercept && gate_intercept : own_intercept)
      scaling.centre[j] = m.mean;
    const double size = std::hypot(m.deviation, m.mean - scaling.centre[j]);
    scaling.scale[j] = m.deviation > 0.0 ? size : 1.0;
    deviation.push_back(spread(m));
  }
  return scaling;
}

/// What both kinds of design know of their gate. Throws `invalid_argument`.
template <class Design>
WideDesign wide_gate(const DataSet<Design>& data, bool split, uword intercept, const vec& origin,
                     const Coefficients* start) {
  check_intercept("lasso", split, intercept, data.gate().n_cols);
  WideDesign out;
  out.gate_columns = data.gate().n_cols;
  out.expert_columns = data.x().n_cols;
  out.gate_intercept = intercept;
  out.deviation.push_back(0.0);
  if (split) out.origin = gate_origin("lasso", data, intercept, origin, start);
  return out;
}

/// `split`: the gate has slopes and intercepts apart, and an origin (`gate_origin`).
inline WideDesign wide_design(const Data& data, bool split, bool recode, const vec& origin, const Coefficients* start) {
  WideDesign out = wide_gate(data, split, intercept_of(data), origin, start);
  UnionDesign design = split ? split_design(data, out.gate_intercept, out.origin) : union_design(data);
  out.scaling = standardising(data, design, recode);
  for (const double* column : design.pointers) out.deviation.push_back(spread(moments(column, data)));
  out.columns = std::move(design.columns);
  check_varying(out);
  out.values = std::make_unique<DenseColumns>(std::move(design.pointers), out.scaling);
  return out;
}

inline WideDesign wide_design(const SparseData& data, bool split, bool recode, const vec& origin,
                              const Coefficients* start) {
  SparseUnion design = sparse_union(data, split);
  const uword expert_position = zero_position(design.columns.experts),
              gate_position = zero_position(design.columns.gate);
  WideDesign out = wide_gate(data, split, gate_position, origin, start);
  const bool expert_intercept = expert_position < data.x().n_cols, gate_intercept = gate_position < data.gate().n_cols;
  out.scaling = standardising(design, expert_intercept, gate_intercept, out.origin, out.deviation);
  if (recode) recode_response(data, expert_intercept, out.scaling);
  out.columns = std::move(design.columns);
  check_varying(out);
  out.values = std::make_unique<SparseColumns>(design.values(), design.chosen, out.scaling);
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
