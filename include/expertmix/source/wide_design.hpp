#pragma once

#include <memory>
#include <string>

#include "sparse.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The union of wide gate and expert designs, recoded: to standard deviation 1, and to mean 0 where every predictor
/// that owns a column has an intercept.
struct WideDesign {
  std::unique_ptr<const WideColumns> values;
  Columns columns;  ///< in the order of x and z
  Scaling scaling;
  std::vector<double> deviation;  ///< of every column as the user has it
  uword gate_columns = 0, expert_columns = 0, gate_intercept = 0;
};

namespace detail {

/// Throws `invalid_argument` for a column that is constant (other than by ones): a penalised coefficient of it would
/// compete with the intercept, which is not penalised.
inline void check_varying(const std::vector<uword>& columns, const std::vector<double>& deviation,
                          const char* argument) {
  for (uword j = 0; j < columns.size(); ++j)
    require(columns[j] == 0 || deviation[columns[j]] > 0.0, "lasso", argument,
            "column " + std::to_string(j + 1) + " is constant");
}

inline void check_varying(const WideDesign& design) {
  check_varying(design.columns.experts, design.deviation, "x");
  check_varying(design.columns.gate, design.deviation, "z");
}

inline double spread(const Moments& m) { return m.deviation > 1e-13 * std::abs(m.mean) ? m.deviation : 0.0; }

/// Weighted moments of a sparse column.
inline Moments moments(const arma::sp_mat& values, uword j, const RowData& rows) {
  double weight = 0.0, sum = 0.0, square = 0.0, seen = 0.0;
  for (uword i = 0; i < rows.rows(); ++i) weight += rows.row_weight(i);
  for (auto it = values.begin_col(j); it != values.end_col(j); ++it) sum += rows.row_weight(it.row()) * (*it);
  Moments out;
  out.mean = sum / weight;
  for (auto it = values.begin_col(j); it != values.end_col(j); ++it) {
    square += rows.row_weight(it.row()) * std::pow(*it - out.mean, 2);
    seen += rows.row_weight(it.row());
  }
  out.deviation = std::sqrt((square + (weight - seen) * out.mean * out.mean) / weight);
  return out;
}

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

inline uword zero_position(const std::vector<uword>& columns) {
  return std::find(columns.begin(), columns.end(), uword{0}) - columns.begin();
}

}  // namespace detail

/// `split`: the gate has slopes and intercepts apart, so that its columns are not centred.
inline WideDesign wide_design(const Data& data, bool split, bool recode) {
  WideDesign out;
  out.gate_intercept = intercept_of(data);
  require(!split || out.gate_intercept < data.gate().n_cols, "lasso", "z", "this gate needs a column of ones");
  UnionDesign design = split ? split_design(data, out.gate_intercept) : union_design(data);
  out.scaling = standardising(data, design, split, recode);
  out.deviation.push_back(0.0);
  for (const double* column : design.pointers) out.deviation.push_back(detail::spread(moments(column, data)));
  out.columns = std::move(design.columns);
  out.gate_columns = data.gate().n_cols;
  out.expert_columns = data.x().n_cols;
  detail::check_varying(out);
  out.values = std::make_unique<DenseColumns>(std::move(design.pointers), out.scaling);
  return out;
}

inline WideDesign wide_design(const SparseData& data, bool split, bool recode) {
  WideDesign out;
  std::vector<uword> chosen;
  const bool shared = &data.x() == &data.gate() && !split;
  out.columns.experts = detail::append_columns(data.x(), 0, chosen);
  out.columns.gate = shared ? out.columns.experts : detail::append_columns(data.gate(), data.x().n_cols, chosen);
  out.columns.count = chosen.size() + 1;
  out.gate_intercept = detail::zero_position(out.columns.gate);
  require(!split || out.gate_intercept < data.gate().n_cols, "lasso", "z", "this gate needs a column of ones");
  const bool expert_intercept = detail::zero_position(out.columns.experts) < data.x().n_cols,
             gate_intercept = !split && out.gate_intercept < data.gate().n_cols;
  out.scaling = Scaling::identity(out.columns.count);
  out.scaling.weight_unit = weight_unit(data);
  out.deviation.push_back(0.0);
  for (uword j = 1; j < out.columns.count; ++j) {
    const bool of_gate = chosen[j - 1] >= data.x().n_cols;
    const Moments m = of_gate ? detail::moments(data.gate(), chosen[j - 1] - data.x().n_cols, data)
                              : detail::moments(data.x(), chosen[j - 1], data);
    const bool own_intercept = of_gate ? gate_intercept : expert_intercept;
    const bool centred = shared ? expert_intercept && gate_intercept : own_intercept;
    out.scaling.centre[j] = centred ? m.mean : 0.0;
    out.scaling.scale[j] = m.deviation > 0.0 ? (centred ? m.deviation : std::hypot(m.deviation, m.mean)) : 1.0;
    out.deviation.push_back(detail::spread(m));
  }
  if (recode) recode_response(data, expert_intercept, out.scaling);
  out.gate_columns = data.gate().n_cols;
  out.expert_columns = data.x().n_cols;
  detail::check_varying(out);
  const arma::sp_mat values = shared ? data.x() : arma::sp_mat(arma::join_rows(data.x(), data.gate()));
  out.values = std::make_unique<SparseColumns>(values, chosen, out.scaling);
  return out;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
