#pragma once

#include <boost/math/tools/minima.hpp>

#include <cmath>
#include <cstdint>
#include <utility>

#include "../base/parallel.hpp"
#include "../math/convex.hpp"
#include "loss_costs.hpp"
#include "voronoi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// One estimate, one truth, one loss. For given cells and weights s exp(beta_0i), the loss is convex in t2 and, after
/// minimising over t2, in s = exp(t1).
class VoronoiSearch {
 public:
  VoronoiSearch(const Atoms& estimate, const Atoms& truth, const Gauge& gauge, const Loss& loss, StopWatch& watch)
      : estimate_(estimate),
        truth_(truth),
        gauge_(gauge),
        some_(loss.active > 0 && loss.active < truth.count()),
        map_(estimate, truth),
        costs_(estimate, truth, loss),
        watch_(watch) {}

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
  StopWatch& watch_;
};

/// The loss grows with the distances of t2 from the atoms' anchors beta_1j* - beta_1i alone, so that it is minimal in
/// their affine hull: a search in as many dimensions as there are atoms, less one, however many covariates there are.
inline vec VoronoiSearch::best_shift(const Cells& cell, double scale, const Region& region) const {
  const uword d = estimate_.gate.n_rows;
  if (!gauge_.slopes || d == 0) return vec(d, arma::fill::zeros);
  const auto loss = [&](const vec& shift, vec& slope) {
    watch_.check();
    return costs_.total(costs_.at(cell, shift), scale, &slope);
  };
  const mat anchors = truth_.gate.cols(uvec(cell)) - estimate_.gate;
  vec slope(d);
  Minimum best{anchors.col(0), loss(anchors.col(0), slope)};
  for (uword i = 1; i < anchors.n_cols; ++i) {
    const double value = loss(anchors.col(i), slope);
    if (value < best.value) best = {anchors.col(i), value};
  }
  const vec centre = arma::mean(anchors, 1);
  const mat away = anchors.each_col() - centre;
  mat basis;
  if (arma::orth(basis, away) && !basis.empty()) {
    const auto in_hull = [&](const vec& u, vec& gradient) {
      const double value = loss(centre + basis * u, slope);
      gradient = basis.t() * slope;
      return value;
    };
    const double radius = arma::sqrt(arma::sum(arma::square(away), 0)).max();
    const Minimum known{basis.t() * (best.point - centre), best.value};
    const Minimum found = minimise_convex(in_hull, known, vec(basis.n_cols, arma::fill::zeros), radius);
    if (found.value < best.value) best = {centre + basis * found.point, found.value};
  }
  return arma::clamp(best.point, region.from, region.to);
}

inline VoronoiSearch::Place VoronoiSearch::at_scale(const Cells& cell, double scale, const Region& region) const {
  const vec shift = best_shift(cell, scale, region);
  return {costs_.total(costs_.at(cell, shift), scale), scale, shift};
}

/// At given t2 the loss is piecewise linear in s: over all cells it is minimal at 0 or where an absolute value
/// vanishes.
inline VoronoiSearch::Place VoronoiSearch::at_shift(const Cells& cell, const vec& shift) const {
  const CellCosts at = costs_.at(cell, shift);
  if (!gauge_.intercepts) return {costs_.total(at, costs_.scale()), costs_.scale(), shift};
  Place best{costs_.total(at, 0.0), 0.0, shift};
  for (double scale : vec(costs_.wanted() / at.mass))
    if (std::isfinite(scale) && costs_.total(at, scale) < best.value) best = {costs_.total(at, scale), scale, shift};
  return best;
}

/// Over all cells the best t2 is the same for every s. Over the largest cells it is not.
inline VoronoiSearch::Place VoronoiSearch::solve(const Cells& cell, const Region& region) const {
  Place best = at_shift(cell, best_shift(cell, gauge_.intercepts ? 1.0 : costs_.scale(), region));
  if (!gauge_.intercepts || !some_) return best;
  vec scales = costs_.wanted() / costs_.at(cell, region.centre).mass;
  scales = scales.elem(arma::find(scales > 0.0 && scales < arma::datum::inf)).eval();
  if (scales.empty()) return best;
  const auto keep = [&](double scale) {
    const Place place = at_scale(cell, scale, region);
    if (place.value < best.value) best = place;
    return place.value;
  };
  scales.for_each([&](double& scale) { keep(scale); });
  std::uintmax_t most = 200;
  boost::math::tools::brent_find_minima([&](double log_scale) { return keep(std::exp(log_scale)); },
                                        std::log(scales.min()) - 20.0, std::log(scales.max()), 40, most);
  return best;
}

inline Voronoi VoronoiSearch::best() const {
  Place best;
  Cells of_best;
  const bool fixed = !gauge_.slopes || map_.anchors().n_rows == 0;
  const Region still{vec(map_.anchors().n_rows, arma::fill::zeros)};
  const auto keep = [&](const Place& place, const Cells& cell) {
    if (of_best.empty() || place.value < best.value) {
      best = place;
      of_best = cell;
    }
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
  const double unit = truth_.log_weight.max();
  const bool finite = best.value > 0.0 && std::isfinite(best.value);
  Voronoi out{finite ? best.value * std::exp(unit) : best.value, best.scale == 0.0, of_best, estimate_};
  const double whole = arma::accu(costs_.wanted()) / costs_.total_weight();
  out.estimate.log_weight += std::log(out.saturated ? whole : best.scale) - estimate_.log_weight.max() + unit;
  out.estimate.gate.each_col() += best.shift;
  return out;
}

}  // namespace detail

EXPERTMIX_DEFINITION Voronoi voronoi(const Atoms& estimate, const Atoms& truth, const Gauge& gauge, const Loss& loss,
                                     const Context& context) try {
  estimate.check("voronoi", "estimate");
  truth.check("voronoi", "truth");
  require(static_cast<bool>(loss.terms), "voronoi", "loss", "has no terms");
  const auto same = [](const mat& a, const mat& b) { return a.n_rows == b.n_rows; };
  require(same(estimate.gate, truth.gate) && same(estimate.slope, truth.slope) &&
              same(estimate.intercept, truth.intercept) && same(estimate.variance, truth.variance),
          "voronoi", "estimate", "has other dimensions than the truth");
  require(estimate.count() > 0 && truth.count() > 0, "voronoi", "estimate", "or the truth has no atoms");
  StopWatch watch(context);
  Voronoi best = detail::VoronoiSearch(estimate, truth, gauge, loss, watch).best();
  if (!gauge.reflection) return best;
  const Atoms other = reflected(estimate);
  const Voronoi turned = detail::VoronoiSearch(other, truth, gauge, loss, watch).best();
  return turned.value < best.value ? turned : best;
} catch (...) {
  detail::leave("voronoi");
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
