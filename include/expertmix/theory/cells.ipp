#pragma once

#include <algorithm>
#include <cmath>

#include "cells.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION CellMap::CellMap(const Atoms& estimate, const Atoms& truth)
    : gate_(estimate.gate),
      truth_(truth.gate),
      rest_(estimate.count(), truth.count(), arma::fill::zeros),
      anchors_(gate_.n_rows, rest_.n_elem) {
  const auto square = [](const mat& a, uword i, const mat& b, uword j) {
    return arma::accu(arma::square(a.col(i) - b.col(j)));
  };
  for (uword j = 0, c = 0; j < truth.count(); ++j)
    for (uword i = 0; i < estimate.count(); ++i, ++c) {
      rest_(i, j) = square(estimate.slope, i, truth.slope, j) + square(estimate.intercept, i, truth.intercept, j) +
                    square(estimate.variance, i, truth.variance, j);
      anchors_.col(c) = truth_.col(j) - gate_.col(i);
    }
}

EXPERTMIX_DEFINITION Cells CellMap::at(const vec& shift) const {
  Cells out;
  for (uword i = 0; i < gate_.n_cols; ++i) {
    arma::rowvec distance = rest_.row(i);
    for (uword j = 0; j < truth_.n_cols; ++j)
      distance(j) += arma::accu(arma::square(gate_.col(i) + shift - truth_.col(j)));
    out.push_back(distance.index_min());
  }
  return out;
}

EXPERTMIX_DEFINITION std::vector<Region> CellMap::regions() const {
  std::vector<Region> out;
  if (gate_.n_rows != 1) {
    for (uword c = 0; c < anchors_.n_cols; ++c) out.push_back({anchors_.col(c)});
    return out;
  }
  // (u - beta_j)^2 + rest_ij = (u - beta_l)^2 + rest_il at u = beta_i + t2
  std::vector<double> borders;
  for (uword i = 0; i < gate_.n_cols; ++i)
    for (uword l = 1; l < truth_.n_cols; ++l)
      for (uword j = 0; j < l; ++j) {
        const double gap = truth_(l) - truth_(j);
        const double border = 0.5 * (truth_(l) + truth_(j) + (rest_(i, l) - rest_(i, j)) / gap) - gate_(i);
        if (std::isfinite(border)) borders.push_back(border);
      }
  std::sort(borders.begin(), borders.end());
  if (borders.empty()) return {{vec{0.0}}};
  out.push_back({vec{borders.front() - 1.0}, -arma::datum::inf, borders.front()});
  for (std::size_t b = 1; b < borders.size(); ++b)
    out.push_back({vec{0.5 * (borders[b - 1] + borders[b])}, borders[b - 1], borders[b]});
  out.push_back({vec{borders.back() + 1.0}, borders.back(), arma::datum::inf});
  return out;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
