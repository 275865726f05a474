#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "../base/error.hpp"
#include "parameter.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A linear condition on a mixture's parameters on the user's scale, scalars by their logarithms: sum_i factor_i
/// theta_i = value.
struct Tie {
  /// One of the sum.
  struct Term {
    Parameter parameter;  ///< theta_i
    double factor = 1.0;  ///< factor_i
  };
  std::vector<Term> terms;  ///< of the sum, one at least
  double value = 0.0;       ///< what it is
};

/// A parameter is a number.
inline Tie held_at(const Parameter& parameter, double value) { return {{{parameter, 1.0}}, value}; }

/// Two parameters are the same.
inline Tie tied(const Parameter& one, const Parameter& other) { return {{{one, 1.0}, {other, -1.0}}, 0.0}; }

/// A parameter of expert 1 is the same in all experts.
inline std::vector<Tie> common_to_all(const Parameter& of_first, uword experts) {
  std::vector<Tie> out;
  for (uword k = 1; k < experts; ++k) {
    Parameter other = of_first;
    other.expert = k;
    out.push_back(tied(of_first, other));
  }
  return out;
}

/// Parameters as an affine map theta = slope phi + origin of those of them that are free, phi = theta(free).
struct AffineMap {
  mat slope;   ///< P x F
  vec origin;  ///< P
  uvec free;   ///< F, increasing

  /// Whether there is a map: a mixture without ties has none.
  bool given() const { return !origin.empty(); }

  /// All parameters from those of them that are free.
  vec parameters(const vec& all) const { return slope * vec(all(free)) + origin; }
  /// P x P, of all parameters from that of the free ones among a P x P matrix.
  mat covariance(const mat& all) const { return slope * mat(all(free, free)) * slope.t(); }
};

namespace detail {

/// Where a tie's parameter stands in a table. Throws `invalid_argument` where it is not there.
inline uword tied_place(const std::vector<Parameter>& table, const Parameter& parameter, std::size_t tie) {
  for (uword i = 0; i < table.size(); ++i)
    if (table[i] == parameter) return i;
  throw invalid_argument("fit", "ties", "tie " + std::to_string(tie + 1) + " is of a parameter that is not there");
}

/// The conditions C theta = value as rows (C, value).
inline mat tie_rows(const std::vector<Tie>& ties, const std::vector<Parameter>& table) {
  mat out(ties.size(), table.size() + 1, arma::fill::zeros);
  for (std::size_t i = 0; i < ties.size(); ++i) {
    for (const auto& [parameter, factor] : ties[i].terms) out(i, tied_place(table, parameter, i)) += factor;
    out(i, table.size()) = ties[i].value;
  }
  require(out.is_finite(), "fit", "ties", "have factors or values that are not finite");
  return out;
}

/// Rows to which elimination left no parameter contradict those before, or repeat them.
inline void refuse_superfluous(const mat& rows, const std::vector<bool>& used) {
  for (uword i = 0; i < rows.n_rows; ++i) {
    const bool repeats = std::abs(rows(i, rows.n_cols - 1)) < 1e-9;
    require(used[i], "fit", "ties",
            "tie " + std::to_string(i + 1) + (repeats ? " repeats what others say" : " contradicts others"));
  }
}

/// The map of ties on the parameters of a table, by Gauss-Jordan elimination of the last parameter of each. Throws
/// `invalid_argument` for a tie of a parameter that is not there, for ties that contradict each other, and for one that
/// follows from others.
inline AffineMap affine_map(const std::vector<Tie>& ties, const std::vector<Parameter>& table) {
  mat rows = tie_rows(ties, table);
  const uword size = table.size();
  std::vector<bool> used(rows.n_rows, false);
  std::vector<uword> row_of(size, rows.n_rows);
  for (uword j = size; j-- > 0;)
    for (uword i = 0; i < rows.n_rows; ++i) {
      if (used[i] || std::abs(rows(i, j)) < 1e-9) continue;
      rows.row(i) /= rows(i, j);
      for (uword other = 0; other < rows.n_rows; ++other)
        if (other != i) rows.row(other) -= rows(other, j) * rows.row(i);
      used[i] = true;
      row_of[j] = i;
      break;
    }
  refuse_superfluous(rows, used);
  AffineMap out;
  std::vector<uword> free;
  for (uword j = 0; j < size; ++j)
    if (row_of[j] == rows.n_rows) free.push_back(j);
  out.free = uvec(free);
  out.slope.zeros(size, free.size());
  out.origin.zeros(size);
  for (uword f = 0; f < free.size(); ++f) out.slope(free[f], f) = 1.0;
  for (uword j = 0; j < size; ++j)
    if (row_of[j] < rows.n_rows) {
      for (uword f = 0; f < free.size(); ++f) out.slope(j, f) = -rows(row_of[j], free[f]);
      out.origin(j) = rows(row_of[j], size);
    }
  return out;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
