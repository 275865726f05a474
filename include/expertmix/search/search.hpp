#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <vector>

#include "../base/parallel.hpp"
#include "../solver/climb.hpp"
#include "../solver/relabel.hpp"
#include "../source/fold.hpp"
#include "../source/sample.hpp"
#include "hops.hpp"
#include "optima.hpp"
#include "proposals.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Where a run with given responsibilities starts: zero, but for the slopes of an activation, of which only random ones
/// tell the experts apart.
inline vec blank_point(const Layout& layout, Random& random) {
  vec point(layout.parameters, arma::fill::zeros);
  for (std::size_t p = 0; p < layout.gate_predictors; ++p)
    if (layout.predictors[p].design == Design::gate_slopes)
      for (uword j = 0; j < layout.size(p); ++j) point(layout.offset[p] + j) = 0.3 * random.normal();
  return point;
}

/// What a search may cost: independent starts, hops in a row that lead no higher, and hops in all.
struct Effort {
  uword starts, patience, hops;
};

/// The search for the best optimum, on a sample of rows: whole climbs from independent guesses, then hops from the best
/// optima until so many in a row lead no higher. What it climbs is not the likelihood but objectives that steer it
/// clear of spikes and of gates that harden early, one after the other, each closer to the likelihood: the optima of
/// one are where the next begins. Every start and hop has its own random stream.
class Search {
 public:
  /// Whether an end that was not seen before is a spike.
  using Judge = std::function<bool(const EndPoint&)>;

  /// `held` parameters stay at zero, and all within a set whose ties may name experts.
  Search(const Mixture& mixture, const Layout& layout, const Sample& sample, std::vector<Objective> stages, uvec held,
         ParameterSet set, std::uint64_t seed, Judge spiked, const Context& context)
      : mixture_(mixture),
        layout_(layout),
        sample_(sample),
        response_(mixture.family->features_less(sample.offset, sample.response)),
        features_(sample.design, response_, layout.columns),
        source_(sample.source()),
        stages_(std::move(stages)),
        objective_(stages_.front()),
        held_(std::move(held)),
        set_(std::move(set)),
        spiked_(std::move(spiked)),
        costly_(newton_is_costly(layout, arma::accu(sample.weight))),
        seed_(seed),
        context_(context),
        optima_(arma::accu(sample.weight)) {}

  void run(const Effort& effort) {
    start(effort.starts);
    for (std::size_t stage = 0; stage < stages_.size() && !optima_.empty(); ++stage) {
      if (stage > 0) settle(stages_[stage]);
      if (layout_.experts > 1) hop(effort);
    }
  }

  const Optima& optima() const { return optima_; }
  uword starts() const { return starts_; }
  uword hops() const { return hops_; }
  uword passes() const { return passes_; }

 private:
  /// Hops are made so many at a time from the optima that there are: a number of its own, so that what is found does
  /// not depend on how many threads there are.
  static constexpr uword hops_at_a_time = 8;

  /// Hops leave from the best optimum half of the time, else from one of the five best.
  static constexpr uword best_few = 5;

  /// EM steps from responsibilities that are guessed, and from a point, or where Newton's steps cost much; and where a
  /// climb ends, since what is good is finished elsewhere.
  static constexpr uword warm_from_guess = 10, warm_from_point = 3, most_steps = 200;
  static constexpr double near_enough = 1e-6;

  /// Random streams of hops begin here.
  static constexpr std::uint64_t first_hop = std::uint64_t{1} << 32;

  bool late() const { return context_.deadline.passed(); }
  Context inner_context(const Worker& worker) const;

  void start(uword starts);
  void settle(const Objective& objective);
  void hop(const Effort& effort);
  std::vector<EndPoint> some_hops();
  EndPoint one_hop(const vec& point, Random& random, const Context& context);
  EndPoint by_way_of(const Source& source, const Objective& objective, const vec& from, const Context& context);
  EndPoint from_responsibilities(const mat& r, Random& random, const Context& context);
  EndPoint climb(const vec& from, const Source& source, const Objective& objective, SmoothSettings settings,
                 const Context& context);
  std::size_t see(const EndPoint& end);

  const Mixture& mixture_;
  const Layout& layout_;
  const Sample& sample_;
  mat response_;
  Features features_;
  Memory source_;
  std::vector<Objective> stages_;
  Objective objective_;  ///< of the present stage
  uvec held_;
  ParameterSet set_;
  Judge spiked_;
  bool costly_;  ///< so many parameters that climbs are mostly L-BFGS
  std::uint64_t seed_;
  const Context& context_;
  Optima optima_;
  uword starts_ = 0, hops_ = 0;
  std::atomic<uword> passes_{0};
};

inline Context Search::inner_context(const Worker& worker) const {
  Context inner;
  inner.stop = [&worker] { return worker.stopped(); };
  inner.deadline = context_.deadline;
  return inner;
}

/// The place of an end among the optima; one that is new is judged.
inline std::size_t Search::see(const EndPoint& end) {
  const std::size_t seen = optima_.list().size(), place = optima_.place(end);
  if (place == seen) optima_[place].spiked = spiked_(end);
  return place;
}

/// Whole climbs from independent guesses; at least one, even when time is up.
inline void Search::start(uword starts) {
  std::vector<EndPoint> found(starts);
  for_each_item(starts, context_, [&](std::size_t i, const Worker& worker) {
    if (i > 0 && late()) return;
    Random random(seed_, i + 1);
    const mat r = propose(proposal_of(i), features_, layout_.experts, random);
    found[i] = from_responsibilities(r, random, inner_context(worker));
    if (worker.number == 0)
      context_.report({Stage::starts, static_cast<double>(i + 1), static_cast<double>(starts), found[i].value});
  });
  for (EndPoint& end : found) {
    if (!end.found()) continue;
    const bool whole = end.converged || !late();
    const std::size_t place = see(end);
    starts_ += whole;
    optima_[place].starts += whole;
  }
}

/// From the optima that there are to those of another objective.
inline void Search::settle(const Objective& objective) {
  const Optima before = std::exchange(optima_, Optima(arma::accu(sample_.weight)));
  objective_ = objective;
  std::vector<EndPoint> found(before.list().size());
  for_each_item(found.size(), context_, [&](std::size_t i, const Worker& worker) {
    found[i] = climb(before.list()[i].point, source_, objective_, {}, inner_context(worker));
  });
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i].found()) continue;
    Optimum& now = optima_[see(found[i])];
    now.starts += before.list()[i].starts;
    now.hops += before.list()[i].hops;
  }
}

/// Hops until so many in a row lead no higher.
inline void Search::hop(const Effort& effort) {
  const uword most = hops_ + effort.hops;
  uword failed = 0;
  while (failed < effort.patience && hops_ < most && !late()) {
    for (EndPoint& end : some_hops()) {
      ++hops_;
      ++failed;
      if (!end.found()) continue;
      const EndPoint before = optima_.best();
      ++optima_[see(end)].hops;
      if (optima_.best().better_than(before)) failed = 0;
    }
    context_.report(
        {Stage::hops, static_cast<double>(failed), static_cast<double>(effort.patience), optima_.best().value});
  }
}

inline std::vector<EndPoint> Search::some_hops() {
  const std::vector<std::size_t> order = optima_.order();
  std::vector<EndPoint> found(hops_at_a_time);
  for_each_item(found.size(), context_, [&](std::size_t i, const Worker& worker) {
    if (late()) return;
    Random random(seed_, first_hop + hops_ + i);
    const uword few = std::min<uword>(best_few, order.size());
    const Optimum& from = optima_.list()[order[random.uniform() < 0.5 ? 0 : random.index(few)]];
    found[i] = one_hop(from.point, random, inner_context(worker));
  });
  return found;
}

/// A hop of a random kind from a point; where ties name experts, another expert may be meant. Reheated, the gate's
/// prior is 3 to 1000 times what it is.
inline EndPoint Search::one_hop(const vec& point, Random& random, const Context& context) {
  if (set_.tied && random.uniform() < share_renamed) {
    const vec renamed = relabelling(layout_, random_names(layout_.experts, random)) * point;
    return climb(renamed, source_, objective_, {}, context);
  }
  const Hop how = hop_kind(objective_.bound > 0.0, random);
  if (how == Hop::reweigh)
    return by_way_of(sample_.reweighed(random_weights(sample_.weight, random)), objective_, point, context);
  if (how == Hop::reheat) {
    Objective hot = objective_;
    hot.bound *= std::pow(10.0, 0.5 + 2.5 * random.uniform());
    return by_way_of(source_, hot, point, context);
  }
  const mat r = responsibilities(source_, mixture_, layout_, point, sample_.design.n_rows);
  ++passes_;
  return from_responsibilities(detail::hop(how, features_, r, random), random, context);
}

/// To an optimum by way of that of other rows or another objective.
inline EndPoint Search::by_way_of(const Source& source, const Objective& objective, const vec& from,
                                  const Context& context) {
  const EndPoint other = climb(from, source, objective, {}, context);
  return other.found() ? climb(other.point, source_, objective_, {}, context) : other;
}

inline EndPoint Search::from_responsibilities(const mat& r, Random& random, const Context& context) {
  SmoothSettings settings;
  settings.given = 1;
  const Memory source = sample_.source(&r);
  return climb(blank_point(layout_, random), source, objective_, settings, context);
}

inline EndPoint Search::climb(const vec& from, const Source& source, const Objective& objective,
                              SmoothSettings settings, const Context& context) {
  settings.warm = settings.given > 0 && !costly_ ? warm_from_guess : warm_from_point;
  settings.iterations = most_steps;
  settings.tolerance = near_enough;
  settings.certify = !costly_;
  settings.held = held_;
  Fold fold(source, mixture_, layout_, context);
  const AscentState end =
      climb_within(set_, mixture_, layout_, objective, settings, from, std::ref(fold), context.deadline);
  passes_ += end.passes;
  EndPoint out(end);
  out.rank = out.value;
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
