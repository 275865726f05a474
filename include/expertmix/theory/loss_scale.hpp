#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The best s = exp(t1) at given t2, and the share that every cell has in a subgradient of that minimum: 1 for those
/// that the loss adds up, less where s is held by a change of the largest.
struct BestScale {
  double scale, value;
  double ahead;  ///< the derivative in s to the right, where s = 0 is best
  vec share;
};

/// What the cells add to a loss as functions of s: level_j + growth_j s + |from_j - rate_j s|, convex and piecewise
/// linear. The loss is their sum, or with `active` that of the so many largest.
struct ScaledCells {
  vec level, growth, from, rate;
  uword active;

  bool some() const { return active > 0 && active < level.n_elem; }
  vec own(double scale) const {
    return scale == 0.0 ? vec(level + from) : vec(level + growth * scale + arma::abs(from - rate * scale));
  }

  /// The cells that are added up.
  uvec counted(double scale) const {
    const uvec order = arma::stable_sort_index(own(scale), "descend");
    return some() ? uvec(order.head(active)) : order;
  }
  double value(double scale) const { return arma::accu(vec(own(scale).elem(counted(scale)))); }

  BestScale at(double scale) const;
  BestScale minimum() const;

 private:
  double derivative(double scale) const;
  vec bends() const;
};

inline BestScale ScaledCells::at(double scale) const {
  vec share(level.n_elem, arma::fill::zeros);
  share.elem(counted(scale)).ones();
  return {scale, value(scale), 0.0, share};
}

inline double ScaledCells::derivative(double scale) const {
  const vec own = growth + rate % arma::sign(rate * scale - from);
  return arma::accu(vec(own.elem(counted(scale))));
}

/// 0 and all s where the loss may bend: kinks of the cells and, where only the largest count, the places where the
/// linear pieces (level + from, growth - rate) and (level - from, growth + rate) of two of them cross.
inline vec ScaledCells::bends() const {
  std::vector<double> out{0.0};
  const auto add = [&](double scale) {
    if (scale > 0.0 && std::isfinite(scale)) out.push_back(scale);
  };
  for (uword j = 0; j < level.n_elem; ++j) {
    add(from(j) / rate(j));
    for (uword l = 0; l < (some() ? j : 0); ++l)
      for (double a : {-1.0, 1.0})
        for (double b : {-1.0, 1.0})
          add((level(l) - b * from(l) - level(j) + a * from(j)) / (growth(j) + a * rate(j) - growth(l) - b * rate(l)));
  }
  return arma::unique(vec(out));
}

inline BestScale ScaledCells::minimum() const {
  const vec bend = bends();
  vec values = bend;
  values.transform([&](double scale) { return value(scale); });
  uword best = values.index_min();
  // an infimum that is attained elsewhere is not one at s = 0
  if (best == 0 && bend.n_elem > 1 && values(1) <= values(0) * (1.0 + 1e-12)) best = 1;
  const bool last = best + 1 == bend.n_elem;
  const double right = last ? bend(best) + 1.0 : 0.5 * (bend(best) + bend(best + 1));
  BestScale out = at(right);
  const double after = std::max(0.0, derivative(right));
  if (best == 0) return {0.0, values(0), after, out.share};
  const double left = 0.5 * (bend(best - 1) + bend(best));
  const double before = std::max(0.0, -derivative(left));
  const double weight = after > 0.0 ? after / (after + before) : 0.0;
  return {bend(best), values(best), 0.0, weight * at(left).share + (1.0 - weight) * out.share};
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
