#pragma once

#include <cmath>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Cuts the ball around `centre` down to the points that are wanted, by the ellipsoid method with deep cuts (Shor 1977;
/// Bland, Goldfarb and Todd 1981; bisection in one dimension). `cut(point, slope)` writes a slope and returns an excess
/// so that wanted points x have excess + slope'(x - point) <= 0: of a convex function, its value less the one to beat,
/// and a subgradient; of a convex constraint that is broken, by how much, and its gradient. It ends when no point is
/// left, where slopes vanish or overflow, or after 200 d (d + 1) steps.
template <class Cut>
void cut_ellipsoid(Cut cut, vec centre, double radius) {
  const auto d = static_cast<double>(centre.n_elem);
  vec slope(centre.n_elem);
  mat shape = radius * radius * arma::eye(centre.n_elem, centre.n_elem);
  const double most = 200.0 * d * (d + 1.0);
  for (double step = 0.0; step < most; ++step) {
    const double excess = cut(centre, slope);
    const vec along = shape * slope;
    const double width = std::sqrt(arma::dot(slope, along));
    const double depth = excess / width;
    if (!(depth < 1.0) || !std::isfinite(width)) break;
    centre -= (1.0 + d * depth) / (d + 1.0) * along / width;
    if (d == 1.0)
      shape *= 0.25 * (1.0 - depth) * (1.0 - depth);
    else
      shape = d * d * (1.0 - depth * depth) / (d * d - 1.0) *
              (shape - 2.0 * (1.0 + d * depth) / ((d + 1.0) * (1.0 + depth)) / (width * width) * along * along.t());
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
