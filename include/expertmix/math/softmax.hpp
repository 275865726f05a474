#pragma once

#include <cstddef>

#include "ahead.hpp"
#include "exponential.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Scores to take the softmax of: score_k = a_k, or beta (a_k + b_k) where b is given. Column pointers, K of each.
struct SoftmaxInput {
  const double* const* a;
  const double* const* b;
  double beta;
  std::size_t columns, rows;
};

/// p_k = exp(score_k) / S; column k starts at probability + k * stride. The row's log S is top - log(inverse).
struct SoftmaxOutput {
  double* probability;
  std::size_t stride;
  double *top, *inverse;
};

/// log S of every row less that of another softmax, to `log_ratio`.
struct LogRatio {
  const double *top, *inverse;
  double* log_ratio;
};

struct Softmax {
  template <class Width>
  EXPERTMIX_INLINE static void run(const SoftmaxInput* in, const SoftmaxOutput* out, const LogRatio* ratio,
                                   Ahead* ahead) {
    Ahead near = *ahead;
    in->b ? rows<Width, true>(*in, *out, ratio, near) : rows<Width, false>(*in, *out, ratio, near);
    *ahead = near;
  }

  template <class Width, bool joint>
  EXPERTMIX_INLINE static void rows(const SoftmaxInput in, const SoftmaxOutput out, const LogRatio* ratio,
                                    Ahead& ahead) {
    constexpr int deep = Width::registers / 8;
    std::size_t i = 0;
    for (; i + deep * Width::size <= in.rows; i += deep * Width::size)
      strip<Width, joint, deep>(in, out, ratio, ahead, i);
    for (; i < in.rows; i += Width::size) strip<Width, joint, 1>(in, out, ratio, ahead, i);
  }

  template <class Width, bool joint>
  EXPERTMIX_INLINE static void score(const SoftmaxInput& in, std::size_t k, std::size_t i, typename Width::type& s) {
    s = wide<Width>(in.a[k] + i).value;
    if (joint) s = in.beta * (s + wide<Width>(in.b[k] + i).value);
  }

  /// R registers of rows at a time, to hide the latency of exp and division.
  template <class Width, bool joint, int R>
  EXPERTMIX_INLINE static void strip(const SoftmaxInput& in, const SoftmaxOutput& out, const LogRatio* ratio,
                                     Ahead& ahead, std::size_t i) {
    constexpr std::size_t width = Width::size;
    typename Width::type top[R], sum[R] = {}, s;
#pragma GCC unroll 4
    for (std::size_t r = 0; r < R; ++r) score<Width, joint>(in, 0, i + r * width, top[r]);
    for (std::size_t k = 1; k < in.columns; ++k)
#pragma GCC unroll 4
      for (std::size_t r = 0; r < R; ++r) {
        score<Width, joint>(in, k, i + r * width, s);
        top[r] = s > top[r] ? s : top[r];
      }
    for (std::size_t k = 0; k < in.columns; ++k) {
      typename Width::type p[R];
#pragma GCC unroll 4
      for (std::size_t r = 0; r < R; ++r) {
        score<Width, joint>(in, k, i + r * width, p[r]);
        p[r] -= top[r];
      }
      exponential<Width, R>(p);
#pragma GCC unroll 4
      for (std::size_t r = 0; r < R; ++r) {
        ahead.fetch();
        wide<Width>(out.probability + k * out.stride + i + r * width).value = p[r];
        sum[r] += p[r];
      }
    }
#pragma GCC unroll 4
    for (std::size_t r = 0; r < R; ++r) finish<Width>(out, ratio, i + r * width, top[r], sum[r]);
    for (std::size_t k = 0; k < in.columns; ++k)
#pragma GCC unroll 4
      for (std::size_t r = 0; r < R; ++r) wide<Width>(out.probability + k * out.stride + i + r * width).value *= sum[r];
  }

  /// Writes the rows' normaliser, and leaves its inverse in `sum`.
  template <class Width>
  EXPERTMIX_INLINE static void finish(const SoftmaxOutput& out, const LogRatio* ratio, std::size_t i,
                                      const typename Width::type& top, typename Width::type& sum) {
    if (ratio) {
      typename Width::type log_sum = sum * wide<Width>(ratio->inverse + i).value;
      logarithm_inverse<Width>(log_sum, sum);
      wide<Width>(ratio->log_ratio + i).value = (top - wide<Width>(ratio->top + i).value) + log_sum;
    } else {
      sum = 1.0 / sum;
      wide<Width>(out.top + i).value = top;
      wide<Width>(out.inverse + i).value = sum;
    }
  }
};

/// Softmax of every row, by its largest score. Scores may be -infinity, not all of a row's. Given `ratio`, writes that
/// instead of the normaliser.
inline void softmax(const SoftmaxInput& in, const SoftmaxOutput& out, Ahead& ahead, const LogRatio* ratio = nullptr) {
  dispatch<Softmax>(&in, &out, ratio, &ahead);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
