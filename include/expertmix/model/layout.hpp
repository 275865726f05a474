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

/// Predictors, the design columns they own, and where their coefficients stand among the parameters: the gate's first,
/// then expert by expert.
class Layout {
 public:
  Layout() = default;
  Layout(uword experts, Columns columns, std::vector<Predictor> gate, std::vector<Predictor> family,
         const std::vector<PredictorPair>& em_pairs);

  uword experts = 0;
  Columns columns;
  std::vector<Predictor> predictors;
  std::size_t gate_predictors = 0;
  std::vector<std::vector<uword>> owned;
  std::vector<uword> offset;
  uword parameters = 0;

  ProductPlan score, em, observed;
  std::vector<uword> em_first, em_size;  ///< diagonal blocks of the EM information

  uword size(std::size_t predictor) const { return owned[predictor].size(); }
  arma::span span(std::size_t predictor) const {
    return arma::span(offset[predictor], offset[predictor] + size(predictor) - 1);
  }

 private:
  void place();
  void connect(const std::vector<PredictorPair>& pairs);
  void append(ProductPlan& plan, std::vector<PredictorPair> pairs, const std::vector<uword>& left,
              const std::vector<uword>& right) const;
  ProductPlan plan_score() const;
  ProductPlan plan_information(const std::vector<PredictorPair>& pairs) const;
};

inline Layout::Layout(uword experts, Columns columns_, std::vector<Predictor> gate, std::vector<Predictor> family,
                      const std::vector<PredictorPair>& em_pairs)
    : experts(experts), columns(std::move(columns_)), predictors(std::move(gate)), gate_predictors(predictors.size()) {
  predictors.insert(predictors.end(), family.begin(), family.end());
  for (const Predictor& p : predictors) owned.push_back(columns.of(p.design));
  place();
  connect(em_pairs);
  std::vector<PredictorPair> all;
  for (std::size_t a = 0; a < predictors.size(); ++a)
    for (std::size_t b = a; b < predictors.size(); ++b) all.emplace_back(a, b);
  score = plan_score();
  em = plan_information(em_pairs);
  observed = plan_information(all);
}

inline void Layout::place() {
  std::vector<std::size_t> order(predictors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin() + gate_predictors, order.end(),
                   [this](std::size_t a, std::size_t b) { return predictors[a].expert < predictors[b].expert; });
  offset.resize(predictors.size());
  for (std::size_t p : order) {
    offset[p] = parameters;
    parameters += size(p);
  }
}

/// Predictors linked by EM pairs share a block; blocks are ranges of parameters.
inline void Layout::connect(const std::vector<PredictorPair>& pairs) {
  std::vector<std::size_t> root(predictors.size());
  std::iota(root.begin(), root.end(), std::size_t{0});
  for (const auto& [a, b] : pairs) {
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
