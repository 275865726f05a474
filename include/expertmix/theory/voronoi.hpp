#pragma once

#include <vector>

#include "../base/context.hpp"
#include "atoms.hpp"
#include "cells.hpp"
#include "loss.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The infimum of a Voronoi loss over translations (t1, t2), with the cells of every t2.
struct Voronoi {
  double value = arma::datum::inf;  ///< infinite where it is too large for a number
  bool attained = true;             ///< false where it is approached as t1 -> -infinity
  std::vector<uword> cell;          ///< the true atom of every atom
  std::vector<bool> tied;           ///< whether another cell of the atom gives the same infimum
  /// Translated and, where that is closer, reflected; the weights only where it is they that t1 multiplies, to the
  /// truth's total weight where the infimum is not attained.
  Atoms estimate;
};

/// The loss of an estimate as it stands: the gauge of its gate matters where it is not the estimate that is translated.
/// The infimum is exact where the cells of all t2 can be gone through (`CellMap::complete`). Else cells are tried as at
/// t2 = beta_1j* - beta_1i, and then their neighbours. Of translations with the same loss that is taken where the atoms
/// are nearest to the true ones, by the sum of distances. Throws `invalid_argument`, `interrupted`.
Voronoi voronoi(const Atoms& estimate, const Atoms& truth, const Gauge& gauge, const Loss& loss,
                const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "voronoi.ipp"
#endif
