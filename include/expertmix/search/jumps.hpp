#pragma once

#include <functional>
#include <utility>

#include "../solver/run.hpp"
#include "../source/fold.hpp"
#include "explore.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// How long climbs and explorations take turns: at most so many rounds, and so many in a row that gain nothing.
struct Rounds {
  uword most, patience;
};

/// From a place that a dense gate found to a maximum of the likelihood of a top-K gate, which jumps where active sets
/// change: climbs with the active sets as they are, and explorations of what decides these, in turn.
class JumpSearch {
 public:
  JumpSearch(const Mixture& mixture, const Mixture& dense, const Layout& layout, const Source& source,
             const Context& context)
      : mixture_(mixture),
        layout_(layout),
        fold_(source, mixture, layout, context),
        dense_fold_(source, dense, layout, context),
        deciding_(deciding_parameters(mixture, layout)),
        smooth_(!mixture.gate->hard(mixture.experts)),
        context_(context) {}

  /// The parameters that decide the active sets.
  static uvec deciding_parameters(const Mixture& mixture, const Layout& layout) {
    std::vector<uword> list;
    for (std::size_t p : mixture.gate->deciding(mixture.experts))
      for (uword j = 0; j < layout.size(p); ++j) list.push_back(layout.offset[p] + j);
    std::sort(list.begin(), list.end());
    return uvec(list);
  }

  /// The intercepts that a top-K gate does without: of one active expert that is selected by slopes.
  static uvec idle_intercepts(const Mixture& mixture, const Layout& layout) {
    std::vector<uword> list;
    if (!mixture.gate->hard(mixture.experts) || mixture.gate->selects_by_score()) return uvec(list);
    for (std::size_t p = 0; p < layout.gate_predictors; ++p)
      if (layout.predictors[p].design == Design::constant && layout.predictors[p].expert < layout.experts)
        list.push_back(layout.offset[p]);
    return uvec(list);
  }

  const uvec& deciding() const { return deciding_; }

  Fold& fold() { return fold_; }

  /// Explorations' passes since the last time.
  uword take_passes() { return std::exchange(passes_, 0); }

  /// Climbs and explores in turn. `climb(point, held, fold)` goes on from a point; the last climb holds what decides
  /// the active sets.
  template <class ClimbOnce>
  AscentState operator()(const vec& from, ExploreSettings settings, Rounds rounds, std::uint64_t seed,
                         std::uint64_t item, ClimbOnce climb) {
    settings.steepest *= mixture_.gate->unit();
    settings.bounds = layout_.bounds;
    const vec start = at_most(settings.steepest, from);
    const double first_step = settings.step;
    AscentState best = climb(start, true, fold_);
    if (best.point.empty()) best = climb(nudged(start, Random(seed, item)), true, fold_);
    uword failed = 0;
    const auto over = [&] { return failed == rounds.patience || best.point.empty() || late(); };
    for (std::uint64_t round = 0; round < rounds.most && !over(); ++round) {
      const vec point = explore(best, settings, seed, (item << 8) + round);
      AscentState state = climb(smooth_ ? climb(point, false, fold_).point : point, true, fold_);
      const bool gained = !state.point.empty() && state.value >= best.value + least_gain;
      failed = gained ? 0 : failed + 1;
      settings.step =
          gained ? std::max(smallest_first_step, 0.5 * settings.step) : first_step * std::pow(3.0, failed - 1);
      if (!state.point.empty() && state.value > best.value) best = std::move(state);
    }
    return best;
  }

 private:
  /// A round that gains less gains nothing; and the first step of an exploration after one that gained.
  static constexpr double least_gain = 0.01, smallest_first_step = 0.05;

  bool late() const { return context_.deadline.passed(); }

  /// A point with the gate's coefficients scaled down to some size.
  vec at_most(double size, const vec& from) const {
    const arma::span gate(0, layout_.gate_parameters() - 1);
    vec point = from;
    point(gate) *= std::min(1.0, size / arma::abs(from(gate)).max());
    for (uword i : layout_.gate_scalars()) point(i) = from(i);
    return point;
  }

  /// A point whose active sets are not on the edge, as they are where two experts have the same slopes.
  vec nudged(vec point, Random random) const {
    const double size = 1e-6 * arma::abs(vec(point.elem(deciding_))).max();
    for (uword i : deciding_) point(i) += size * random.normal();
    return point;
  }

  /// Where the gate is steep its information in the dense gate's metric vanishes: it is taken at most ten units steep,
  /// and with a little more along directions that tell nothing.
  vec explore(const AscentState& from, const ExploreSettings& settings, std::uint64_t seed, std::uint64_t item) {
    const uvec gate = smooth_ ? uvec(arma::regspace<uvec>(0, layout_.gate_parameters() - 1)) : deciding_;
    const double tame = smooth_ ? 1.0 : std::min(1.0, 10.0 / arma::abs(vec(from.point.elem(deciding_))).max());
    vec tamed = from.point;
    tamed.elem(gate) *= tame;
    const Information information = dense_fold_({tamed, {true, true, false}, {}})[0].em;
    mat metric = tame * tame * information.block[0].submat(gate, gate);
    metric.diag() += 1e-4;
    Exploration exploration(settings, gate, metric, Random(seed, item));
    exploration.start(from.point, fold_({from.point, {}, {}})[0].log_likelihood);
    while (!exploration.finished() && !late()) {
      exploration.tell(fold_(exploration.ask()));
      passes_ += settings.points;
      context_.report({Stage::exploration, static_cast<double>(exploration.state.generation),
                       static_cast<double>(exploration.most_generations()), exploration.state.value});
    }
    return exploration.state.best;
  }

  const Mixture& mixture_;
  const Layout& layout_;
  Fold fold_, dense_fold_;
  uvec deciding_;
  bool smooth_;  ///< the likelihood varies with the gate between jumps, too
  const Context& context_;
  uword passes_ = 0;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
