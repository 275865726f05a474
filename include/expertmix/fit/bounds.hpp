#pragma once

#include "../solver/separation.hpp"
#include "ascents.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// The gate direction (columns x experts, zero for the reference) that carries almost no information at a finished
/// climb, if there is one: along it the gate's columns separate experts from each other.
inline mat gate_separation(const Ascents& ascents, const Finished& at) {
  const Layout& layout = ascents.layout();
  const double unit = ascents.mixture().gate->unit();
  if (layout.gate_predictors == 0 || layout.columns.gate.size() < 2) return {};
  vec values;
  mat vectors;
  if (!arma::eig_sym(values, vectors, at.metric.block[0])) return {};
  if (values(0) * unit * unit > least_information) return {};
  vec direction(layout.parameters, arma::fill::zeros);
  direction.head(vectors.n_rows) = vectors.col(0);
  mat out;
  for (const GateGroup& group : layout.gate_groups) out = arma::join_cols(out, layout.gather(group, direction));
  return out;
}

/// The outcomes of experts that run away at a finished climb.
inline std::vector<Runaway> runaways(const Ascents& ascents, const Finished& at) {
  std::vector<Runaway> out;
  if (!ascents.mixture().family->runs_away()) return out;
  for (uword k = 0; k < ascents.layout().experts; ++k) {
    const mat directions = uninformed(ascents.layout(), at.metric, k);
    if (directions.empty() || at.mass(k) < 1.0) continue;
    for (uword c : runaway_outcomes(ascents.layout(), directions)) out.push_back({k, c});
  }
  return out;
}

/// The maximum with a bounded gate, from a point whose gate is at most `steep` units steep. A scalar at its bound stays
/// there.
inline Finished with_bounded_gate(Ascents& ascents, const Finished& from, double steep, Ground& ground) {
  const Layout& layout = ascents.layout();
  const double unit = ascents.mixture().gate->unit();
  const arma::span gate(0, layout.gate_parameters() - 1);
  Finished out = from;
  vec tamed = from.point;
  tamed(gate) *= std::min(1.0, steep * unit / arma::abs(tamed(gate)).max());
  for (uword i : layout.gate_scalars()) tamed(i) = from.point(i);
  out.objective.bound = ascents.bound() / (unit * unit);
  SmoothSettings settings;
  if (from.drifted) settings.held = uvec(layout.gate_scalars());
  ascents.climb_soundly(out, tamed, settings, ground.fold);
  return ascents.ranked(std::move(out), ground);
}

/// Of a separated gate: the maximum with bounded coefficients, from the same point tamed, less and less until nothing
/// is lost. Nothing if none is found in time.
inline Finished bounded_gate(Ascents& ascents, const Finished& from, Ground& ground) {
  constexpr double negligible = 0.1;
  Finished best;
  for (double steep : {10.0, 40.0, 160.0}) {
    Finished now = with_bounded_gate(ascents, from, steep, ground);
    if (now.found() && (!best.found() || now.better_than(best))) best = std::move(now);
    if (ascents.late() || (best.faults() <= from.faults() && best.rank > from.rank - negligible)) break;
  }
  return best;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
