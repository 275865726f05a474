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

/// Where classes are separated, goes on to the maximum with bounded coefficients, which are let go again if it turns
/// out there that they are not, and bounded for good if they are at the maximum after that.
inline void FitJob::bound_classes(Finished& out, ClimbSettings settings, Fold& fold) {
  const auto separated = [&] { return out.found() && separates_classes(layout(), out.state.metric); };
  settings.warm = 1, settings.given = settings.bounds_classes = false;
  for (double bound : {1e-6, 0.0, 1e-6}) {
    if (separated() == (bound == 0.0)) return;
    out.objective.class_bound = bound;
    out.state = climb(vec(out.state.point), out.objective, settings, fold);
  }
}

inline void FitJob::name_separated_classes() {
  const ClimbState& best = finished_[0].state;
  for (uword k = 0; k < layout().experts && layout().outcomes > 1; ++k) {
    const mat directions = uninformed(layout(), best.metric, k);
    if (directions.empty() || best.at.mass(k) < 1.0) continue;
    for (uword c : separated_outcomes(layout(), directions)) record_.separated_classes.push_back({k, c});
  }
}

/// Where the gate is separated: the maximum with bounded coefficients, from the same point tamed.
inline void FitJob::bound_separated() {
  Finished& best = finished_[0];
  ClimbSettings settings;
  if (jumps()) {
    settings.held = full_->deciding();
    bound_classes(best, settings, full_->fold());
    best = ranked(std::move(best));
  }
  name_separated_classes();
  separation_ = separation();
  if (separation_.empty()) return;
  const double unit = mixture_.gate->unit();
  vec from = best.state.point;
  best.objective.bound = 1e-6 / (unit * unit);
  const arma::span gate(0, layout().gate_parameters() - 1);
  from(gate) *= std::min(1.0, 10.0 * unit / arma::abs(from(gate)).max());
  for (uword i : layout().log_temperature()) from(i) = best.state.point(i);
  best.state = climb(from, best.objective, settings, jumps() ? full_->fold() : fold_);
  best.log_likelihood = best.state.at.log_likelihood - best.objective.value(layout(), best.state.point);
}

}  // namespace detail

}  // namespace expertmix
