#pragma once

#include "wide.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

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

/// Wide columns of a sparse matrix: kept by columns, and transposed once to rows. Centring is implicit: what a column
/// of zeros would add is added once a block.
class SparseColumns final : public WideColumns {
 public:
  /// Columns of `values` that the union design has after the constant are listed in `columns`.
  SparseColumns(const arma::sp_mat& values, std::vector<uword> columns, Scaling scaling)
      : columns_(std::move(columns)),
        scaling_(std::move(scaling)),
        values_(chosen(values, columns_)),
        rows_(values_.t()) {}

  uword count() const override { return columns_.size() + 1; }

  void recoded(uword j, std::size_t first, std::size_t n, double* out) const override {
    if (j == 0) return void(std::fill_n(out, n, 1.0));
    const double centre = scaling_.centre[j], scale = scaling_.scale[j];
    std::fill_n(out, n, -centre / scale);
    const uword *begin = values_.row_indices + values_.col_ptrs[j - 1],
                *end = values_.row_indices + values_.col_ptrs[j];
    for (const uword* entry = std::lower_bound(begin, end, first); entry != end && *entry < first + n; ++entry)
      out[*entry - first] = (values_.values[entry - values_.row_indices] - centre) / scale;
  }

  /// sum_i w_i (x_ij - c_j) / s_j = (sum_i w_i x_ij - c_j sum_i w_i) / s_j
  void add_products(std::size_t first, std::size_t n, const double* weights, std::size_t weight_count,
                    mat& sums) const override {
    vec total(weight_count), row(weight_count);
    for (std::size_t s = 0; s < weight_count; ++s)
      total(s) = std::accumulate(weights + s * weight_stride, weights + s * weight_stride + n, 0.0);
    sums.col(0) += total;
    for (uword j = 1; j < count(); ++j)
      if (scaling_.centre[j] != 0.0) sums.col(j) -= scaling_.centre[j] / scaling_.scale[j] * total;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t s = 0; s < weight_count; ++s) row(s) = weights[s * weight_stride + i];
      for (uword entry = rows_.col_ptrs[first + i]; entry < rows_.col_ptrs[first + i + 1]; ++entry) {
        const uword j = rows_.row_indices[entry] + 1;
        sums.col(j) += rows_.values[entry] / scaling_.scale[j] * row;
      }
    }
  }

 private:
  static arma::sp_mat chosen(const arma::sp_mat& values, const std::vector<uword>& columns) {
    if (columns.size() == values.n_cols) return values;
    std::vector<uword> row, start{0};
    std::vector<double> value;
    for (uword j : columns) {
      row.insert(row.end(), values.row_indices + values.col_ptrs[j], values.row_indices + values.col_ptrs[j + 1]);
      value.insert(value.end(), values.values + values.col_ptrs[j], values.values + values.col_ptrs[j + 1]);
      start.push_back(row.size());
    }
    return arma::sp_mat(uvec(row), uvec(start), vec(value), values.n_rows, columns.size());
  }

  std::vector<uword> columns_;
  Scaling scaling_;
  arma::sp_mat values_, rows_;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
