#pragma once

#include "job.hpp"

/// How a fit finds out that gates or classes are separated, and bounds them.
namespace expertmix {

namespace detail {

/// The gate direction (columns x experts, zero for the reference) that carries almost no information, if there is one:
/// along it the gate's columns separate experts from each other.
inline mat FitJob::separation() const {
  if (jumps()) return {};
  const double unit = mixture_.gate->unit();
  if (layout().gate_predictors == 0 || layout().columns.gate.size() < 2) return {};
  vec values;
  mat vectors;
  if (!arma::eig_sym(values, vectors, finished_[0].state.metric.block[0]) || values(0) * unit * unit > 1e-4) return {};
  vec direction(layout().parameters, arma::fill::zeros);
  direction.head(vectors.n_rows) = vectors.col(0);
  mat out;
  for (const GateGroup& group : layout().gate_groups) out = arma::join_cols(out, layout().gather(group, direction));
  return out;
}

/// Categorical experts whose coefficients have a direction that carries almost no information: along it the columns
/// separate classes from each other among the expert's rows.
inline std::vector<uword> FitJob::separated_experts() const {
  std::vector<uword> out;
  for (uword k = 0; k < layout().experts && layout().outcomes > 1; ++k)
    if (!uninformed(layout(), finished_[0].state.metric, k).empty()) out.push_back(k);
  return out;
}

/// Where the gate or an expert is separated: the maximum with bounded coefficients, from the same point tamed.
inline void FitJob::bound_separated() {
  separation_ = separation();
  const std::vector<uword> experts = separated_experts();
  if (separation_.empty() && experts.empty()) return;
  Finished& best = finished_[0];
  vec from = best.state.point;
  if (!separation_.empty()) {
    const double unit = mixture_.gate->unit();
    best.objective.bound = 1e-6 / (unit * unit);
    const arma::span gate(0, layout().gate_parameters() - 1);
    from(gate) *= std::min(1.0, 10.0 * unit / arma::abs(from(gate)).max());
    for (uword i : layout().log_temperature()) from(i) = best.state.point(i);
  }
  if (!experts.empty()) best.objective.class_bound = 1e-6;
  for (uword k : experts) {
    const mat directions = uninformed(layout(), best.state.metric, k);
    for (uword c : separated_outcomes(layout(), directions))
      if (best.state.at.mass(k) >= 1.0) record_.separated_classes.push_back({k, c});
    const arma::span own = class_span(layout(), k);
    from(own) = tamed(vec(from(own)), directions);
  }
  ClimbSettings settings;
  if (jumps()) settings.held = full_->deciding();
  best.state = climb(from, best.objective, settings, jumps() ? full_->fold() : fold_);
  best.log_likelihood = best.state.at.log_likelihood - best.objective.value(layout(), best.state.point);
}

}  // namespace detail

}  // namespace expertmix
