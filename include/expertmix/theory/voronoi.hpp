#pragma once

#include <boost/math/tools/minima.hpp>

#include <cmath>
#include <utility>

#include "../math/convex.hpp"
#include "cells.hpp"
#include "loss.hpp"

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
        loss_(loss),
        map_(estimate, truth),
        unit_(estimate.log_weight.max()),
        weight_(arma::exp(estimate.log_weight - unit_)),
        wanted_(arma::exp(truth.log_weight)) {
    for (uword atoms = 0; atoms <= estimate.count(); ++atoms) terms_.push_back(loss.of_cell(atoms));
  }

  Voronoi best() const;

 private:
  struct Place {
    double value = arma::datum::inf, scale = 0.0;
    vec shift;
  };

  /// For all cells j: sum_{i in A_j} exp(beta_0i) sum_terms ||.||^power, its subgradient in t2, sum_{i in A_j}
  /// exp(beta_0i).
  struct Costs {
    vec value, mass;
    mat slope;
  };
  Costs costs(const Cells& cell, const vec& shift) const;
  double total(const Costs& at, double scale, vec* slope = nullptr) const;
  vec best_shift(const Cells& cell, double scale, const Region& region) const;
  Place at_scale(const Cells& cell, double scale, const Region& region) const;
  Place at_shift(const Cells& cell, const vec& shift) const;
  Place solve(const Cells& cell, const Region& region) const;

  const Atoms &estimate_, &truth_;
  const Gauge& gauge_;
  const Loss& loss_;
  CellMap map_;
  std::vector<std::vector<LossTerm>> terms_;  ///< of cells of so many atoms
  double unit_;                               ///< of the estimate's weights
  vec weight_, wanted_;
};

inline VoronoiSearch::Costs VoronoiSearch::costs(const Cells& cell, const vec& shift) const {
  const uword cells = truth_.count();
  Costs out{vec(cells, arma::fill::zeros), vec(cells, arma::fill::zeros), mat(shift.n_elem, cells, arma::fill::zeros)};
  for (uword i = 0; i < cell.size(); ++i) {
    const uword j = cell[i];
    const vec gate = estimate_.gate.col(i) + shift - truth_.gate.col(j);
    const auto square = [&](const mat& a, const mat& b) { return arma::accu(arma::square(a.col(i) - b.col(j))); };
    for (const LossTerm& term : terms_[std::count(cell.begin(), cell.end(), j)]) {
      double norm = 0.0;
      if (term.has('g')) norm += arma::accu(arma::square(gate));
      if (term.has('t')) norm += std::pow(estimate_.temperature - truth_.temperature, 2);
      if (term.has('a')) norm += square(estimate_.slope, truth_.slope);
      if (term.has('b')) norm += square(estimate_.intercept, truth_.intercept);
      if (term.has('v')) norm += square(estimate_.variance, truth_.variance);
      norm = std::sqrt(norm);
      out.value(j) += weight_(i) * std::pow(norm, term.power);
      if (term.has('g') && norm > 0.0)
        out.slope.col(j) += weight_(i) * term.power * std::pow(norm, term.power - 2.0) * gate;
    }
    out.mass(j) += weight_(i);
  }
  return out;
}

/// The sum over the cells, or over the `active` largest, of s cost_j + |s mass_j - exp(beta_0j*)|.
inline double VoronoiSearch::total(const Costs& at, double scale, vec* slope) const {
  const vec own = scale * at.value + arma::abs(scale * at.mass - wanted_);
  uvec order = arma::sort_index(own, "descend");
  if (loss_.active > 0 && loss_.active < order.n_elem) order = order.head(loss_.active).eval();
  if (slope) *slope = scale * arma::sum(at.slope.cols(order), 1);
  return arma::accu(own.elem(order));
}

inline vec VoronoiSearch::best_shift(const Cells& cell, double scale, const Region& region) const {
  const mat& anchors = map_.anchors();
  if (!gauge_.slopes || anchors.n_rows == 0) return vec(anchors.n_rows, arma::fill::zeros);
  const vec centre = arma::mean(anchors, 1);
  const double radius = arma::sqrt(arma::sum(arma::square(anchors.each_col() - centre), 0)).max();
  const auto loss = [&](const vec& shift, vec& slope) { return total(costs(cell, shift), scale, &slope); };
  return arma::clamp(minimise_convex(loss, centre, radius, anchors).point, region.from, region.to);
}

inline VoronoiSearch::Place VoronoiSearch::at_scale(const Cells& cell, double scale, const Region& region) const {
  const vec shift = best_shift(cell, scale, region);
  return {total(costs(cell, shift), scale), scale, shift};
}

/// At given t2 the loss is piecewise linear in s: over all cells it is minimal at 0 or where an absolute value
/// vanishes.
inline VoronoiSearch::Place VoronoiSearch::at_shift(const Cells& cell, const vec& shift) const {
  const Costs at = costs(cell, shift);
  if (!gauge_.intercepts) return {total(at, std::exp(unit_)), std::exp(unit_), shift};
  Place best{total(at, 0.0), 0.0, shift};
  for (double scale : vec(wanted_ / at.mass))
    if (std::isfinite(scale) && total(at, scale) < best.value) best = {total(at, scale), scale, shift};
  return best;
}

/// Over all cells the best t2 is the same for every s. Over the largest cells it is not.
inline VoronoiSearch::Place VoronoiSearch::solve(const Cells& cell, const Region& region) const {
  Place best = at_shift(cell, best_shift(cell, gauge_.intercepts ? 1.0 : std::exp(unit_), region));
  if (!gauge_.intercepts || loss_.active == 0 || loss_.active >= wanted_.n_elem) return best;
  vec scales = wanted_ / costs(cell, region.centre).mass;
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
  const double scale = out.saturated ? arma::accu(wanted_) / arma::accu(weight_) : best.scale;
  out.estimate.log_weight += std::log(scale) - unit_;
  out.estimate.gate.each_col() += best.shift;
  return out;
}

}  // namespace detail

/// The loss of an estimate. Over all cells, and in one dimension over all t2, the infimum is exact; in more dimensions
/// cells are tried as at t2 = beta_1j* - beta_1i and then as they become. Throws `invalid_argument`.
inline Voronoi voronoi(const Atoms& estimate, const Atoms& truth, const Gauge& gauge, const Loss& loss) {
  const auto same = [](const mat& a, const mat& b) { return a.n_rows == b.n_rows; };
  require(same(estimate.gate, truth.gate) && same(estimate.slope, truth.slope) &&
              same(estimate.intercept, truth.intercept) && same(estimate.variance, truth.variance),
          "voronoi", "estimate", "has other dimensions than the truth");
  Voronoi best = detail::VoronoiSearch(estimate, truth, gauge, loss).best();
  if (!gauge.reflection) return best;
  const Atoms other = reflected(estimate);
  const Voronoi turned = detail::VoronoiSearch(other, truth, gauge, loss).best();
  return turned.value < best.value ? turned : best;
}

}  // namespace expertmix
