#pragma once

#include "../base/error.hpp"
#include "../mixture/coefficients.hpp"
#include "../model/gate.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A mixing measure G = sum_i exp(beta_0i) delta_(beta_1i, a_i, b_i, nu_i) as the papers write it, one column an atom;
/// nu_i are variances. Of multinomial experts a_i and b_i hold the classes other than the reference, nu_i nothing.
struct Atoms {
  vec log_weight;  ///< beta_0i / tau
  mat gate, slope, intercept, variance;
  double temperature = 1.0;
  vec origin = {};  ///< that the gate's slopes count from; empty: 0

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
  bool slopes = true, intercepts = true, reflection = false;
};

Gauge gauge_of(const Gate& gate, uword experts);

/// The estimate in a stated gauge: with the truth's sum_j exp(beta_0j), or with beta_0 = 0 and, where slopes are
/// translated, beta_1 = 0 for one of its experts.
Atoms with_total_of(const Atoms& truth, Atoms estimate);
Atoms with_reference(uword expert, const Gauge& gauge, Atoms estimate);

/// The same gate by other slopes, of two experts under an odd activation.
Atoms reflected(Atoms atoms);

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "atoms.ipp"
#endif
