#pragma once

#include <algorithm>
#include <vector>

#include "../math/columns.hpp"
#include "design.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// All columns of a design too wide to be handed out whole: column 0 the constant, column j recoded as (column -
/// centre_j) / scale_j. The recoding is implicit: no copy of the columns exists.
class WideColumns {
 public:
  virtual ~WideColumns() = default;

  virtual uword count() const = 0;

  /// Rows first, ..., first + n - 1 of recoded column j.
  virtual void recoded(uword j, std::size_t first, std::size_t n, double* out) const = 0;

  /// Adds the sums over these rows (n at most `max_block_rows`) of `weights` columns, `weight_stride` apart, against
  /// every recoded column to `sums`, weights x columns.
  virtual void add_products(std::size_t first, std::size_t n, const double* weights, std::size_t weight_count,
                            mat& sums) const = 0;
};

/// Wide columns of dense matrices.
class DenseColumns final : public WideColumns {
 public:
  /// `columns` are those after the constant.
  DenseColumns(std::vector<const double*> columns, Scaling scaling)
      : columns_(std::move(columns)), scaling_(std::move(scaling)) {}

  uword count() const override { return columns_.size() + 1; }

  void recoded(uword j, std::size_t first, std::size_t n, double* out) const override {
    if (j == 0)
      std::fill_n(out, n, 1.0);
    else
      recode(columns_[j - 1] + first, scaling_.centre[j], 1.0 / scaling_.scale[j], out, n);
  }

  void add_products(std::size_t first, std::size_t n, const double* weights, std::size_t weight_count,
                    mat& sums) const override {
    static const std::vector<ColumnPair> pairs = with_constant(width);
    alignas(64) double memory[(width + 1) * weight_stride];
    const std::size_t rows = (n + 7) / 8 * 8;
    std::fill_n(memory, rows, 1.0);
    AlignedVector part(width * weight_count + product_padding);
    Ahead none;
    for (uword from = 0; from < count(); from += width) {
      const std::size_t columns = std::min<std::size_t>(width, count() - from);
      for (std::size_t c = 0; c < columns; ++c) {
        fetch(from + width + c, first, n);
        recode_padded(from + c, first, n, rows, memory + (c + 1) * weight_stride);
      }
      std::fill(part.begin(), part.end(), 0.0);
      weighted_products({memory, weight_stride, weights, rows, weight_count}, pairs.data(), columns, part.data(), none);
      for_each_product(columns, weight_count, [&](std::size_t c, std::size_t s, std::size_t position) {
        sums(s, from + c) += part[position];
      });
    }
  }

 private:
  /// Columns that are recoded and multiplied at once: so few that a block of them stays in the cache.
  static constexpr std::size_t width = 16;

  /// Columns 1, ..., `count`, each paired with column 0.
  static std::vector<ColumnPair> with_constant(std::uint32_t count) {
    std::vector<ColumnPair> list;
    for (std::uint32_t c = 1; c <= count; ++c) list.push_back({c, 0});
    return list;
  }

  /// Asks for rows first, ..., first + n - 1 of column j, if there is one, before their turn: of rows in blocks no two
  /// columns are neighbours in memory.
  void fetch(uword j, std::size_t first, std::size_t n) const {
    if (j == 0 || j >= count()) return;
    const double* const begin = columns_[j - 1] + first;
    Ahead next{begin, begin + n};
    for (std::size_t i = 0; i < n; i += 8) next.fetch();
  }

  /// Rows first, ..., first + n - 1 of recoded column j, then zeros up to `rows`.
  void recode_padded(uword j, std::size_t first, std::size_t n, std::size_t rows, double* out) const {
    recoded(j, first, n, out);
    std::fill(out + n, out + rows, 0.0);
  }

  std::vector<const double*> columns_;
  Scaling scaling_;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
