#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "mixture.hpp"
#include "workspace.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// out = sum_k pi_k g_k in every row of a block whose gate is evaluated.
inline void mix(const Workspace& work, Table g, uword experts, std::size_t rows, double* out) {
  std::fill_n(out, rows, 0.0);
  for (uword k = 0; k < experts; ++k)
    for (std::size_t i = 0; i < rows; ++i) out[i] += work.gate.pi[k][i] * g[k][i];
}

/// Quantiles of a mixture in every row of a block whose gate is evaluated: the smallest y with F(y) >= p, by bracketing
/// all rows at once.
class BlockQuantiles {
 public:
  BlockQuantiles(const Mixture& mixture, const Block& block, const Workspace& work, std::size_t rows)
      : mixture_(mixture),
        block_(block),
        work_(work),
        family_(work.family_rows(block)),
        rows_(rows),
        memory_(mixture.experts * column_stride(max_block_rows)) {
    for (std::size_t i = 0; i < rows; ++i) add_support(i);
  }

  void find(double p, double* out) {
    start_brackets(p);
    if (!mixture_.family->discrete()) narrow_to_support(p);
    mixture_.family->discrete() ? search_integers(p) : search_numbers(p);
    for (std::size_t i = 0; i < rows_; ++i) out[i] = row_[i].upper;
  }

 private:
  /// F(lower) < p <= F(upper), and F - p at both ends, halved at the one that stays each time the other moves again.
  struct Bracket {
    double lower = 0.0, upper = 0.0, below = 0.0, above = 0.0;
    int moved = 0;
  };

  void add_support(std::size_t i) {
    std::vector<double> points;
    for (uword k = 0; k < mixture_.experts; ++k) mixture_.family->support(family_, block_, i, k, points);
    const auto ends = std::minmax_element(points.begin(), points.end());
    lowest_[i] = mixture_.family->discrete() ? -1.0 : *ends.first;
    highest_[i] = *ends.second;
    if (mixture_.family->discrete()) return;
    std::sort(points.begin(), points.end());
    support_[i] = std::move(points);
  }

  /// F(y) of every row.
  void distribution(const double* y, double* out) {
    Block at = block_;
    at.response = y;
    const Table of_expert{memory_.data(), column_stride(max_block_rows)};
    mixture_.family->distribution(family_, at, of_expert);
    mix(work_, of_expert, mixture_.experts, rows_, out);
  }

  /// The experts' supports, widened until they hold the quantile.
  void start_brackets(double p) {
    constexpr int most_widened = 60;
    alignas(64) double lower[max_block_rows] = {}, upper[max_block_rows] = {};
    std::copy_n(lowest_, rows_, lower);
    std::copy_n(highest_, rows_, upper);
    bool held = false;
    for (int again = 0; again < most_widened && !held; ++again) {
      alignas(64) double below[max_block_rows], above[max_block_rows];
      distribution(lower, below);
      distribution(upper, above);
      held = true;
      for (std::size_t i = 0; i < rows_; ++i) {
        const double width = upper[i] - lower[i];
        row_[i] = {lower[i], upper[i], below[i] - p, above[i] - p, 0};
        if (above[i] < p) upper[i] += width;
        if (below[i] >= p && !mixture_.family->discrete()) lower[i] -= width;
        held = held && upper[i] - lower[i] == width;
      }
    }
  }

  /// The brackets as far in as the ends of the supports' intervals say, by bisection of these.
  void narrow_to_support(double p) {
    const auto inside = [this](std::size_t i) {
      const auto from = std::upper_bound(support_[i].begin(), support_[i].end(), row_[i].lower);
      const auto to = std::lower_bound(from, support_[i].end(), row_[i].upper);
      return std::make_pair(from, to - from);
    };
    alignas(64) double trial[max_block_rows] = {}, value[max_block_rows];
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t i = 0; i < rows_; ++i) {
        const auto [from, count] = inside(i);
        trial[i] = count > 0 ? from[count / 2] : row_[i].upper;
        moved = moved || count > 0;
      }
      distribution(trial, value);
      for (std::size_t i = 0; i < rows_; ++i) {
        if (trial[i] == row_[i].upper) continue;
        (value[i] >= p ? row_[i].upper : row_[i].lower) = trial[i];
        (value[i] >= p ? row_[i].above : row_[i].below) = value[i] - p;
      }
    }
  }

  void search_integers(double p) {
    search(
        p, [](const Bracket& b, int) { return std::floor(b.lower + 0.5 * (b.upper - b.lower)); },
        [](const Bracket& b) { return b.upper - b.lower <= 1.0; });
  }

  /// The Illinois rule (Dowell and Jarratt 1971, BIT 11, 168-174), every third step a bisection.
  void search_numbers(double p) {
    search(
        p,
        [](const Bracket& b, int step) {
          const double width = b.upper - b.lower, share = step % 3 == 2 ? 0.5 : b.below / (b.below - b.above);
          return b.lower + width * (share > 0.0 && share < 1.0 ? share : 0.5);
        },
        [](const Bracket& b) {
          constexpr double close = 1e-14;
          return b.above == 0.0 || b.upper - b.lower <= close * std::max(std::abs(b.lower), std::abs(b.upper));
        });
  }

  template <class Propose, class Done>
  void search(double p, Propose propose, Done done) {
    constexpr int most_steps = 200;
    alignas(64) double trial[max_block_rows] = {}, value[max_block_rows];
    for (int step = 0; step < most_steps && !std::all_of(row_, row_ + rows_, done); ++step) {
      for (std::size_t i = 0; i < rows_; ++i) trial[i] = done(row_[i]) ? row_[i].upper : propose(row_[i], step);
      distribution(trial, value);
      for (std::size_t i = 0; i < rows_; ++i)
        if (!done(row_[i])) narrow(row_[i], trial[i], unless_rounding(value[i] - p, p));
    }
  }

  /// What F - p is, zero where that is rounding.
  static double unless_rounding(double excess, double p) {
    constexpr double rounding = 4e-16;
    return std::abs(excess) <= rounding * p ? 0.0 : excess;
  }

  static void narrow(Bracket& b, double at, double excess) {
    const int side = excess >= 0.0 ? 1 : -1;
    (side > 0 ? b.upper : b.lower) = at;
    (side > 0 ? b.above : b.below) = excess;
    if (side == b.moved) (side > 0 ? b.below : b.above) *= 0.5;
    b.moved = side;
  }

  const Mixture& mixture_;
  const Block& block_;
  const Workspace& work_;
  Rows family_;
  std::size_t rows_;
  AlignedVector memory_;
  double lowest_[max_block_rows], highest_[max_block_rows];
  std::vector<double> support_[max_block_rows];  ///< in order, of numbers
  Bracket row_[max_block_rows];
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
