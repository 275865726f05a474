#pragma once

#include "job.hpp"

/// How a fit gets from dense gates to top-K gates.
namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// From a dense gate's maximum to one of the top-K gate's; with the variance guard where an expert collapses.
inline Finished FitJob::jump(const vec& from, uword runs, std::uint64_t item, JumpSearch& search, Ground& ground,
                             bool rough) {
  Finished out;
  out.runs = runs;
  out.objective = ascents_.plain();
  ExploreSettings explore;
  if (rough) explore.smallest_step = 0.05;
  const auto once = [&](const vec& point, bool held, Fold& fold) {
    SmoothSettings settings;
    settings.warm = 3;
    settings.iterations = held ? options_.iterations : 10;
    settings.certify = held;
    if (held) settings.held = search.deciding();
    if (!out.guarded) settings.smallest_log_scale = ascents_.smallest_log_scale();
    return ascents_.climb(point, out.objective, settings, fold);
  };
  const auto run = [&] { out.end_at(search(from, explore, rough ? 2 : 10, options_.seed, item, once)); };
  run();
  if (options_.guard > 0.0 && out.found() && ascents_.collapsed(out)) {
    out.guarded = true;
    out.objective = ascents_.guarded();
    run();
  }
  if (out.converged) out.status = "converged, one-sided where active sets change";
  record_.passes += search.take_passes();
  return ascents_.ranked(std::move(out), ground);
}

/// The objective's derivatives at the best point, with nothing held.
inline void FitJob::release() {
  Finished& best = finalists_.best();
  best.at = full_->fold()({best.point, {true, true, true}, {}})[0];
  best.objective.add(layout(), best.point, best.at);
}

/// From a given start: coefficients as they are, or a dense gate's maximum.
inline void FitJob::descend_from(const vec& start) {
  finalists_.take();
  finalists_.consider(jump(start, 1, 0, *full_, all_));
}

/// The dense gates' maxima one after the other, on the sample; then the best two on all rows.
inline void FitJob::descend(Ground& sampled, const Context& telling) {
  const std::vector<Finished> dense = finalists_.take();
  JumpSearch rough(mixture_, dense_, layout(), sampled.source, telling);
  for (std::size_t i = 0; i < dense.size() && (i == 0 || !late()); ++i)
    finalists_.consider(jump(dense[i].point, dense[i].runs, i, rough, sampled, true));
  const std::vector<Finished> found = finalists_.take();
  for (std::size_t i = 0; i < std::min<std::size_t>(2, found.size()); ++i)
    if (i == 0 || (found[i].rank > found[0].rank - 10.0 && !late()))
      finalists_.consider(jump(found[i].point, found[i].runs, 100 + i, *full_, all_));
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
