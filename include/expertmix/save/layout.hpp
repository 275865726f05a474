#pragma once

#include "../fit.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

inline KeptColumns kept_of(const Fit& fit) { return KeptColumns::without(fit.gate_aliased, fit.experts_aliased); }

/// How the parameters of a fit are laid out, whatever columns its designs share.
inline Layout layout_of(const Fit& fit) {
  const KeptColumns kept = kept_of(fit);
  const uword q = fit.gate.n_rows;
  Columns columns;
  columns.count = 1 + q + fit.experts.n_rows;
  for (uword j : kept.gate) columns.gate.push_back(j == fit.gate_intercept ? 0 : 1 + j);
  for (uword j : kept.experts) columns.experts.push_back(1 + q + j);
  return fit.mixture.layout(columns, false);
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
