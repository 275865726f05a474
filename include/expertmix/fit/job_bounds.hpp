#pragma once

#include "job.hpp"

/// How a fit finds out that gates are separated or that experts run away, and bounds them.
namespace expertmix {
inline namespace EXPERTMIX_ABI {

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

/// Where an expert runs away, goes on to the maximum with bounded coefficients, which are let go again if it turns out
/// there that none does, and bounded for good if one does at the maximum after that.
inline void FitJob::bound_experts(Finished& out, ClimbSettings settings, Fold& fold) {
  const auto away = [&] { return out.found() && runs_away(mixture_, layout(), out.state.metric); };
  settings.warm = 1;
  settings.given = 0;
  settings.bounds_experts = false;
  for (double bound : {this->bound(), 0.0, this->bound()}) {
    if (away() == (bound == 0.0)) return;
    out.objective.expert_bound = bound;
    out.state = climb(vec(out.state.point), out.objective, settings, fold);
  }
}

inline void FitJob::name_runaways() {
  const ClimbState& best = finished_[0].state;
  for (uword k = 0; k < layout().experts && mixture_.family->runs_away(); ++k) {
    const mat directions = uninformed(layout(), best.metric, k);
    if (directions.empty() || best.at.mass(k) < 1.0) continue;
    for (uword c : runaway_outcomes(layout(), directions)) record_.runaways.push_back({k, c});
  }
}

/// The maximum with a bounded gate, from a point whose gate is at most `steep` units steep. A temperature at its bound
/// stays there.
inline Finished FitJob::bounded(const Finished& from, double steep) {
  const double unit = mixture_.gate->unit();
  const arma::span gate(0, layout().gate_parameters() - 1);
  Finished out = from;
  vec tamed = from.state.point;
  tamed(gate) *= std::min(1.0, steep * unit / arma::abs(tamed(gate)).max());
  for (uword i : layout().gate_scalars()) tamed(i) = from.state.point(i);
  out.objective.bound = bound() / (unit * unit);
  ClimbSettings settings;
  if (from.drifted) settings.held = uvec(layout().gate_scalars());
  climb_soundly(out, tamed, settings, all_.fold);
  return ranked(std::move(out), all_);
}

/// Where the gate is separated: the maximum with bounded coefficients, from the same point tamed, less and less until
/// nothing is lost. A temperature at its bound makes every gate hard: that is no separation to speak of.
inline void FitJob::bound_separated() {
  if (jumps()) {
    ClimbSettings settings;
    settings.held = full_->deciding();
    bound_experts(finished_[0], settings, full_->fold());
    finished_[0] = ranked(std::move(finished_[0]), all_);
  }
  name_runaways();
  const mat direction = separation();
  if (direction.empty() || late()) return;
  Finished best;
  for (double steep : {10.0, 40.0, 160.0}) {
    Finished now = bounded(finished_[0], steep);
    if (now.found() && (!best.found() || now.better_than(best))) best = std::move(now);
    if (late() || (best.faults() <= finished_[0].faults() && best.rank > finished_[0].rank - 0.1)) break;
  }
  if (!best.found()) return;
  finished_[0] = std::move(best);
  if (!finished_[0].drifted) separation_ = direction;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
