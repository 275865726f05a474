#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../base/armadillo.hpp"
#include "../base/error.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// rbar(m) of 2305.03288: 4 and 6 for two and three atoms. For more, only rbar >= 7 is known: `larger` is taken.
inline double rbar(uword atoms, double larger = 7.0) {
  constexpr double known[] = {1.0, 1.0, 4.0, 6.0};
  return atoms < 4 ? known[atoms] : larger;
}

/// Blocks of an atom's parameters that one norm joins, and the power of that norm.
struct LossTerm {
  std::string blocks;  ///< of the letters g(ate slopes), t(emperature), a (expert slopes), b (intercept), v(ariance)
  double power;

  bool has(char block) const { return blocks.find(block) != std::string::npos; }
};

/// A Voronoi loss sum_j { sum_{i in A_j} exp(beta_0i) sum_terms ||.||^power + |sum_{i in A_j} exp(beta_0i) -
/// exp(beta_0j*)| }; `terms` takes rbar(|A_j|). With `active` the sum over j runs over the so many cells where it is
/// largest: the maximum over subsets of the true experts (2309.13850).
struct Loss {
  std::function<std::vector<LossTerm>(double rbar)> terms;
  uword active = 0;
  double larger = 7.0;  ///< rbar of cells of more than three atoms

  std::vector<LossTerm> of_cell(uword atoms) const { return terms(rbar(atoms, larger)); }
};

/// The papers' losses; throws `invalid_argument` for another. In cells of one atom rbar = 1, and every power of an
/// "over" loss is 1.
Loss loss_named(const std::string& name, uword active, double power, double larger);

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "loss.ipp"
#endif
