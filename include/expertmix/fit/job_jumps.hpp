#pragma once

#include "job.hpp"

/// How a fit gets from dense gates to top-K gates.
namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// An exploration on the sample only ranks the places, so it ends at a larger step, and after fewer rounds of jumps and
/// climbs. On all rows it begins anew after rounds that gain nothing, which often was chance.
constexpr double rough_smallest_step = 0.05;
constexpr Rounds rough_rounds = {2, 1}, full_rounds = {20, 5};

/// Steps of a climb between two explorations: the active sets change after it anyway.
constexpr uword steps_between = 10;

/// Random streams of jumps on all rows begin here, above those on the sample.
constexpr std::uint64_t first_full_item = 100;

/// A place that is so much lower than the best on the sample, in log-likelihood, is not tried on all rows.
constexpr double out_of_reach = 10.0;

/// From a dense gate's maximum to one of the top-K gate's; with the variance guard where an expert collapses.
inline Finished FitJob::jump(const vec& from, uword runs, std::uint64_t item, JumpSearch& search, Ground& ground,
                             bool rough) {
  Finished out;
  out.runs = runs;
  out.objective = ascents_.plain();
  ExploreSettings explore;
  if (rough) explore.smallest_step = rough_smallest_step;
  const auto once = [&](const vec& point, bool held, Fold& fold) {
    SmoothSettings settings = resumed();
    settings.iterations = held ? options_.iterations : steps_between;
    settings.certify = held;
    if (held) settings.held = search.deciding();
    if (!out.guarded) settings.smallest_log_scale = ascents_.smallest_log_scale();
    return ascents_.climb(point, out.objective, settings, fold);
  };
  const Rounds rounds = rough ? rough_rounds : full_rounds;
  const auto run = [&] { out.end_at(search(from, explore, rounds, options_.seed, item, once)); };
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

/// A point with its experts named so that the top-K likelihood is highest: rows whose keys are all equal go to the
/// first, and each expert may be that.
inline vec named_for_ties(const vec& point, const Layout& layout, Fold& fold) {
  Request request;
  request.parameters.set_size(point.n_elem, layout.experts);
  for (uword k = 0; k < layout.experts; ++k) {
    uvec order = arma::regspace<uvec>(0, layout.experts - 1);
    std::swap(order(0), order(k));
    request.parameters.col(k) = relabelling(layout, order) * point;
  }
  const std::vector<Statistics> at = fold(request);
  const auto lower = [](const Statistics& a, const Statistics& b) { return a.log_likelihood < b.log_likelihood; };
  return request.parameters.col(static_cast<uword>(std::max_element(at.begin(), at.end(), lower) - at.begin()));
}

/// The dense gates' maxima one after the other, on the sample; then the best two on all rows.
inline void FitJob::descend(Ground& sampled, const Context& telling) {
  const std::vector<Finished> dense = finalists_.take();
  JumpSearch rough(mixture_, dense_, layout(), sampled.source, telling);
  for (std::size_t i = 0; i < dense.size() && (i == 0 || !late()); ++i)
    finalists_.consider(
        jump(named_for_ties(dense[i].point, layout(), rough.fold()), dense[i].runs, i, rough, sampled, true));
  const std::vector<Finished> found = finalists_.take();
  for (std::size_t i = 0; i < std::min<std::size_t>(places_on_all_rows, found.size()); ++i)
    if (i == 0 || (found[i].rank > found[0].rank - out_of_reach && !late()))
      finalists_.consider(jump(found[i].point, found[i].runs, first_full_item + i, *full_, all_));
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
