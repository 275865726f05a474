#pragma once

#include <cstddef>

#include "exponential.hpp"

namespace expertmix {

/// Scores to take the softmax of: score_k = a_k, or beta (a_k + b_k) where b is given. Column pointers, K of each.
struct SoftmaxInput {
  const double* const* a;
  const double* const* b;
  double beta;
  std::size_t columns, rows;
};

/// p_k = exp(score_k) / S; column k starts at probability + k * stride. The row's log S is top + log(sum).
struct SoftmaxOutput {
  double* probability;
  std::size_t stride;
  double *top, *sum;
};

namespace detail {

struct Softmax {
  template <class Width>
  EXPERTMIX_INLINE static void run(const SoftmaxInput* in, const SoftmaxOutput* out) {
    in->b ? rows<Width, true>(*in, *out) : rows<Width, false>(*in, *out);
  }

  template <class Width, bool joint>
  EXPERTMIX_INLINE static void rows(const SoftmaxInput& in, const SoftmaxOutput& out) {
    constexpr int deep = 2;
    std::size_t i = 0;
    for (; i + deep * Width::size <= in.rows; i += deep * Width::size) strip<Width, joint, deep>(in, out, i);
    for (; i < in.rows; i += Width::size) strip<Width, joint, 1>(in, out, i);
  }

  template <class Width, bool joint>
  EXPERTMIX_INLINE static typename Width::type score(const SoftmaxInput& in, std::size_t k, std::size_t i) {
    if (!joint) return wide<Width>(in.a[k] + i);
    return in.beta * (wide<Width>(in.a[k] + i) + wide<Width>(in.b[k] + i));
  }

  /// R registers of rows at a time, to hide the latency of exp and division.
  template <class Width, bool joint, int R>
  EXPERTMIX_INLINE static void strip(const SoftmaxInput& in, const SoftmaxOutput& out, std::size_t i) {
    using Real = typename Width::type;
    Real top[R], sum[R] = {}, inverse[R];
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) top[r] = score<Width, joint>(in, 0, i + r * Width::size);
    for (std::size_t k = 1; k < in.columns; ++k)
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) {
        const Real s = score<Width, joint>(in, k, i + r * Width::size);
        top[r] = s > top[r] ? s : top[r];
      }
    for (std::size_t k = 0; k < in.columns; ++k)
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) {
        const Real p = exponential<Width>(score<Width, joint>(in, k, i + r * Width::size) - top[r]);
        wide<Width>(out.probability + k * out.stride + i + r * Width::size) = p;
        sum[r] += p;
      }
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) {
      wide<Width>(out.top + i + r * Width::size) = top[r];
      wide<Width>(out.sum + i + r * Width::size) = sum[r];
      inverse[r] = 1.0 / sum[r];
    }
    for (std::size_t k = 0; k < in.columns; ++k)
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) wide<Width>(out.probability + k * out.stride + i + r * Width::size) *= inverse[r];
  }
};

struct LogRatio {
  template <class Width>
  EXPERTMIX_INLINE static void run(const double* top, const double* sum, const double* top0, const double* sum0,
                                   double* out, std::size_t n) {
    for (std::size_t i = 0; i < n; i += Width::size)
      wide<Width>(out + i) = (wide<Width>(top + i) - wide<Width>(top0 + i)) +
                             logarithm<Width>(wide<Width>(sum + i) / wide<Width>(sum0 + i));
  }
};

}  // namespace detail

/// Softmax of every row, by its largest score. Scores may be -infinity, not all of a row's.
inline void softmax(const SoftmaxInput& in, const SoftmaxOutput& out) { dispatch<detail::Softmax>(&in, &out); }

/// out = log{ exp(top) sum / (exp(top0) sum0) }, row by row.
inline void log_ratio(const double* top, const double* sum, const double* top0, const double* sum0, double* out,
                      std::size_t n) {
  dispatch<detail::LogRatio>(top, sum, top0, sum0, out, n);
}

}  // namespace expertmix
