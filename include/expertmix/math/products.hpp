#pragma once

#include <cstddef>
#include <cstdint>

#include "dispatch.hpp"

namespace expertmix {

/// Running sums are kept in this many interleaved lanes, one per row modulo 8, and added up at the end of a fold's lane.
constexpr std::size_t sum_lanes = 8;

/// Two columns of a block whose product x_left x_right is to be weighted and summed.
struct ColumnPair {
  std::uint32_t left, right;
};

/// What `weighted_products` reads: `rows` (a multiple of 8) rows of a column-major design and of `count` weight columns.
struct ProductInput {
  const double* design;
  std::size_t design_stride;
  const double* weights;
  std::size_t weight_stride;
  std::size_t rows, count;
};

namespace detail {

struct Products {
  template <class Width>
  EXPERTMIX_INLINE static void run(const ProductInput* in, const ColumnPair* pairs, std::size_t n, double* sums) {
    constexpr bool many = Width::registers == 32;
    const std::size_t strips = (in->count + 5) / 6;
    for (std::size_t s = 0, first = 0; s < strips; ++s) {
      const std::size_t width = (in->count - first) / (strips - s);
      switch (width) {
        case 1: strip<Width, 1, many ? 8 : 4>(*in, pairs, n, first, sums); break;
        case 2: strip<Width, 2, many ? 8 : 4>(*in, pairs, n, first, sums); break;
        case 3: strip<Width, 3, many ? 6 : 3>(*in, pairs, n, first, sums); break;
        case 4: strip<Width, 4, many ? 5 : 2>(*in, pairs, n, first, sums); break;
        case 5: strip<Width, 5, many ? 4 : 2>(*in, pairs, n, first, sums); break;
        default: strip<Width, 6, many ? 4 : 2>(*in, pairs, n, first, sums); break;
      }
      first += width;
    }
  }

  /// Weights first, ..., first + W - 1 against all pairs, P at a time.
  template <class Width, int W, int P>
  EXPERTMIX_INLINE static void strip(const ProductInput& in, const ColumnPair* pairs, std::size_t n, std::size_t first,
                                     double* sums) {
    const std::size_t row = in.count * sum_lanes;
    std::size_t p = 0;
    for (; p + P <= n; p += P) tile<Width, W, P>(in, pairs + p, first, sums + p * row);
    for (; p < n; ++p) tile<Width, W, 1>(in, pairs + p, first, sums + p * row);
  }

  /// One register tile: W weights times P column pairs, summed over the rows in W * P registers.
  template <class Width, int W, int P>
  EXPERTMIX_INLINE static void tile(const ProductInput& in, const ColumnPair* pairs, std::size_t first, double* sums) {
    constexpr std::size_t width = Width::size;
    const double *left[P], *right[P];
    typename Width::type sum[P][W];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      left[p] = in.design + pairs[p].left * in.design_stride;
      right[p] = in.design + pairs[p].right * in.design_stride;
#pragma GCC unroll 16
      for (int w = 0; w < W; ++w) sum[p][w] = wide<Width>(sums + (p * in.count + first + w) * sum_lanes);
    }
    for (std::size_t i = 0; i < in.rows; i += width) {
      typename Width::type product[P];
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) product[p] = wide<Width>(left[p] + i) * wide<Width>(right[p] + i);
#pragma GCC unroll 16
      for (int w = 0; w < W; ++w) {
        const auto weight = wide<Width>(in.weights + (first + w) * in.weight_stride + i);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) sum[p][w] += weight * product[p];
      }
    }
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 16
      for (int w = 0; w < W; ++w) wide<Width>(sums + (p * in.count + first + w) * sum_lanes) = sum[p][w];
  }
};

}  // namespace detail

/// sums[p, s] += sum_i weight_s,i x_left(p),i x_right(p),i for the n pairs and all weights of `in`: every score (one
/// column of a pair is the constant) and every symmetric half Gram of a pass. `sums` holds n x count x 8 partial sums.
inline void weighted_products(const ProductInput& in, const ColumnPair* pairs, std::size_t n, double* sums) {
  dispatch<detail::Products>(&in, pairs, n, sums);
}

}  // namespace expertmix
