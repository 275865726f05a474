#pragma once

#include <algorithm>
#include <cmath>

#include "atoms.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION Atoms with_total_of(const Atoms& truth, Atoms estimate) {
  const auto log_total = [](const Atoms& atoms) {
    const vec sorted = arma::sort(atoms.log_weight);
    return sorted.max() + std::log(arma::accu(arma::exp(sorted - sorted.max())));
  };
  estimate.log_weight += log_total(truth) - log_total(estimate);
  return estimate;
}

EXPERTMIX_DEFINITION Atoms with_reference(uword expert, const Gauge& gauge, Atoms estimate) {
  require(expert < estimate.count(), "with_reference", "expert", "is not one of the estimate's");
  if (gauge.intercepts) estimate.log_weight -= double{estimate.log_weight(expert)};
  if (gauge.slopes) estimate.gate.each_col() -= vec(estimate.gate.col(expert));
  return estimate;
}

EXPERTMIX_DEFINITION Atoms reflected(Atoms atoms) {
  atoms.gate = -arma::fliplr(atoms.gate);
  return atoms;
}

EXPERTMIX_DEFINITION Gauge gauge_of(const Gate& gate, uword experts) {
  Gauge out;
  out.reflection = gate.reflects(experts);
  for (const Predictor& predictor : gate.predictors(std::max<uword>(2, experts))) {
    if (predictor.expert > 0) continue;
    if (predictor.design != Design::constant) out.slopes = false;
    if (predictor.design != Design::gate_slopes) out.intercepts = false;
  }
  return out;
}

EXPERTMIX_DEFINITION Atoms atoms_of(const Coefficients& from, Outcomes outcomes, bool unit) {
  const bool shaped = from.gate.n_cols > 0 && from.experts.n_rows > 0 && from.gate_intercept < from.gate.n_rows &&
                      from.experts.n_cols == outcomes.columns(from.gate.n_cols) &&
                      (from.sigma.empty() || from.sigma.n_elem == from.gate.n_cols);
  require(shaped, "atoms_of", "coefficients", "must be columns x experts, intercepts included");
  require(from.temperature > 0.0, "atoms_of", "coefficients", "temperature must be positive");
  const uword k = from.gate.n_cols, d = from.experts.n_rows - 1;
  const uword classes = outcomes.count - (outcomes.count > 1);
  Atoms out;
  out.log_weight = from.gate.row(from.gate_intercept).t() / from.temperature;
  out.gate = from.gate;
  out.gate.shed_row(from.gate_intercept);
  if (unit) out.gate /= from.temperature;
  out.temperature = unit ? 1.0 : from.temperature;
  out.origin = from.origin;
  if (!from.origin.empty()) out.origin.shed_row(from.gate_intercept);
  out.slope.set_size(d * classes, k);
  out.intercept.set_size(classes, k);
  for (uword i = 0; i < k; ++i) {
    const mat own = mat(from.experts.cols(outcomes.of(i))).tail_cols(classes);
    out.intercept.col(i) = own.row(0).t();
    if (d > 0) out.slope.col(i) = arma::vectorise(own.tail_rows(d));
  }
  out.variance = arma::square(from.sigma).t();
  if (from.sigma.empty()) out.variance.set_size(0, k);
  return out;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
