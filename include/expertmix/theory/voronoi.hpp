#pragma once

#include <cstdint>

#include "../base/context.hpp"
#include "atoms.hpp"
#include "cells.hpp"
#include "loss.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The infimum of a Voronoi loss over translations (t1, t2) of the estimate's gate, which take it to the truth's gauge.
struct Voronoi {
  double value = arma::datum::inf;  ///< infinite where exp(beta_0*) is too large for a number
  bool saturated = false;           ///< approached as t1 -> -infinity: the value is sum_j exp(beta_0j*)
  Cells cell;
  Atoms estimate;  ///< translated and, where that is closer, reflected; where saturated to the truth's total weight
};

/// The loss of an estimate. Over all cells, and in one dimension over all t2, the infimum is exact; in more dimensions
/// cells are tried as at t2 = beta_1j* - beta_1i and then as they become. Throws `invalid_argument`, `interrupted`.
Voronoi voronoi(const Atoms& estimate, const Atoms& truth, const Gauge& gauge, const Loss& loss,
                const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "voronoi.ipp"
#endif
