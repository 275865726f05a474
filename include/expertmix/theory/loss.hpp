#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "../base/armadillo.hpp"
#include "../base/error.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// rbar(m) of 2305.03288: 4 and 6 for two and three atoms. For more, only lower bounds are known, 8 for four and 10 for
/// five and more: `larger` has what is taken for 4, 5, ... atoms, its last element for all that follow.
inline double rbar(uword atoms, const vec& larger = {8.0, 10.0}) {
  constexpr double known[] = {1.0, 1.0, 4.0, 6.0};
  return atoms < 4 ? known[atoms] : larger(std::min(atoms - 4, larger.n_elem - 1));
}

/// Whose gate an infimum over translations (t1, t2) moves: (beta_0j* + t1, beta_1j* + t2) of the truth, as the papers
/// write it, (beta_0i + t1, beta_1i + t2) of the estimate, or nobody's.
enum class Translate { truth, estimate, none };

/// Blocks of an atom's parameters that one norm joins, and the power of that norm.
struct LossTerm {
  std::string blocks;  ///< of the letters g(ate slopes), t(emperature), a (expert slopes), b (intercept), v(ariance)
  double power;        ///< of the norm

  /// Whether a block takes part.
  bool has(char block) const { return blocks.find(block) != std::string::npos; }
};

/// A Voronoi loss inf sum_j { sum_{i in A_j} exp(beta_0i) sum_terms ||.||^power + |sum_{i in A_j} exp(beta_0i) -
/// exp(beta_0j*)| } over translations; `terms` takes rbar(|A_j|). With `active` the sum over j runs over the so many
/// cells where it is largest: the maximum over subsets of the true experts (2309.13850).
struct Loss {
  std::function<std::vector<LossTerm>(double rbar)> terms;  ///< of a cell
  uword active = 0;                                         ///< 0: all cells
  vec larger = {8.0, 10.0};                                 ///< rbar of cells of 4, 5, ... atoms
  Translate translate = Translate::truth;                   ///< whose gate the infimum moves

  /// The terms of a cell of so many atoms.
  std::vector<LossTerm> of_cell(uword atoms) const { return terms(rbar(atoms, larger)); }
};

/// The papers' losses: "softmax exact" and "softmax over" (2305.03288), "topk exact" and "topk over" (2309.13850),
/// "activation exact" and "activation over" (2401.13875), "multinomial exact" and "multinomial over" (2310.14188), and
/// "power", every norm to the same `power`; throws `invalid_argument` for another. In cells of one atom rbar = 1, and
/// every power of an "over" loss is 1.
Loss loss_named(const std::string& name, uword active = 0, double power = 1.0, const vec& larger = {8.0, 10.0});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "loss.ipp"
#endif
