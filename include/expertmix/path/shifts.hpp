#pragma once

#include <algorithm>
#include <vector>

#include "../mixture/mixture.hpp"
#include "factors.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Sets of parameters whose common shift is the same density: those of a column in all experts' gates that have no
/// reference, and in all classes of an expert likewise.
struct Shifts {
  bool gate = false, classes = false;  ///< whether a shift of gate slopes, of classes, is the same penalty, too
  std::vector<uvec> equivalent;        ///< slopes, none left out: a shift is the same density
  std::vector<uvec> slopes;            ///< those of which a shift may be the same penalty, as no ridge says how far
  std::vector<uvec> intercepts;        ///< the first one of a set is held at zero
  uvec held;
};

/// The parameters of column j in `count` predictors from `first` on.
inline uvec alike(const Layout& layout, std::size_t first, std::size_t count, uword j) {
  uvec set(count);
  for (std::size_t p = 0; p < count; ++p) set(p) = layout.offset[first + p] + j;
  return set;
}

/// Slopes may be shifted where no ridge says how far and none is left out.
inline void add_shifts(const Layout& layout, const PenaltyFactors& factors, std::size_t first, std::size_t count,
                       Shifts& out) {
  for (uword j = 0; j < layout.size(first); ++j) {
    const uvec set = alike(layout, first, count, j);
    if (layout.owned[first][j] == 0) {
      out.intercepts.push_back(set);
      continue;
    }
    if (std::any_of(set.begin(), set.end(), [&](uword i) { return factors.left_out[i]; })) continue;
    out.equivalent.push_back(set);
    if (factors.ridge(set(0)) + factors.square(set(0)) == 0.0) out.slopes.push_back(set);
  }
}

/// `labelled`: experts have factors of their own, so that a shift is another penalty.
inline Shifts shifts_of(const Mixture& mixture, const Layout& layout, const PenaltyFactors& factors, bool labelled) {
  Shifts out;
  const bool symmetric = mixture.gate->symmetric(mixture.experts);
  const bool classes = layout.outcomes.count > 1 && layout.means_of(0).size() == layout.outcomes.count;
  out.gate = symmetric && arma::all(factors.ridge + factors.square == 0.0) && !labelled;
  out.classes = classes && !labelled;
  for (const GateGroup& group : layout.gate_groups)
    if (symmetric) add_shifts(layout, factors, group.first, group.count, out);
  for (uword k = 0; k < layout.experts && classes; ++k)
    add_shifts(layout, factors, layout.means_of(k).front(), layout.outcomes.count, out);
  out.held.set_size(out.intercepts.size());
  for (std::size_t i = 0; i < out.intercepts.size(); ++i) out.held(i) = out.intercepts[i](0);
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
