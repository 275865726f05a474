#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "voronoi.hpp"
#include "voronoi_search.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Gate slopes in coordinates of the translations that matter: a loss grows with the distances of t2 from the anchors
/// beta_1j* - beta_1i, and cells depend on t2 by differences of these, so that it is minimal in their affine hull. That
/// has at most as many dimensions as there are atoms, less two, however many covariates there are.
class Hull {
 public:
  Hull(const mat& estimate, const mat& truth, bool shifts) : offset_(estimate.n_rows, arma::fill::zeros) {
    basis_ = span_of(arma::join_rows(estimate.each_col() - estimate.col(0), truth.each_col() - truth.col(0)));
    if (!shifts || basis_.empty()) basis_ = arma::eye(estimate.n_rows, estimate.n_rows);
    if (basis_.n_cols == basis_.n_rows) return;
    const vec anchor = truth.col(0) - estimate.col(0), along = basis_ * (basis_.t() * anchor);
    offset_ = anchor - along;
  }

  Atoms inside(Atoms atoms) const {
    atoms.gate = basis_.t() * atoms.gate;
    return atoms;
  }
  vec outside(const vec& shift) const { return offset_ + basis_ * shift; }

 private:
  vec offset_;
  mat basis_;
};

inline double distance_of(const Place& place, const Atoms& estimate, const Atoms& truth) {
  const uvec cell(place.cell);
  const mat gate = estimate.gate.each_col() + place.shift - truth.gate.cols(cell);
  const mat rest =
      arma::join_cols(estimate.slope - truth.slope.cols(cell), estimate.intercept - truth.intercept.cols(cell),
                      estimate.variance - truth.variance.cols(cell));
  return arma::accu(arma::sqrt(arma::sum(arma::square(arma::join_cols(gate, rest)), 0)));
}

/// Of places with the same loss that where the atoms are nearest to the true ones, by the sum of distances.
inline const Place& nearest_of(const std::vector<Place>& places, const Atoms& estimate, const Atoms& truth) {
  return *std::min_element(places.begin(), places.end(), [&](const Place& a, const Place& b) {
    return distance_of(a, estimate, truth) < distance_of(b, estimate, truth);
  });
}

/// The same of all translations.
inline Place nearest_place(Atoms estimate, Atoms truth, bool shifts, StopWatch& watch) {
  estimate.log_weight.zeros();
  truth.log_weight.fill(-1e4);  // weights of 0, so that the masses add up to the number of atoms
  Loss distances;
  distances.terms = [](double) { return std::vector<LossTerm>{{"gabv", 1.0}}; };
  const Gauge gauge{shifts, false, false};
  return nearest_of(VoronoiSearch(estimate, truth, gauge, distances, watch).best(), estimate, truth);
}

inline std::vector<bool> ties_among(const std::vector<Place>& places) {
  std::vector<bool> out(places.front().cell.size(), false);
  for (const Place& place : places)
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = out[i] || place.cell[i] != places.front().cell[i];
  return out;
}

/// With weights multiplied by s, in units of both largest; at s = 0 with the truth's total weight.
inline Atoms scaled_to(const Atoms& truth, Atoms estimate, double scale) {
  if (scale == 0.0) return with_total_of(truth, estimate);
  estimate.log_weight += std::log(scale) - estimate.log_weight.max() + truth.log_weight.max();
  return estimate;
}

/// What atoms do not have (gate slopes without covariates, variances of classes) as a number that is zero for all.
inline Atoms with_all_parts(Atoms atoms) {
  for (mat* part : {&atoms.gate, &atoms.slope, &atoms.intercept, &atoms.variance})
    if (part->n_rows == 0) part->zeros(1, atoms.count());
  return atoms;
}

/// The same the other way: without the parts that other atoms do not have.
inline Atoms with_parts_of(const Atoms& others, Atoms atoms) {
  for (mat Atoms::*part : {&Atoms::gate, &Atoms::slope, &Atoms::intercept, &Atoms::variance})
    if ((others.*part).n_rows == 0) (atoms.*part).set_size(0, atoms.count());
  return atoms;
}

/// Whether the slopes of two gates count from the same origin; none is 0.
inline bool same_origin(const Atoms& a, const Atoms& b) {
  const auto from = [](const Atoms& atoms) {
    return atoms.origin.empty() ? vec(atoms.gate.n_rows, arma::fill::zeros) : atoms.origin;
  };
  return arma::approx_equal(from(a), from(b), "absdiff", 0.0);
}

inline Voronoi infimum(const Atoms& estimate, const Atoms& truth, const Gauge& gauge, const Loss& loss,
                       StopWatch& watch) {
  const bool shifts = gauge.slopes && loss.translate != Translate::none;
  const Hull hull(estimate.gate, truth.gate, shifts);
  const Atoms from = hull.inside(estimate), to = hull.inside(truth);
  VoronoiSearch search(from, to, gauge, loss, watch);
  const std::vector<Place> places = search.best();
  Place at = nearest_of(places, from, to);
  const double scale = at.scale;
  const bool attained = search.costs().attains(scale), scaled = search.costs().scales_estimate();
  if (scaled && !attained) at = nearest_place(from, to, shifts, watch);
  const double value = search.least() == 0.0 ? 0.0 : search.least() * std::exp(search.costs().unit());
  Voronoi out{value, attained, at.cell, ties_among(places), scaled ? scaled_to(truth, estimate, scale) : estimate};
  out.estimate.gate.each_col() += hull.outside(at.shift);
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
  require(detail::same_origin(estimate, truth), "voronoi", "estimate", "has another origin of the gate than the truth");
  detail::StopWatch watch(context);
  const Atoms from = detail::with_all_parts(estimate), to = detail::with_all_parts(truth);
  const Gauge free{gauge.slopes && !estimate.gate.empty(), gauge.intercepts, gauge.reflection};
  Voronoi best = detail::infimum(from, to, free, loss, watch);
  Voronoi turned = gauge.reflection ? detail::infimum(reflected(from), to, free, loss, watch) : best;
  if (turned.value < best.value) best = std::move(turned);
  best.estimate = detail::with_parts_of(estimate, std::move(best.estimate));
  return best;
} catch (...) {
  detail::leave("voronoi");
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
