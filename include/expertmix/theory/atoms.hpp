#pragma once

#include "../base/error.hpp"
#include "../mixture/coefficients.hpp"
#include "../model/gate.hpp"

namespace expertmix {

/// A mixing measure G = sum_i exp(beta_0i) delta_(beta_1i, a_i, b_i, nu_i) as the papers write it, one column an atom;
/// nu_i are variances. Of multinomial experts a_i and b_i hold the classes other than the reference, nu_i nothing.
struct Atoms {
  vec log_weight;  ///< beta_0i / tau
  mat gate, slope, intercept, variance;
  double temperature = 1.0;

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
inline Atoms atoms_of(const Coefficients& from, uword outcomes, bool unit) {
  const bool shaped = outcomes > 0 && from.gate.n_cols > 0 && from.experts.n_rows > 0 &&
                      from.gate_intercept < from.gate.n_rows && from.experts.n_cols == outcomes * from.gate.n_cols &&
                      (from.sigma.empty() || from.sigma.n_elem == from.gate.n_cols);
  require(shaped, "atoms_of", "coefficients", "must be columns x experts, intercepts included");
  require(from.temperature > 0.0, "atoms_of", "coefficients", "temperature must be positive");
  const uword k = from.gate.n_cols, d = from.experts.n_rows - 1, classes = std::max<uword>(1, outcomes - 1);
  Atoms out;
  out.log_weight = from.gate.row(from.gate_intercept).t() / from.temperature;
  out.gate = from.gate;
  out.gate.shed_row(from.gate_intercept);
  if (unit) out.gate /= from.temperature;
  out.temperature = unit ? 1.0 : from.temperature;
  out.slope.set_size(d * classes, k), out.intercept.set_size(classes, k);
  for (uword i = 0; i < k; ++i) {
    const mat own = from.experts.cols(outcomes * i + (outcomes > 1), outcomes * (i + 1) - 1);
    out.intercept.col(i) = own.row(0).t();
    if (d > 0) out.slope.col(i) = arma::vectorise(own.tail_rows(d));
  }
  out.variance = arma::square(from.sigma).t();
  if (from.sigma.empty()) out.variance.set_size(0, k);
  return out;
}

/// What a gate leaves unidentified: a common translation of the slopes, one of the intercepts, and the reflection
/// (b1, b2) -> (-b2, -b1) of two experts' slopes.
struct Gauge {
  bool slopes = true, intercepts = true, reflection = false;
};

inline Gauge gauge_of(const Gate& gate, uword experts) {
  Gauge out;
  out.reflection = gate.reflects(experts);
  for (const Predictor& predictor : gate.predictors(std::max<uword>(2, experts))) {
    if (predictor.expert > 0) continue;
    if (predictor.design != Design::constant) out.slopes = false;
    if (predictor.design != Design::gate_slopes) out.intercepts = false;
  }
  return out;
}

/// The same gate by other slopes, of two experts under an odd activation.
inline Atoms reflected(Atoms atoms) {
  atoms.gate = -arma::fliplr(atoms.gate);
  return atoms;
}

}  // namespace expertmix
