#pragma once

#include "../base/error.hpp"
#include "../mixture/coefficients.hpp"
#include "../model/gate.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A mixing measure G = sum_i exp(beta_0i) delta_(beta_1i, a_i, b_i, nu_i) as the papers write it, one column an atom;
/// nu_i are variances. Of multinomial experts a_i and b_i hold the classes other than the reference, nu_i nothing.
struct Atoms {
  vec log_weight;            ///< beta_0i / tau
  mat gate;                  ///< beta_1i: q - 1 rows
  mat slope;                 ///< a_i: p - 1 rows, or as many for each class but one
  mat intercept;             ///< b_i: one row, or one for each class but one
  mat variance;              ///< nu_i: one row, or none
  double temperature = 1.0;  ///< of the gate
  vec origin = {};           ///< that the gate's slopes count from; empty: 0

  /// Number of atoms.
  uword count() const { return log_weight.n_elem; }

  /// Throws `invalid_argument` unless there are atoms, and all of each.
  void check(const char* where, const char* argument) const {
    require(count() > 0, where, argument, "has no atoms");
    require(log_weight.is_finite() && std::isfinite(temperature), where, argument, "is not finite");
    for (const mat* part : {&gate, &slope, &intercept, &variance}) {
      require(part->n_cols == count(), where, argument, "must have a column for each atom");
      require(part->is_finite(), where, argument, "is not finite");
    }
  }
};

/// The atoms of coefficients whose expert designs begin with the intercept; `unit` takes beta_1 / tau, which is what
/// the identity identifies, for beta_1. Throws `invalid_argument`.
Atoms atoms_of(const Coefficients& from, Outcomes outcomes, bool unit);

/// What a gate leaves unidentified: a common translation of the slopes, one of the intercepts, and the reflection
/// (b1, b2) -> (-b2, -b1) of two experts' slopes.
struct Gauge {
  bool slopes = true;       ///< a common translation t2 of the slopes
  bool intercepts = true;   ///< a common translation t1 of the intercepts
  bool reflection = false;  ///< (b1, b2) -> (-b2, -b1)
};

/// That of a gate for so many experts.
Gauge gauge_of(const Gate& gate, uword experts);

/// The estimate in a stated gauge: with the truth's sum_j exp(beta_0j).
Atoms with_total_of(const Atoms& truth, Atoms estimate);

/// The estimate with beta_0 = 0 and, where slopes are translated, beta_1 = 0 for one of its experts (from 0).
Atoms with_reference(uword expert, const Gauge& gauge, Atoms estimate);

/// The same gate by other slopes, of two experts under an odd activation.
Atoms reflected(Atoms atoms);

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "atoms.ipp"
#endif
