#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "../base/parallel.hpp"
#include "../math/convex.hpp"
#include "loss_costs.hpp"
#include "voronoi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A translation, its cells and the loss there.
struct Place {
  double value = arma::datum::inf, scale = 0.0;
  vec shift;
  Cells cell;
};

/// One estimate, one truth, one loss. For given cells the loss at the best s = exp(t1) is a function of t2 whose level
/// sets are convex: that of a loss that is convex in (t2, s) or, where s multiplies the estimate, in (s t2, s).
class VoronoiSearch {
 public:
  VoronoiSearch(const Atoms& estimate, const Atoms& truth, const Gauge& gauge, const Loss& loss, StopWatch& watch)
      : estimate_(estimate),
        truth_(truth),
        shifts_(gauge.slopes && loss.translate != Translate::none),
        map_(estimate, truth),
        costs_(estimate, truth, loss, gauge.intercepts && loss.translate != Translate::none),
        watch_(watch) {}

  /// Places with the smallest loss, one for each of the cells.
  std::vector<Place> best();
  double least() const { return least_; }  ///< in units of exp(costs().unit())
  const LossCosts& costs() const { return costs_; }

 private:
  mat gate_at(const Cells& cell, const vec& shift) const {
    return estimate_.gate.each_col() + shift - truth_.gate.cols(uvec(cell));
  }
  Place place(const Cells& cell, const vec& shift) const;
  double floor(const Cells& cell) const;
  double excess(Place& own, const vec& shift, vec& slope) const;
  Place solve(const Place& from) const;
  std::vector<Place> starts() const;
  void visit(const Place& from, std::vector<Place>& queue);

  const Atoms &estimate_, &truth_;
  bool shifts_;
  CellMap map_;
  LossCosts costs_;
  StopWatch& watch_;
  std::map<Cells, Place> found_;
  double least_ = arma::datum::inf;
};

inline bool as_small(double value, double least) { return value <= least * (1.0 + 1e-9); }

inline Place VoronoiSearch::place(const Cells& cell, const vec& shift) const {
  const BestScale at = costs_.best_scale(costs_.at(cell, gate_at(cell, shift)));
  return {at.value, at.scale, shift, cell};
}

/// No loss of these cells is smaller: that without the gate slopes.
inline double VoronoiSearch::floor(const Cells& cell) const {
  return costs_.best_scale(costs_.at(cell, mat(estimate_.gate.n_rows, cell.size(), arma::fill::zeros))).value;
}

/// By how much the loss at t2 exceeds what would be news, with a slope: see `cut_ellipsoid`. Where s multiplies the
/// estimate, F(t2 + u) >= F(t2) + s (ahead + slope'u) for some s between 0 and the largest that can be best.
inline double VoronoiSearch::excess(Place& own, const vec& shift, vec& slope) const {
  watch_.check();
  const double broken = map_.outside(own.cell, shift, slope);
  if (broken > 0.0) return broken;
  const CellCosts costs = costs_.at(own.cell, gate_at(own.cell, shift));
  const BestScale at = costs_.best_scale(costs);
  if (at.value < own.value) own = {at.value, at.scale, shift, own.cell};
  const double most = costs_.scales_estimate() ? costs_.most_scale(costs.mass) : 1.0;
  slope = most * costs.slope * at.share;
  const double ahead = costs_.scales_estimate() ? most * at.ahead : 0.0;
  return at.value + ahead - std::min(own.value * (1.0 - 1e-12), least_ * (1.0 + 1e-9));
}

/// The best place with the cells of `from`: some atom of the estimate is no farther from where it should be there.
inline Place VoronoiSearch::solve(const Place& from) const {
  Place own = from;
  const mat away = gate_at(from.cell, from.shift);
  const double radius = 2.0 * std::sqrt(arma::sum(arma::square(away), 0).max());
  if (radius > 0.0)
    cut_ellipsoid([&](const vec& t2, vec& slope) { return excess(own, t2, slope); }, from.shift, radius);
  return own;
}

inline std::vector<Place> VoronoiSearch::starts() const {
  std::vector<Place> out;
  const vec still(estimate_.gate.n_rows, arma::fill::zeros);
  if (!shifts_)
    for (const Cells& cell : map_.at(still)) out.push_back(place(cell, still));
  else
    for (const auto& [cell, shift] : map_.regions()) out.push_back(place(cell, shift));
  std::stable_sort(out.begin(), out.end(), [](const Place& a, const Place& b) { return a.value < b.value; });
  return out;
}

/// Minima may be kinks, which cuts come near to but do not meet: the anchors are tried themselves.
inline void VoronoiSearch::visit(const Place& from, std::vector<Place>& queue) {
  if (found_.count(from.cell) > 0 || !as_small(floor(from.cell), least_)) return;
  Place own = shifts_ ? solve(from) : from;
  for (uword i = 0; shifts_ && i < from.cell.size(); ++i) {
    const vec anchor = truth_.gate.col(from.cell[i]) - estimate_.gate.col(i);
    vec slope(anchor.n_elem);
    const Place there = place(from.cell, anchor);
    if (there.value < own.value && map_.outside(from.cell, anchor, slope) == 0.0) own = there;
  }
  const bool news = own.value < least_;
  least_ = std::min(least_, own.value);
  if (news && shifts_ && !map_.complete())
    for (const Cells& cell : map_.at(own.shift, 1e-9)) queue.push_back(place(cell, own.shift));
  found_.emplace(own.cell, std::move(own));
}

inline std::vector<Place> VoronoiSearch::best() {
  std::vector<Place> queue = starts();
  for (std::size_t next = 0; next < queue.size(); ++next) {
    watch_.check();
    visit(Place(queue[next]), queue);
  }
  std::vector<Place> out;
  for (const auto& [cell, place] : found_)
    if (as_small(place.value, least_)) out.push_back(place);
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
