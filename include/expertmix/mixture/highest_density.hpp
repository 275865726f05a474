#pragma once

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "mixture.hpp"
#include "workspace.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A part of a row's highest-density set, and the mixture's probability of it. Of integers both ends belong to it.
struct DensityInterval {
  uword row;           ///< from 0
  double lower;        ///< end
  double upper;        ///< end
  double probability;  ///< between them
};

namespace detail {

/// Density and distribution function of the mixture in one row of a block whose gate is evaluated, at many responses at
/// once: the row's predictors are repeated for each.
class RowPredictive {
 public:
  RowPredictive(const Mixture& mixture, const Block& block, const Workspace& work, std::size_t row)
      : mixture_(mixture),
        block_(block),
        memory_((predictors(work) + scratch() + 2 * mixture.experts + 2 + others()) * column_stride(max_block_rows)) {
    const Table all{memory_.data(), column_stride(max_block_rows)};
    predictor_ = all;
    scratch_ = all.from(predictors(work));
    each_ = scratch_.from(scratch());
    y_ = each_[mixture.experts];
    offset_ = each_[mixture.experts + 1];
    others_ = each_.from(mixture.experts + 2);
    const Rows family = work.family_rows(block);
    for (std::size_t a = 0; a < predictors(work); ++a) fill(predictor_[a], constant(work, a) ? 0 : row, family, a);
    std::fill_n(offset_, max_block_rows, block.offset ? block.offset[row] : 0.0);
    for (uword c = 0; c < others(); ++c) std::fill_n(others_[c], max_block_rows, block.response_column(c + 1)[row]);
    for (uword k = 0; k < mixture.experts; ++k) {
      pi_.push_back(work.gate.pi[k][row]);
      mixture.family->support(family, block, row, k, points_);
    }
    std::sort(points_.begin(), points_.end());
  }

  /// The points, or ends of intervals, that hold all but a negligible part of the probability, in increasing order.
  const std::vector<double>& support() const { return points_; }

  std::vector<double> density(const std::vector<double>& y) {
    return mixed(y, [&](const Rows& rows, const Block& at) {
      mixture_.family->log_density(rows, at, scratch_, each_);
      for (uword k = 0; k < mixture_.experts; ++k)
        std::transform(each_[k], each_[k] + rows.count, each_[k], [](double value) { return std::exp(value); });
    });
  }

  std::vector<double> distribution(const std::vector<double>& y) {
    return mixed(y, [&](const Rows& rows, const Block& at) { mixture_.family->distribution(rows, at, each_); });
  }

  double density(double y) { return density(std::vector<double>{y})[0]; }

 private:
  static std::size_t predictors(const Workspace& work) {
    return work.layout.predictors.size() - work.layout.gate_predictors;
  }
  std::size_t scratch() const { return mixture_.family->scratch(mixture_.experts); }
  /// Columns of the response after the first, which stay as they are in the row.
  uword others() const { return block_.others ? mixture_.family->responses() - 1 : 0; }

  static bool constant(const Workspace& work, std::size_t a) {
    return work.layout.predictors[work.layout.gate_predictors + a].design == Design::constant;
  }
  static void fill(double* out, std::size_t row, const Rows& family, std::size_t a) {
    std::fill_n(out, max_block_rows, family.predictor[a][row]);
  }

  /// sum_k pi_k g_k(y), where `compute` writes the experts' g_k.
  template <class Compute>
  std::vector<double> mixed(const std::vector<double>& y, Compute compute) {
    std::vector<double> out(y.size(), 0.0);
    for (std::size_t first = 0; first < y.size(); first += max_block_rows) {
      const std::size_t count = std::min<std::size_t>(max_block_rows, y.size() - first);
      std::fill(std::copy_n(y.data() + first, count, y_), y_ + (count + 7) / 8 * 8, y[first]);
      Block at = block_;
      at.rows = (count + 7) / 8 * 8;
      at.response = y_;
      if (block_.offset) at.offset = offset_;
      if (block_.others) at.others = others_.data, at.stride = others_.stride;
      compute({at.rows, mixture_.experts, predictor_}, at);
      for (uword k = 0; k < mixture_.experts; ++k)
        for (std::size_t i = 0; i < count; ++i) out[first + i] += pi_[k] * each_[k][i];
    }
    return out;
  }

  const Mixture& mixture_;
  const Block& block_;
  AlignedVector memory_;
  Table predictor_, scratch_, each_, others_;
  double *y_, *offset_;
  std::vector<double> pi_, points_;
};

/// The smallest set {y : f(y) >= c} with at least the probability `level`, as intervals in increasing order.
class HighestDensity {
 public:
  HighestDensity(RowPredictive& row, bool discrete, double level) : row_(row), level_(level) {
    discrete ? find_points() : find_intervals();
  }

  struct Part {
    double lower, upper, probability;
  };
  const std::vector<Part>& parts() const { return parts_; }

 private:
  /// The likeliest points of the support, one after the other.
  void find_points() {
    std::vector<double> y = row_.support();
    y.erase(std::unique(y.begin(), y.end()), y.end());
    const std::vector<double> f = row_.density(y);
    std::vector<std::size_t> order(y.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return f[a] > f[b]; });
    std::vector<char> taken(y.size(), 0);
    double sum = 0.0;
    for (std::size_t i = 0; i < order.size() && sum < level_; ++i) {
      taken[order[i]] = 1;
      sum += f[order[i]];
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (!taken[i]) continue;
      if (i == 0 || !taken[i - 1] || y[i] > y[i - 1] + 1.0) parts_.push_back({y[i], y[i], 0.0});
      parts_.back().upper = y[i];
      parts_.back().probability += f[i];
    }
  }

  /// Points so close that f has no two extremes between neighbours: each step of the support in equal shares.
  void lay_grid() {
    constexpr std::size_t shares = 16;
    const std::vector<double>& support = row_.support();
    for (std::size_t i = 0; i + 1 < support.size(); ++i)
      for (std::size_t s = 0; s < shares && support[i + 1] > support[i]; ++s)
        grid_.push_back(support[i] + (support[i + 1] - support[i]) * static_cast<double>(s) / shares);
    grid_.push_back(support.back());
    f_ = row_.density(grid_);
  }

  /// The root in log c of the set's probability less the level; that falls as c grows.
  void find_intervals() {
    lay_grid();
    const double highest = std::log(*std::max_element(f_.begin(), f_.end()));
    constexpr double deepest = 700.0;
    const auto excess = [&](double depth) {
      find_parts(std::exp(highest - depth));
      return probability() - level_;
    };
    const double most = excess(deepest);
    if (most <= 0.0) return;
    std::uintmax_t most_steps = 100;
    const auto ends = boost::math::tools::toms748_solve(excess, 0.0, deepest, -level_, most,
                                                        boost::math::tools::eps_tolerance<double>(40), most_steps);
    find_parts(std::exp(highest - ends.second));
  }

  double probability() const {
    return std::accumulate(parts_.begin(), parts_.end(), 0.0,
                           [](double sum, const Part& part) { return sum + part.probability; });
  }

  /// {f >= c} between its crossings of c.
  void find_parts(double c) {
    std::vector<double> ends;
    if (f_.front() >= c) ends.push_back(grid_.front());
    for (std::size_t i = 0; i + 1 < grid_.size(); ++i)
      if ((f_[i] >= c) != (f_[i + 1] >= c)) ends.push_back(crossing(i, c));
    if (f_.back() >= c) ends.push_back(grid_.back());
    parts_.clear();
    const std::vector<double> probability = row_.distribution(ends);
    for (std::size_t i = 0; i + 1 < ends.size(); i += 2)
      parts_.push_back({ends[i], ends[i + 1], probability[i + 1] - probability[i]});
  }

  double crossing(std::size_t i, double c) {
    std::uintmax_t most_steps = 60;
    if (f_[i] == c) return grid_[i];
    if (f_[i + 1] == c) return grid_[i + 1];
    const auto ends = boost::math::tools::toms748_solve([&](double y) { return row_.density(y) - c; }, grid_[i],
                                                        grid_[i + 1], f_[i] - c, f_[i + 1] - c,
                                                        boost::math::tools::eps_tolerance<double>(45), most_steps);
    return 0.5 * (ends.first + ends.second);
  }

  RowPredictive& row_;
  double level_;
  std::vector<double> grid_, f_;
  std::vector<Part> parts_;
};

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
