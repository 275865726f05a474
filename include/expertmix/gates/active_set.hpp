#pragma once

#include <algorithm>
#include <limits>

#include "../math/columns.hpp"
#include "../model/block.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The gap of keys that are equal, among them those that are zero: 0, or infinity where small steps do not break the
/// tie (a saturated activation, a row without covariates).
struct Ties {
  double zero, other;
};

/// rank += 1 where the other key comes before this one; ties go to the smaller index.
EXPERTMIX_KERNEL void count_before(const double* key, const double* other, bool other_first, double* __restrict rank,
                                   std::size_t n) {
  if (other_first)
    for (std::size_t i = 0; i < n; ++i) rank[i] += other[i] >= key[i] ? 1.0 : 0.0;
  else
    for (std::size_t i = 0; i < n; ++i) rank[i] += other[i] > key[i] ? 1.0 : 0.0;
}

/// Overwrites the rank by the logit where it is below `active`, elsewhere by -infinity; notes the smallest active and
/// the largest other key.
EXPERTMIX_KERNEL void mask(const double* key, const double* logit, double active, double* __restrict rank,
                           double* __restrict low, double* __restrict high, std::size_t n) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < n; ++i) {
    const bool in = rank[i] < active;
    const double lower = in && key[i] < low[i] ? key[i] : low[i], higher = !in && key[i] > high[i] ? key[i] : high[i];
    low[i] = lower;
    high[i] = higher;
    rank[i] = in ? logit[i] : -infinity;
  }
}

/// low <- (low - high) / max(|low|, |high|), and what ties say where they are equal
EXPERTMIX_KERNEL void relative_gap(Ties ties, double* __restrict low, const double* high, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double a = low[i] < 0.0 ? -low[i] : low[i], b = high[i] < 0.0 ? -high[i] : high[i];
    const double size = (a > b ? a : b) + std::numeric_limits<double>::min(), gap = (low[i] - high[i]) / size;
    const double equal = low[i] == 0.0 ? ties.zero : ties.other;
    low[i] = low[i] == high[i] ? equal : gap;
  }
}

/// Logits of the `active` experts with the largest keys in every row, -infinity for the others (2309.13850); ties go to
/// the smaller index. K columns of keys, logits and results; `gap` receives (last active - next key) / larger of both,
/// or what `ties` say where they are equal.
inline void select_active(const double* const* key, const double* const* logit, uword experts, uword active,
                          std::size_t rows, Ties ties, Table masked, double* gap, double* scratch) {
  std::fill_n(gap, rows, std::numeric_limits<double>::infinity());
  std::fill_n(scratch, rows, -std::numeric_limits<double>::infinity());
  for (uword k = 0; k < experts; ++k) {
    std::fill_n(masked[k], rows, 0.0);
    for (uword j = 0; j < experts; ++j)
      if (j != k) count_before(key[k], key[j], j < k, masked[k], rows);
    mask(key[k], logit[k], static_cast<double>(active), masked[k], gap, scratch, rows);
  }
  relative_gap(ties, gap, scratch, rows);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
