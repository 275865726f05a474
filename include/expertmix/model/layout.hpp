#pragma once

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "../math/products.hpp"
#include "predictors.hpp"
#include "statistics.hpp"

namespace expertmix {

using PredictorPair = std::pair<std::size_t, std::size_t>;

/// One call of the product kernel: weight columns of some predictor pairs against column pairs of the design.
struct ProductSet {
  std::vector<PredictorPair> predictors;  ///< one weight column each
  std::vector<ColumnPair> columns;
  std::vector<ColumnPair> position;  ///< of those columns within the two predictors
  std::size_t first_weight = 0, first_sum = 0;
  bool half = false;  ///< both predictors own the same columns: column pairs j <= l only
};

/// All product sets of a score or of an information, and the weight column of every predictor pair.
struct ProductPlan {
  std::vector<ProductSet> sets;
  std::vector<std::size_t> slots;  ///< predictors x predictors
  std::size_t weights = 0, sums = 0;
};

/// The gate predictors of one kind, one an expert: of all K experts, or of all but expert 1, the reference.
struct GateGroup {
  std::size_t first = 0, count = 0;
  bool reference = false;
};

/// Predictors, the design columns they own, and where their coefficients stand among the parameters: the gate's first,
/// then the experts'; each expert by expert, then what all experts share.
class Layout {
 public:
  Layout() = default;
  /// Without `informed` there are no plans for information matrices, whose size is the square of the columns.
  Layout(uword experts, uword outcomes, Columns columns, std::vector<Predictor> gate, std::vector<Predictor> family,
         std::vector<PredictorPair> em_pairs, bool informed = true);

  uword experts = 0, outcomes = 1;
  Columns columns;
  std::vector<Predictor> predictors;
  std::size_t gate_predictors = 0;
  std::vector<GateGroup> gate_groups;
  std::vector<std::vector<uword>> owned;
  std::vector<uword> offset;
  uword parameters = 0;
  std::vector<PredictorPair> em_pairs;

  ProductPlan score, em, observed;
  std::vector<uword> em_first, em_size;  ///< diagonal blocks of the EM information

  uword size(std::size_t predictor) const { return owned[predictor].size(); }
  bool has(Unit unit) const {
    return std::any_of(predictors.begin(), predictors.end(), [unit](const Predictor& p) { return p.unit == unit; });
  }
  /// Where the gate's log-temperature stands among the parameters, if it is one.
  std::vector<uword> log_temperature() const {
    std::vector<uword> list;
    for (std::size_t p = 0; p < gate_predictors; ++p)
      if (predictors[p].expert == experts) list.push_back(offset[p]);
    return list;
  }
  /// Where the logarithms of standard deviations stand.
  std::vector<uword> log_sigmas() const {
    std::vector<uword> list;
    for (std::size_t p = gate_predictors; p < predictors.size(); ++p)
      if (predictors[p].unit == Unit::log_response) list.push_back(offset[p]);
    return list;
  }
  /// The smallest logarithm of a standard deviation at a point; infinite where there are none.
  double least_log_sigma(const vec& parameters) const {
    double least = arma::datum::inf;
    for (std::size_t p = gate_predictors; p < predictors.size(); ++p)
      if (predictors[p].unit == Unit::log_response) least = std::min(least, parameters(offset[p]));
    return least;
  }
  uword gate_parameters() const {
    uword sum = 0;
    for (std::size_t p = 0; p < gate_predictors; ++p) sum += size(p);
    return sum;
  }
  arma::span span(std::size_t predictor) const {
    return arma::span(offset[predictor], offset[predictor] + size(predictor) - 1);
  }

  /// The same predictors, each on columns of its own in another design.
  Layout owning(std::vector<std::vector<uword>> columns) const;

  /// The predictor that is to another expert what `predictor` is to its own.
  std::size_t counterpart(std::size_t predictor, uword expert) const;

  /// A group's coefficients, one column an expert, and back; the reference's are zero.
  mat gather(const GateGroup& group, const vec& parameters) const;
  void scatter(const GateGroup& group, const mat& coefficients, vec& parameters) const;

 private:
  void arrange(bool informed);
  void group();
  void place();
  void connect();
  void append(ProductPlan& plan, std::vector<PredictorPair> pairs, const std::vector<uword>& left,
              const std::vector<uword>& right) const;
  ProductPlan plan_score() const;
  ProductPlan plan_information(const std::vector<PredictorPair>& pairs) const;
};

inline Layout::Layout(uword experts, uword outcomes, Columns columns_, std::vector<Predictor> gate,
                      std::vector<Predictor> family, std::vector<PredictorPair> em_pairs, bool informed)
    : experts(experts),
      outcomes(outcomes),
      columns(std::move(columns_)),
      predictors(std::move(gate)),
      gate_predictors(predictors.size()),
      em_pairs(std::move(em_pairs)) {
  predictors.insert(predictors.end(), family.begin(), family.end());
  for (const Predictor& p : predictors) owned.push_back(columns.of(p.design));
  arrange(informed);
}

inline Layout Layout::owning(std::vector<std::vector<uword>> columns) const {
  Layout out;
  out.experts = experts, out.outcomes = outcomes;
  out.predictors = predictors, out.gate_predictors = gate_predictors;
  out.em_pairs = em_pairs;
  out.owned = std::move(columns);
  out.arrange(true);
  return out;
}

inline void Layout::arrange(bool informed) {
  group();
  place();
  connect();
  score = plan_score();
  if (!informed) return;
  std::vector<PredictorPair> all;
  for (std::size_t a = 0; a < predictors.size(); ++a)
    for (std::size_t b = a; b < predictors.size(); ++b) all.emplace_back(a, b);
  em = plan_information(em_pairs);
  observed = plan_information(all);
}

inline void Layout::group() {
  for (std::size_t p = 0; p < gate_predictors; ++p) {
    if (predictors[p].expert == experts) continue;
    if (p == 0 || predictors[p].design != predictors[p - 1].design)
      gate_groups.push_back({p, 0, predictors[p].expert > 0});
    ++gate_groups.back().count;
  }
}

inline std::size_t Layout::counterpart(std::size_t predictor, uword expert) const {
  const Predictor& like = predictors[predictor];
  const auto same = [&](const Predictor& p) {
    return p.expert == expert && p.design == like.design && p.unit == like.unit && p.outcome == like.outcome;
  };
  return std::find_if(predictors.begin() + gate_predictors, predictors.end(), same) - predictors.begin();
}

inline mat Layout::gather(const GateGroup& group, const vec& parameters) const {
  mat out(size(group.first), experts, arma::fill::zeros);
  for (std::size_t p = group.first; p < group.first + group.count; ++p)
    out.col(predictors[p].expert) = parameters(span(p));
  return out;
}

inline void Layout::scatter(const GateGroup& group, const mat& coefficients, vec& parameters) const {
  for (std::size_t p = group.first; p < group.first + group.count; ++p) {
    parameters(span(p)) = coefficients.col(predictors[p].expert);
    if (group.reference) parameters(span(p)) -= coefficients.col(0);
  }
}

inline void Layout::place() {
  std::vector<std::size_t> order(predictors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto by_expert = [this](std::size_t a, std::size_t b) { return predictors[a].expert < predictors[b].expert; };
  std::stable_sort(order.begin(), order.begin() + gate_predictors, by_expert);
  std::stable_sort(order.begin() + gate_predictors, order.end(), by_expert);
  offset.resize(predictors.size());
  for (std::size_t p : order) {
    offset[p] = parameters;
    parameters += size(p);
  }
}

/// Predictors linked by EM pairs share a block; blocks are ranges of parameters.
inline void Layout::connect() {
  std::vector<std::size_t> root(predictors.size());
  std::iota(root.begin(), root.end(), std::size_t{0});
  for (const auto& [a, b] : em_pairs) {
    const std::size_t from = root[b], to = root[a];
    std::replace(root.begin(), root.end(), from, to);
  }
  std::vector<std::pair<uword, uword>> ranges;
  for (std::size_t r = 0; r < predictors.size(); ++r) {
    uword first = parameters, last = 0;
    for (std::size_t p = 0; p < predictors.size(); ++p)
      if (root[p] == r) first = std::min(first, offset[p]), last = std::max(last, offset[p] + size(p));
    if (last > first) ranges.emplace_back(first, last - first);
  }
  std::sort(ranges.begin(), ranges.end());
  for (const auto& [first, size] : ranges) em_first.push_back(first), em_size.push_back(size);
}

/// Adds the product set of predictor pairs that all own the columns `left` and `right`.
inline void Layout::append(ProductPlan& plan, std::vector<PredictorPair> pairs, const std::vector<uword>& left,
                           const std::vector<uword>& right) const {
  ProductSet set;
  set.half = left == right;
  for (std::uint32_t i = 0; i < left.size(); ++i)
    for (std::uint32_t j = set.half ? i : 0; j < right.size(); ++j) {
      set.columns.push_back({static_cast<std::uint32_t>(left[i]), static_cast<std::uint32_t>(right[j])});
      set.position.push_back({i, j});
    }
  set.first_weight = plan.weights;
  set.first_sum = plan.sums;
  for (const auto& [a, b] : pairs) plan.slots[a * predictors.size() + b] = plan.weights++;
  plan.sums += pairs.size() * set.columns.size();
  set.predictors = std::move(pairs);
  plan.sets.push_back(std::move(set));
}

/// The score of predictor a in column j is its weight summed against the pair (j, constant).
inline ProductPlan Layout::plan_score() const {
  ProductPlan plan;
  plan.slots.assign(predictors.size() * predictors.size(), 0);
  std::vector<bool> done(predictors.size(), false);
  for (std::size_t a = 0; a < predictors.size(); ++a) {
    if (done[a]) continue;
    std::vector<PredictorPair> pairs;
    for (std::size_t b = a; b < predictors.size(); ++b)
      if (!done[b] && owned[b] == owned[a]) pairs.emplace_back(b, b), done[b] = true;
    append(plan, std::move(pairs), owned[a], {0});
  }
  return plan;
}

inline ProductPlan Layout::plan_information(const std::vector<PredictorPair>& pairs) const {
  ProductPlan plan;
  plan.slots.assign(predictors.size() * predictors.size(), 0);
  std::vector<bool> done(pairs.size(), false);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (done[i]) continue;
    std::vector<PredictorPair> alike;
    for (std::size_t j = i; j < pairs.size(); ++j) {
      const bool same =
          owned[pairs[j].first] == owned[pairs[i].first] && owned[pairs[j].second] == owned[pairs[i].second];
      if (!done[j] && same) alike.push_back(pairs[j]), done[j] = true;
    }
    append(plan, std::move(alike), owned[pairs[i].first], owned[pairs[i].second]);
  }
  return plan;
}

}  // namespace expertmix
