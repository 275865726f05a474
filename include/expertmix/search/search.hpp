#pragma once

#include <algorithm>
#include <atomic>
#include <vector>

#include "../base/parallel.hpp"
#include "../solver/end_point.hpp"
#include "../solver/run.hpp"
#include "../solver/smooth_rule.hpp"
#include "../source/fold.hpp"
#include "../source/sample.hpp"
#include "moves.hpp"
#include "proposals.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Where a run with given responsibilities starts: zero, but for the slopes of an activation, of which only random ones
/// tell the experts apart.
inline vec blank_point(const Layout& layout, Random& random) {
  vec point(layout.parameters, arma::fill::zeros);
  for (std::size_t p = 0; p < layout.gate_predictors; ++p)
    if (layout.predictors[p].design == Design::gate_slopes)
      for (uword j = 0; j < layout.size(p); ++j) point(layout.offset[p] + j) = 0.3 * random.normal();
  return point;
}

/// EndPoints best first, those beside a better one counted with it.
inline std::vector<EndPoint> distinct(std::vector<EndPoint> all, double weight) {
  std::stable_sort(all.begin(), all.end(), [](const EndPoint& a, const EndPoint& b) { return a.value > b.value; });
  std::vector<EndPoint> kept;
  for (EndPoint& end : all) {
    if (!end.found()) continue;
    const auto same =
        std::find_if(kept.begin(), kept.end(), [&](const EndPoint& other) { return end.beside(other, weight); });
    if (same != kept.end())
      ++same->runs;
    else
      kept.push_back(std::move(end));
  }
  return kept;
}

/// The search for starting points: short runs on a sample of rows, each from its own proposal and random stream. They
/// are EM steps; where these cost much, a few, and L-BFGS steps after them.
class Search {
 public:
  Search(const Mixture& mixture, const Layout& layout, const Sample& sample, Objective objective, std::uint64_t seed,
         const Context& context)
      : mixture_(mixture),
        layout_(layout),
        sample_(sample),
        features_(mixture.family->features_less(sample.offset, sample.response)),
        source_(sample.source()),
        objective_(objective),
        weight_(arma::accu(sample.weight)),
        costly_(newton_is_costly(layout, weight_)),
        seed_(seed),
        context_(context) {}

  /// The different end points of `starts` short runs, best first.
  std::vector<EndPoint> short_runs(uword starts) {
    std::vector<EndPoint> found(starts);
    for_each_item(starts, context_, [&](std::size_t start, const Worker& worker) {
      if (start > 0 && context_.deadline.passed()) return;
      found[start] = short_run(start, inner_context(worker));
      if (worker.number == 0)
        context_.report({"starts", static_cast<double>(start + 1), static_cast<double>(starts), found[start].value});
    });
    return distinct(std::move(found), weight_);
  }

  /// The different end points of short runs from split-and-merge moves of a point, best first.
  std::vector<EndPoint> moved_runs(const vec& point, std::size_t most, uword round) {
    const Request request{point, {true, true, false}, {}};
    Fold fold(source_, mixture_, layout_, context_);
    const Statistics at = fold(request)[0];
    const auto moves = split_merge_moves(layout_, point, at, most);
    std::vector<EndPoint> found(moves.size());
    for_each_item(moves.size(), context_, [&](std::size_t i, const Worker& worker) {
      if (context_.deadline.passed()) return;
      Random random(seed_, (std::uint64_t{1} << 32) + round * most + i);
      found[i] = climb(apply(moves[i], layout_, point, at, random), source_, {}, inner_context(worker));
    });
    return distinct(std::move(found), weight_);
  }

  uword passes() const { return passes_; }

 private:
  Context inner_context(const Worker& worker) const {
    Context inner;
    inner.stop = [&worker] { return worker.stopped(); };
    return inner;
  }

  EndPoint short_run(uword start, const Context& context) {
    Random random(seed_, start + 1);
    const Proposal how = proposal_of(start);
    const mat responsibilities = propose(how, sample_.design, features_, layout_.columns, layout_.experts, random);
    const Memory source = sample_.source(&responsibilities);
    SmoothSettings settings;
    settings.given = 1;
    settings.annealed = how == Proposal::random ? 10 : 0;
    return climb(blank_point(layout_, random), source, settings, context);
  }

  EndPoint climb(const vec& from, const Source& source, SmoothSettings settings, const Context& context) {
    settings.warm = (costly_ ? 3 : 20) + settings.annealed;
    settings.iterations = (costly_ ? 30 : 20) + settings.annealed;
    settings.certify = false;
    Fold fold(source, mixture_, layout_, context);
    SmoothRule rule(mixture_, layout_, objective_, settings);
    const AscentState end = ascend(layout_, rule, settings, from, std::ref(fold), context_.deadline);
    passes_ += end.passes;
    return EndPoint(end);
  }

  const Mixture& mixture_;
  const Layout& layout_;
  const Sample& sample_;
  mat features_;  ///< of the response, for guesses
  Memory source_;
  Objective objective_;
  double weight_;
  bool costly_;  ///< so many parameters that short runs are mostly L-BFGS
  std::uint64_t seed_;
  const Context& context_;
  std::atomic<uword> passes_{0};
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
