#pragma once

#include <boost/math/tools/minima.hpp>

#include <cmath>
#include <utility>

#include "../math/convex.hpp"
#include "loss_costs.hpp"

namespace expertmix {

/// The infimum of a Voronoi loss over translations (t1, t2) of the estimate's gate, which take it to the truth's gauge.
struct Voronoi {
  double value = arma::datum::inf;
  bool saturated = false;  ///< approached as t1 -> -infinity: the value is sum_j exp(beta_0j*)
  Cells cell;
  Atoms estimate;  ///< translated and, where that is closer, reflected; where saturated to the truth's total weight
};

namespace detail {

/// One estimate, one truth, one loss. For given cells and weights s exp(beta_0i), the loss is convex in t2 and, after
/// minimising over t2, in s = exp(t1).
class VoronoiSearch {
 public:
  VoronoiSearch(const Atoms& estimate, const Atoms& truth, const Gauge& gauge, const Loss& loss)
      : estimate_(estimate),
        truth_(truth),
        gauge_(gauge),
        some_(loss.active > 0 && loss.active < truth.count()),
        map_(estimate, truth),
        costs_(estimate, truth, loss) {}

  Voronoi best() const;

 private:
  struct Place {
    double value = arma::datum::inf, scale = 0.0;
    vec shift;
  };

  vec best_shift(const Cells& cell, double scale, const Region& region) const;
  Place at_scale(const Cells& cell, double scale, const Region& region) const;
  Place at_shift(const Cells& cell, const vec& shift) const;
  Place solve(const Cells& cell, const Region& region) const;

  const Atoms &estimate_, &truth_;
  const Gauge& gauge_;
  bool some_;  ///< the sum is over the largest cells only
  CellMap map_;
  LossCosts costs_;
};

inline vec VoronoiSearch::best_shift(const Cells& cell, double scale, const Region& region) const {
  const mat& anchors = map_.anchors();
  if (!gauge_.slopes || anchors.n_rows == 0) return vec(anchors.n_rows, arma::fill::zeros);
  const vec centre = arma::mean(anchors, 1);
  const double radius = arma::sqrt(arma::sum(arma::square(anchors.each_col() - centre), 0)).max();
  const auto loss = [&](const vec& shift, vec& slope) { return costs_.total(costs_.at(cell, shift), scale, &slope); };
  return arma::clamp(minimise_convex(loss, centre, radius, anchors).point, region.from, region.to);
}

inline VoronoiSearch::Place VoronoiSearch::at_scale(const Cells& cell, double scale, const Region& region) const {
  const vec shift = best_shift(cell, scale, region);
  return {costs_.total(costs_.at(cell, shift), scale), scale, shift};
}

/// At given t2 the loss is piecewise linear in s: over all cells it is minimal at 0 or where an absolute value
/// vanishes.
inline VoronoiSearch::Place VoronoiSearch::at_shift(const Cells& cell, const vec& shift) const {
  const CellCosts at = costs_.at(cell, shift);
  if (!gauge_.intercepts) return {costs_.total(at, std::exp(costs_.unit())), std::exp(costs_.unit()), shift};
  Place best{costs_.total(at, 0.0), 0.0, shift};
  for (double scale : vec(costs_.wanted() / at.mass))
    if (std::isfinite(scale) && costs_.total(at, scale) < best.value) best = {costs_.total(at, scale), scale, shift};
  return best;
}

/// Over all cells the best t2 is the same for every s. Over the largest cells it is not.
inline VoronoiSearch::Place VoronoiSearch::solve(const Cells& cell, const Region& region) const {
  Place best = at_shift(cell, best_shift(cell, gauge_.intercepts ? 1.0 : std::exp(costs_.unit()), region));
  if (!gauge_.intercepts || !some_) return best;
  vec scales = costs_.wanted() / costs_.at(cell, region.centre).mass;
  scales = scales.elem(arma::find_finite(scales)).eval();
  const auto keep = [&](double scale) {
    const Place place = at_scale(cell, scale, region);
    if (place.value < best.value) best = place;
    return place.value;
  };
  scales.for_each([&](double& scale) { keep(scale); });
  boost::math::tools::brent_find_minima([&](double log_scale) { return keep(std::exp(log_scale)); },
                                        std::log(scales.min()) - 20.0, std::log(scales.max()), 40);
  return best;
}

inline Voronoi VoronoiSearch::best() const {
  Place best;
  Cells of_best;
  const bool fixed = !gauge_.slopes || map_.anchors().n_rows == 0;
  const Region still{vec(map_.anchors().n_rows, arma::fill::zeros)};
  const auto keep = [&](const Place& place, const Cells& cell) {
    if (place.value < best.value) best = place, of_best = cell;
  };
  for (const Region& region : fixed ? std::vector<Region>{still} : map_.regions()) {
    Cells cell = map_.at(region.centre);
    const bool closed = fixed || std::isfinite(region.from) || std::isfinite(region.to);
    for (uword round = 0; round < 20; ++round) {
      const Place place = solve(cell, region);
      const Cells own = closed ? cell : map_.at(place.shift);
      keep(own == cell ? place : at_shift(own, place.shift), own);
      if (own == cell) break;
      cell = own;
    }
  }
  Voronoi out{best.value, best.scale == 0.0, of_best, estimate_};
  const double whole = arma::accu(costs_.wanted()) / arma::accu(costs_.weight());
  out.estimate.log_weight += std::log(out.saturated ? whole : best.scale) - costs_.unit();
  out.estimate.gate.each_col() += best.shift;
  return out;
}

}  // namespace detail

/// The loss of an estimate. Over all cells, and in one dimension over all t2, the infimum is exact; in more dimensions
/// cells are tried as at t2 = beta_1j* - beta_1i and then as they become. Throws `invalid_argument`.
inline Voronoi voronoi(const Atoms& estimate, const Atoms& truth, const Gauge& gauge, const Loss& loss) try {
  estimate.check("voronoi", "estimate");
  truth.check("voronoi", "truth");
  require(static_cast<bool>(loss.terms), "voronoi", "loss", "has no terms");
  const auto same = [](const mat& a, const mat& b) { return a.n_rows == b.n_rows; };
  require(same(estimate.gate, truth.gate) && same(estimate.slope, truth.slope) &&
              same(estimate.intercept, truth.intercept) && same(estimate.variance, truth.variance),
          "voronoi", "estimate", "has other dimensions than the truth");
  Voronoi best = detail::VoronoiSearch(estimate, truth, gauge, loss).best();
  if (!gauge.reflection) return best;
  const Atoms other = reflected(estimate);
  const Voronoi turned = detail::VoronoiSearch(other, truth, gauge, loss).best();
  return turned.value < best.value ? turned : best;
} catch (...) {
  detail::leave("voronoi");
}

}  // namespace expertmix
