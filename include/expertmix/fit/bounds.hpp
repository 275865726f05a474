#pragma once

#include "../solver/separation.hpp"
#include "ascents.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Settings of a climb from where another run ended: it is near an end, and few EM steps show where Newton's lead.
inline SmoothSettings resumed() {
  SmoothSettings settings;
  settings.warm = 3;
  return settings;
}

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
  // where an activation folds, the EM information is zero and the likelihood still curved
  const Information& observed = at.at.observed;
  if (!observed.empty() && arma::dot(direction, observed.block[0] * direction) * unit * unit > least_information)
    return {};
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
    if (directions.empty() || at.mass(k) < least_held) continue;
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
  out.objective.bound = ascents.in_gate_unit(ascents.bound());
  SmoothSettings settings;
  if (from.drifted) settings.held = uvec(layout.gate_scalars());
  ascents.climb_soundly(out, tamed, settings, ground.fold);
  return ascents.ranked(std::move(out), ground);
}

/// The maximum with a bounded gate that the maxima lead to while what steered the search is weakened step by step.
/// Nothing if the way breaks off.
inline Finished released(Ascents& ascents, const Finished& from, Ground& ground) {
  Finished out = from;
  out.objective.bound = ascents.in_gate_unit(ascents.bound());
  vec point = from.steered;
  const Objective last = ascents.stages(from.at.weight).back();
  for (Objective weak = last.weakened(); weak.bound > out.objective.bound; weak = weak.weakened()) {
    point = ascents.climb(point, weak, resumed(), ground.fold).point;
    if (point.empty()) return {};
  }
  ascents.climb_soundly(out, point, resumed(), ground.fold);
  return ascents.ranked(std::move(out), ground);
}

/// Of a separated gate: the maximum with bounded coefficients, from where a search came; where that loses something,
/// from the same point tamed, less and less until nothing is lost. Nothing if none is found in time.
inline Finished bounded_gate(Ascents& ascents, const Finished& from, Ground& ground) {
  constexpr double negligible = 1e-3;
  Finished best;
  if (!from.steered.empty()) best = released(ascents, from, ground);
  for (double steep : {10.0, 40.0, 160.0, arma::datum::inf}) {
    if (best.found() && best.faults() <= from.faults() && best.rank > from.rank - negligible) break;
    if (best.found() && ascents.late()) break;
    Finished now = with_bounded_gate(ascents, from, steep, ground);
    if (now.found() && (!best.found() || now.better_than(best))) best = std::move(now);
  }
  return best;
}

/// The same end with a bounded gate where that is separated, if one is found in time. A temperature at its bound makes
/// every gate hard: that is no separation to speak of.
inline Finished with_sound_gate(Ascents& ascents, Finished end, Ground& ground) {
  if (ascents.bounded() || ascents.late()) return end;
  const mat direction = gate_separation(ascents, end);
  if (direction.empty()) return end;
  Finished bounded = bounded_gate(ascents, end, ground);
  if (!bounded.found()) return end;
  if (!bounded.drifted) bounded.separation = direction;
  return bounded;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
