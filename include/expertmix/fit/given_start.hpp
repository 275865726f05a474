#pragma once

#include "../error.hpp"
#include "../fit.hpp"

namespace expertmix {

namespace detail {

/// Throws `invalid_argument` for a start that is not of the fit's shape: `rows` rows, a gate of q columns and experts
/// of p.
inline void check_start(const char* where, const Start& start, const Layout& layout, uword rows, uword q, uword p) {
  const uword experts = layout.experts;
  if (!start.responsibilities.empty())
    return require(start.responsibilities.n_rows == rows && start.responsibilities.n_cols == experts, where, "start",
                   "responsibilities must be rows x experts");
  const bool shaped = start.gate.n_cols == experts && start.experts.n_cols == experts * layout.outcomes &&
                      start.gate.n_rows == q && start.experts.n_rows == p &&
                      (!start.sigma.empty() || !layout.has(Unit::log_response));
  require(shaped, where, "start", "coefficients must be columns x experts");
}

}  // namespace detail

}  // namespace expertmix
