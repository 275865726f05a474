#pragma once

#include <algorithm>
#include <atomic>
#include <vector>

#include "../base/parallel.hpp"
#include "../solver/climb.hpp"
#include "../solver/run.hpp"
#include "../source/fold.hpp"
#include "../source/sample.hpp"
#include "moves.hpp"
#include "proposals.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A point that a run reached, with the objective and the experts' masses there, and how many runs ended beside it.
struct Candidate {
  vec point;
  double value = -arma::datum::inf;
  vec mass;
  uword runs = 1;

  /// The same place up to the experts' names, as far as value and masses tell.
  bool beside(const Candidate& other, double weight) const {
    return std::abs(value - other.value) < 0.05 &&
           arma::all(arma::abs(arma::sort(mass) - arma::sort(other.mass)) < 0.01 * weight);
  }
};

/// Where a run with given responsibilities starts: zero, but for the slopes of an activation, of which only random ones
/// tell the experts apart.
inline vec blank_point(const Layout& layout, Random& random) {
  vec point(layout.parameters, arma::fill::zeros);
  for (std::size_t p = 0; p < layout.gate_predictors; ++p)
    if (layout.predictors[p].design == Design::gate_slopes)
      for (uword j = 0; j < layout.size(p); ++j) point(layout.offset[p] + j) = 0.3 * random.normal();
  return point;
}

/// Candidates best first, those beside a better one counted with it.
inline std::vector<Candidate> distinct(std::vector<Candidate> all, double weight) {
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.value > b.value; });
  std::vector<Candidate> kept;
  for (Candidate& candidate : all) {
    if (candidate.point.empty()) continue;
    const auto same =
        std::find_if(kept.begin(), kept.end(), [&](const Candidate& k) { return candidate.beside(k, weight); });
    if (same != kept.end())
      ++same->runs;
    else
      kept.push_back(std::move(candidate));
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
  std::vector<Candidate> short_runs(uword starts) {
    std::vector<Candidate> found(starts);
    for_each_item(starts, context_, [&](std::size_t start, const Worker& worker) {
      if (start > 0 && context_.deadline.passed()) return;
      found[start] = short_run(start, inner_context(worker));
      if (worker.number == 0)
        context_.report({"starts", static_cast<double>(start + 1), static_cast<double>(starts), found[start].value});
    });
    return distinct(std::move(found), weight_);
  }

  /// The different end points of short runs from split-and-merge moves of a point, best first.
  std::vector<Candidate> moved_runs(const vec& point, std::size_t most, uword round) {
    const Request request{point, {true, true, false}, {}};
    Fold fold(source_, mixture_, layout_, context_);
    const Statistics at = fold(request)[0];
    const auto moves = split_merge_moves(layout_, point, at, most);
    std::vector<Candidate> found(moves.size());
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

  Candidate short_run(uword start, const Context& context) {
    Random random(seed_, start + 1);
    const Proposal how = proposal_of(start);
    const mat responsibilities = propose(how, sample_.design, features_, layout_.columns, layout_.experts, random);
    const Memory source = sample_.source(&responsibilities);
    ClimbSettings settings;
    settings.given = 1;
    settings.annealed = how == Proposal::random ? 10 : 0;
    return climb(blank_point(layout_, random), source, settings, context);
  }

  Candidate climb(const vec& from, const Source& source, ClimbSettings settings, const Context& context) {
    settings.warm = (costly_ ? 3 : 20) + settings.annealed;
    settings.iterations = (costly_ ? 30 : 20) + settings.annealed;
    settings.certify = false;
    Fold fold(source, mixture_, layout_, context);
    Climb climb(mixture_, layout_, objective_, settings);
    climb.start(from);
    run(
        climb, [&fold](const Request& request) { return fold(request); }, context_.deadline);
    if (climb.state.point.empty()) return {};
    passes_ += climb.state.passes;
    return {climb.state.point, climb.state.at.log_likelihood, climb.state.at.mass, 1};
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
