#pragma once

#include <algorithm>
#include <vector>

#include "../math/columns.hpp"
#include "../model/scaling.hpp"
#include "data.hpp"
#include "source.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A data set in memory as recoded blocks: column j of the union design is (column - centre_j) / scale_j, likewise the
/// response. Small data sets are recoded once, large ones block by block, so that no second copy of them exists.
class Memory final : public Source {
 public:
  /// `columns` points to the union design's columns after the constant; `responsibilities` (n x K) may be empty.
  /// Up to `cached_doubles` numbers are recoded once and kept.
  Memory(RowData data, std::vector<const double*> columns, Scaling scaling, const mat* responsibilities = nullptr,
         std::size_t cached_doubles = std::size_t{1} << 22)
      : data_(std::move(data)),
        columns_(std::move(columns)),
        scaling_(std::move(scaling)),
        responsibilities_(responsibilities),
        rows_(block_rows(columns_.size() + 1)),
        stride_(column_stride(rows_)),
        size_(tables() * stride_),
        unit_weights_(rows_, 1.0),
        last_weights_(rows_, 0.0) {
    std::fill_n(last_weights_.begin(), real_rows(blocks() - 1), 1.0);
    if (blocks() * size_ <= cached_doubles) cache();
  }

  std::size_t blocks() const override { return (data_.rows() + rows_ - 1) / rows_; }

  /// The first row of block i.
  std::size_t first(std::size_t i) const { return i * rows_; }

  Block block(std::size_t i, AlignedVector& buffer) const override {
    if (!cache_.empty()) return describe(i, const_cast<double*>(cache_.data()) + i * size_);
    buffer.resize(size_);
    fill(i, buffer.data());
    return describe(i, buffer.data());
  }

  Ahead ahead(std::size_t i) const override {
    if (cache_.empty() || i >= blocks()) return {};
    return {cache_.data() + i * size_, cache_.data() + (i + 1) * size_};
  }

 private:
  std::size_t experts() const { return responsibilities_ ? responsibilities_->n_cols : 0; }
  std::size_t responses() const { return data_.y().n_cols; }
  bool weighted() const { return !data_.weights().empty(); }
  bool shifted() const { return !data_.offset().empty(); }
  std::size_t tables() const { return columns_.size() + 1 + responses() + weighted() + shifted() + experts(); }
  std::size_t real_rows(std::size_t i) const { return std::min<std::size_t>(rows_, data_.rows() - first(i)); }

  void cache() {
    AlignedVector all(blocks() * size_);
    for (std::size_t i = 0; i < blocks(); ++i) fill(i, all.data() + i * size_);
    cache_ = std::move(all);
  }

  /// Columns of a block's memory: constant, design, response, and what there is of weight, offset, responsibilities.
  void fill(std::size_t i, double* memory) const {
    const std::size_t n = real_rows(i), from = first(i), d = columns_.size() + 1;
    const Table table{memory, stride_};
    std::fill_n(memory, size_, 0.0);
    std::fill_n(table[0], rows_, 1.0);
    for (std::size_t j = 1; j < d; ++j)
      recode(columns_[j - 1] + from, scaling_.centre[j], 1.0 / scaling_.scale[j], table[j], n);
    for (std::size_t c = 0; c < responses(); ++c)
      recode(data_.y().colptr(c) + from, scaling_.response_centre, 1.0 / scaling_.response_scale, table[d + c], n);
    fill_optional(n, from, table.from(d + responses()));
  }

  /// Weight, offset and responsibilities of rows from, ..., from + n - 1, as far as there are any.
  void fill_optional(std::size_t n, std::size_t from, const Table& table) const {
    std::size_t next = 0;
    if (weighted()) recode(data_.weights().memptr() + from, 0.0, 1.0 / scaling_.weight_unit, table[next++], n);
    if (shifted()) recode(data_.offset().memptr() + from, 0.0, 1.0 / scaling_.response_scale, table[next++], n);
    for (std::size_t k = 0; k < experts(); ++k) std::copy_n(responsibilities_->colptr(k) + from, n, table[next + k]);
  }

  Block describe(std::size_t i, double* memory) const {
    const std::size_t d = columns_.size() + 1, next = d + responses();
    const Table table{memory, stride_};
    Block block;
    block.rows = (real_rows(i) + 7) / 8 * 8;
    block.stride = stride_;
    block.design = table[0];
    if (data_.has_response()) block.response = table[d];
    if (responses() > 1) block.others = table[d + 1];
    const AlignedVector& ones = i + 1 < blocks() ? unit_weights_ : last_weights_;
    block.weight = weighted() ? table[next] : ones.data();
    block.unit_weights = block.weight == unit_weights_.data();
    if (shifted()) block.offset = table[next + weighted()];
    if (responsibilities_) block.responsibilities = table.from(next + weighted() + shifted());
    return block;
  }

  RowData data_;
  std::vector<const double*> columns_;
  Scaling scaling_;
  const mat* responsibilities_;
  std::size_t rows_, stride_, size_;
  AlignedVector unit_weights_, last_weights_, cache_;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
