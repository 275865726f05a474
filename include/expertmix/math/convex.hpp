#pragma once

#include <cmath>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A point and the function's value there.
struct Minimum {
  vec point;
  double value;
};

/// Minimises a convex function, smooth or not, over the ball around `centre`, by the ellipsoid method (Shor 1977;
/// bisection in one dimension): `function(point, gradient)` returns the value and writes a subgradient. It ends when
/// the value is certified to be within 1e-12 of the minimum, relatively, where slopes overflow, or after 200 d (d + 1)
/// steps. `known` is a point to beat: minima may be kinks, which steps come near to but do not meet.
template <class Function>
Minimum minimise_convex(Function function, const Minimum& known, const vec& centre, double radius) {
  const double d = static_cast<double>(centre.n_elem);
  vec point = centre, slope(centre.n_elem);
  Minimum best = known;
  mat shape = radius * radius * arma::eye(centre.n_elem, centre.n_elem);
  const double most = 200.0 * d * (d + 1.0);
  for (double step = 0.0; step < most && radius > 0.0; ++step) {
    const double value = function(point, slope);
    if (value < best.value) best = {point, value};
    const vec along = shape * slope;
    const double width = std::sqrt(arma::dot(slope, along));
    if (!(width > 1e-12 * best.value) || !std::isfinite(width)) break;
    point -= along / (width * (d + 1.0));
    if (d == 1.0)
      shape *= 0.25;
    else
      shape = d * d / (d * d - 1.0) * (shape - 2.0 / ((d + 1.0) * width * width) * along * along.t());
  }
  return best;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
