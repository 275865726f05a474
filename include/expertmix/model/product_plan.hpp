#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "../base/armadillo.hpp"
#include "../math/products.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

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

/// Of every predictor the design columns that it owns.
using OwnedColumns = std::vector<std::vector<uword>>;

inline ProductPlan empty_plan(std::size_t predictors) {
  ProductPlan plan;
  plan.slots.assign(predictors * predictors, 0);
  return plan;
}

/// Adds the product set of predictor pairs that all own the columns `left` and `right`.
inline void append(ProductPlan& plan, std::vector<PredictorPair> pairs, std::size_t predictors,
                   const std::vector<uword>& left, const std::vector<uword>& right) {
  ProductSet set;
  set.half = left == right;
  for (std::uint32_t i = 0; i < left.size(); ++i)
    for (std::uint32_t j = set.half ? i : 0; j < right.size(); ++j) {
      set.columns.push_back({static_cast<std::uint32_t>(left[i]), static_cast<std::uint32_t>(right[j])});
      set.position.push_back({i, j});
    }
  set.first_weight = plan.weights;
  set.first_sum = plan.sums;
  for (const auto& [a, b] : pairs) plan.slots[a * predictors + b] = plan.weights++;
  plan.sums += pairs.size() * set.columns.size();
  set.predictors = std::move(pairs);
  plan.sets.push_back(std::move(set));
}

/// The score of predictor a in column j is its weight summed against the pair (j, constant).
inline ProductPlan plan_score(const OwnedColumns& owned) {
  ProductPlan plan = empty_plan(owned.size());
  std::vector<bool> done(owned.size(), false);
  for (std::size_t a = 0; a < owned.size(); ++a) {
    if (done[a]) continue;
    std::vector<PredictorPair> pairs;
    for (std::size_t b = a; b < owned.size(); ++b)
      if (!done[b] && owned[b] == owned[a]) {
        pairs.emplace_back(b, b);
        done[b] = true;
      }
    append(plan, std::move(pairs), owned.size(), owned[a], {0});
  }
  return plan;
}

/// The information of predictors a and b in columns j and l is their weight summed against the pair (j, l).
inline ProductPlan plan_information(const OwnedColumns& owned, const std::vector<PredictorPair>& pairs) {
  ProductPlan plan = empty_plan(owned.size());
  const auto same = [&](const PredictorPair& p, const PredictorPair& q) {
    return owned[p.first] == owned[q.first] && owned[p.second] == owned[q.second];
  };
  std::vector<bool> done(pairs.size(), false);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (done[i]) continue;
    std::vector<PredictorPair> alike;
    for (std::size_t j = i; j < pairs.size(); ++j)
      if (!done[j] && same(pairs[j], pairs[i])) {
        alike.push_back(pairs[j]);
        done[j] = true;
      }
    append(plan, std::move(alike), owned.size(), owned[pairs[i].first], owned[pairs[i].second]);
  }
  return plan;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
