#pragma once

#include "memory.hpp"
#include "wide.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Some columns of a wide design as dense blocks, the constant first; all columns stay beside them.
class Selection final : public Source {
 public:
  /// `rows` hands out response, weights, offset and responsibilities of `count` rows; its design is the constant alone.
  Selection(const Source& rows, std::size_t count, const WideColumns& wide, const std::vector<uword>& columns)
      : rows_(rows), count_(count), wide_(wide), size_(columns.size() * stride), design_(rows.blocks() * size_, 0.0) {
    for (std::size_t i = 0; i < blocks(); ++i) {
      double* to = design_.data() + i * size_;
      std::fill_n(to, stride, 1.0);
      for (std::size_t c = 1; c < columns.size(); ++c)
        wide.recoded(columns[c], first(i), real_rows(i), to + c * stride);
    }
  }

  std::size_t blocks() const override { return rows_.blocks(); }

  Block block(std::size_t i, AlignedVector& buffer) const override {
    Block block = rows_.block(i, buffer);
    block.design = design_.data() + i * size_;
    return block;
  }

  uword beside() const override { return wide_.count(); }

  void add_beside(std::size_t i, const double* weights, std::size_t weight_count, mat& sums) const override {
    wide_.add_products(first(i), real_rows(i), weights, weight_count, sums);
  }

 private:
  static constexpr std::size_t stride = column_stride(max_block_rows);

  static std::size_t first(std::size_t i) { return i * max_block_rows; }
  std::size_t real_rows(std::size_t i) const { return std::min(max_block_rows, count_ - first(i)); }

  const Source& rows_;
  std::size_t count_;
  const WideColumns& wide_;
  std::size_t size_;
  AlignedVector design_;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
