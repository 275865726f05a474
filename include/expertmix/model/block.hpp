#pragma once

#include <boost/align/aligned_allocator.hpp>

#include <cstddef>
#include <vector>

#include "../base/armadillo.hpp"
#include "../math/products.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Block columns, each `stride` numbers after the one before; a block's rows are padded to a multiple of 8.
struct Table {
  double* data = nullptr;  ///< first number of column 0
  std::size_t stride = 0;  ///< distance of columns

  /// A column.
  double* operator[](std::size_t column) const { return data + column * stride; }
  /// The same from a column on.
  Table from(std::size_t column) const { return {data + column * stride, stride}; }
};

/// One block of rows, as a source hands it to a model. Column 0 of the design is the constant 1. Padding rows have
/// weight zero and finite entries. `response`, `offset` and `responsibilities` (one column an expert) may be absent.
struct Block {
  std::size_t rows = 0;              ///< rows to compute on: a multiple of 8
  std::size_t stride = 0;            ///< distance of the design's columns
  const double* design = nullptr;    ///< its first column
  const double* response = nullptr;  ///< its first column
  const double* others = nullptr;    ///< its other columns, `stride` apart, too
  const double* weight = nullptr;    ///< of every row
  const double* offset = nullptr;    ///< of the experts' predictors
  bool unit_weights = false;         ///< all weights are 1
  Table responsibilities;            ///< that are given
  detail::Ahead ahead;               ///< where the next block will be read from

  /// Column j of the design.
  const double* column(std::size_t j) const { return design + j * stride; }
  /// Column c of the response.
  const double* response_column(std::size_t c) const { return c == 0 ? response : others + (c - 1) * stride; }
};

namespace detail {

/// Memory for tables, aligned to cache lines.
using AlignedVector = std::vector<double, boost::alignment::aligned_allocator<double, 64>>;

/// The most rows a block may have.
constexpr std::size_t max_block_rows = 256;

/// Distance of table columns for blocks of so many rows: not a multiple of 4096 bytes, lest loads of one column wait
/// for stores to another and all columns share a few sets of the cache.
constexpr std::size_t column_stride(std::size_t rows) { return rows + 8; }

static_assert(column_stride(max_block_rows) == weight_stride,
              "the product kernel knows the distance of weight columns");

/// Rows in a full block of a design with `columns` columns: the block stays in the second-level cache.
inline std::size_t block_rows(std::size_t columns) { return columns <= 200 ? 256 : 128; }

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
