#pragma once

#include <vector>

#include "atoms.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The true atom of every atom of an estimate.
using Cells = std::vector<uword>;

/// Translations t2 to try: in one dimension an interval of which all have the same cells; in others a point.
struct Region {
  vec centre;
  double from = -arma::datum::inf, to = arma::datum::inf;
};

/// The Voronoi cells A_j = {i : |theta_i - theta_j*| <= |theta_i - theta_l*| for all l} of an estimate whose gate
/// slopes are translated by t2, where theta = (beta_1, a, b, nu); ties go to the smaller j.
class CellMap {
 public:
  CellMap(const Atoms& estimate, const Atoms& truth);

  Cells at(const vec& shift) const;

  /// t2 = beta_1j* - beta_1i for all i and j, one column each.
  const mat& anchors() const { return anchors_; }

  /// One dimension: all intervals between the translations at which an atom changes its cell; else the anchors.
  std::vector<Region> regions() const;

 private:
  const mat &gate_, &truth_;
  mat rest_;  ///< squared distances but for the gate slopes: estimate x truth
  mat anchors_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "cells.ipp"
#endif
