#pragma once

#include <cstddef>
#include <cstdint>

#include "ahead.hpp"
#include "dispatch.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Two columns of a block whose product x_left x_right is to be weighted and summed.
struct ColumnPair {
  std::uint32_t left, right;
};

/// Distance of the weight columns that `weighted_products` reads.
constexpr std::size_t weight_stride = 264;

/// What `weighted_products` reads: `rows` (a multiple of 8) rows of a column-major design and of `count` weight
/// columns.
struct ProductInput {
  const double* design;
  std::size_t design_stride;
  const double* weights;
  std::size_t rows, count;
};

/// `weighted_products` adds zeros to so many numbers behind its sums.
constexpr std::size_t product_padding = 8;

/// The most weights that fit the registers beside two column pairs.
constexpr int widest_strip(int registers) { return registers == 32 ? 10 : 6; }

/// Calls visit(first, width) for strips of `count` weights, as even as can be.
template <class Visit>
void for_each_strip(std::size_t count, Visit visit) {
  const auto widest = static_cast<std::size_t>(widest_strip(machine_registers()));
  const std::size_t strips = (count + widest - 1) / widest;
  for (std::size_t s = 0, first = 0; s < strips; ++s) {
    const std::size_t width = (count - first) / (strips - s);
    visit(first, width);
    first += width;
  }
}

struct Products {
  template <class Width>
  EXPERTMIX_INLINE static void run(const ProductInput* in, const ColumnPair* pairs, std::size_t n, double* sums,
                                   Ahead* ahead) {
    Ahead near = *ahead;
    strip<Width, widest_strip(Width::registers)>(*in, pairs, n, sums, near);
    *ahead = near;
  }

  /// W weights against as many pairs at a time as there are registers for, where W is the input's count.
  template <class Width, int W>
  EXPERTMIX_INLINE static void strip(const ProductInput& in, const ColumnPair* pairs, std::size_t n, double* sums,
                                     Ahead& ahead) {
    constexpr int room = (Width::registers - 1) / (W + 1), P = room < 5 ? room : 5;
    if (in.count == W)
      tiles<Width, W, P>(in, pairs, n, sums, ahead);
    else if constexpr (W > 1)
      strip<Width, W - 1>(in, pairs, n, sums, ahead);
  }

  /// P pairs at a time, then the last ones.
  template <class Width, int W, int P>
  EXPERTMIX_INLINE static void tiles(const ProductInput& in, const ColumnPair* pairs, std::size_t n, double* sums,
                                     Ahead& ahead) {
    for (; n >= P; n -= P, pairs += P, sums += static_cast<std::ptrdiff_t>(P) * W)
      tile<Width, W, P>(in, pairs, sums, ahead);
    if constexpr (P > 1) tiles<Width, W, P == 3 ? 2 : P / 2>(in, pairs, n, sums, ahead);
  }

  /// One register tile: W weights times P column pairs, summed over the rows in W * P registers.
  template <class Width, int W, int P>
  EXPERTMIX_INLINE static void tile(const ProductInput& in, const ColumnPair* pairs, double* sums, Ahead& ahead) {
    using Real = typename Width::type;
    const double *left[P], *right[P];
    Real sum[W * P + Width::size] = {};
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      left[p] = in.design + pairs[p].left * in.design_stride;
      right[p] = in.design + pairs[p].right * in.design_stride;
    }
    for (std::size_t i = 0; i < in.rows; i += Width::size) {
      Real product[P];
      ahead.fetch();
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) product[p] = wide<Width>(left[p] + i).value * wide<Width>(right[p] + i).value;
#pragma GCC unroll 16
      for (int w = 0; w < W; ++w) {
        Real weight = wide<Width>(in.weights + static_cast<std::size_t>(w) * weight_stride + i).value;
        keep_in_register(weight);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) sum[p * W + w] += weight * product[p];
      }
    }
#pragma GCC unroll 16
    for (int s = 0; s < W * P; s += Width::size) {
      Width::add_lanes(sum + s);
      wide<Width>(sums + s).value += sum[s];
    }
  }
};

/// Adds sum_i weight_s,i x_left(p),i x_right(p),i for the n pairs p and all weights s of `in` to `sums`, in the order
/// of `for_each_product`: every score (one column of a pair is the constant) and every symmetric half Gram of a pass.
inline void weighted_products(const ProductInput& in, const ColumnPair* pairs, std::size_t n, double* sums,
                              Ahead& ahead) {
  for_each_strip(in.count, [&](std::size_t first, std::size_t width) {
    const ProductInput strip{in.design, in.design_stride, in.weights + first * weight_stride, in.rows, width};
    dispatch<Products>(&strip, pairs, n, sums + first * n, &ahead);
  });
}

/// Calls visit(p, s, position) for the sum of each pair p of n and weight s of `count`.
template <class Visit>
void for_each_product(std::size_t n, std::size_t count, Visit visit) {
  std::size_t position = 0;
  for_each_strip(count, [&](std::size_t first, std::size_t width) {
    for (std::size_t p = 0; p < n; ++p)
      for (std::size_t s = first; s < first + width; ++s) visit(p, s, position++);
  });
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
