#pragma once

#include "../base/armadillo.hpp"

#include "dispatch.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What `linear_predictors` reads: the d columns (given by number) of a column-major design that all predictors share.
struct LinearInput {
  const double* design;
  std::size_t design_stride;
  const uword* columns;
  std::size_t d, rows;
};

struct LinearPredictors {
  template <class Width>
  EXPERTMIX_INLINE static void run(const LinearInput* in, const double* coefficients, std::size_t n,
                                   double* const* out) {
    for (std::size_t p = 0; p < n; p += 4) {
      const double* c = coefficients + p * in->d;
      switch (n - p) {
        case 1:
          tile<Width, 1>(*in, c, out + p);
          break;
        case 2:
          tile<Width, 2>(*in, c, out + p);
          break;
        case 3:
          tile<Width, 3>(*in, c, out + p);
          break;
        default:
          tile<Width, 4>(*in, c, out + p);
          break;
      }
    }
  }

  /// P predictors; 16 or 32 rows at a time, half as many registers of rows as there are for P sums and the columns.
  template <class Width, int P>
  EXPERTMIX_INLINE static void tile(const LinearInput& in, const double* coefficients, double* const* out) {
    constexpr std::size_t width = Width::size;
    constexpr int deep = Width::registers / 8;
    std::size_t i = 0;
    for (; i + deep * width <= in.rows; i += deep * width) strip<Width, P, deep>(in, coefficients, out, i);
    for (; i < in.rows; i += width) strip<Width, P, 1>(in, coefficients, out, i);
  }

  template <class Width, int P, int R>
  EXPERTMIX_INLINE static void strip(const LinearInput& in, const double* coefficients, double* const* out,
                                     std::size_t i) {
    constexpr std::size_t width = Width::size;
    typename Width::type sum[P][R] = {};
    for (std::size_t j = 0; j < in.d; ++j) {
      const double* column = in.design + in.columns[j] * in.design_stride + i;
#pragma GCC unroll 8
      for (std::size_t p = 0; p < P; ++p)
#pragma GCC unroll 8
        for (std::size_t r = 0; r < R; ++r)
          sum[p][r] += wide<Width>(column + r * width).value * coefficients[p * in.d + j];
    }
#pragma GCC unroll 8
    for (std::size_t p = 0; p < P; ++p)
#pragma GCC unroll 8
      for (std::size_t r = 0; r < R; ++r) wide<Width>(out[p] + i + r * width).value = sum[p][r];
  }
};

/// out_p = sum_j coefficient_j,p x_j for n predictors; `coefficients` is d x n, column-major.
inline void linear_predictors(const LinearInput& in, const double* coefficients, std::size_t n, double* const* out) {
  dispatch<LinearPredictors>(&in, coefficients, n, out);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
