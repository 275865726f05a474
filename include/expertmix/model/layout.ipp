#pragma once

#include <cmath>

#include "layout.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION Layout::Layout(uword experts_, Outcomes outcomes_, Columns columns_, std::vector<Predictor> gate,
                                    std::vector<Predictor> family, std::vector<detail::PredictorPair> em_pairs_,
                                    bool informed)
    : experts(experts_),
      outcomes(outcomes_),
      columns(std::move(columns_)),
      predictors(std::move(gate)),
      gate_predictors(predictors.size()),
      em_pairs(std::move(em_pairs_)) {
  predictors.insert(predictors.end(), family.begin(), family.end());
  for (const Predictor& p : predictors) owned.push_back(columns.of(p.design));
  arrange(informed);
}

EXPERTMIX_DEFINITION Layout Layout::owning(std::vector<std::vector<uword>> own) const {
  Layout out;
  out.experts = experts;
  out.outcomes = outcomes;
  out.predictors = predictors;
  out.gate_predictors = gate_predictors;
  out.em_pairs = em_pairs;
  out.owned = std::move(own);
  out.arrange(true);
  return out;
}

EXPERTMIX_DEFINITION void Layout::arrange(bool informed) {
  group();
  place();
  connect();
  score = detail::plan_score(owned);
  if (!informed) return;
  std::vector<detail::PredictorPair> all;
  for (std::size_t a = 0; a < predictors.size(); ++a)
    for (std::size_t b = a; b < predictors.size(); ++b) all.emplace_back(a, b);
  em = detail::plan_information(owned, em_pairs);
  observed = detail::plan_information(owned, all);
}

EXPERTMIX_DEFINITION void Layout::group() {
  for (std::size_t p = 0; p < gate_predictors; ++p) {
    if (predictors[p].expert == experts) continue;
    if (p == 0 || predictors[p].design != predictors[p - 1].design)
      gate_groups.push_back({p, 0, predictors[p].expert > 0});
    ++gate_groups.back().count;
  }
}

EXPERTMIX_DEFINITION std::vector<uword> Layout::experts_of_scalar(std::size_t predictor) const {
  const Predictor& own = predictors[predictor];
  if (own.design != Design::constant) return {};
  if (own.expert < experts) return {own.expert};
  std::vector<uword> all(experts);
  std::iota(all.begin(), all.end(), uword{0});
  return all;
}

EXPERTMIX_DEFINITION uword Layout::other_scalars() const {
  uword count = 0;
  for (std::size_t p = gate_predictors; p < predictors.size(); ++p) {
    const Predictor& own = predictors[p];
    const bool first = own.expert == 0 || own.expert == experts;
    count += first && own.design == Design::constant && !is_log_scale(own.unit);
  }
  return count;
}

EXPERTMIX_DEFINITION std::size_t Layout::counterpart(std::size_t predictor, uword expert) const {
  const Predictor& like = predictors[predictor];
  const auto same = [&](const Predictor& p) {
    return p.expert == expert && p.design == like.design && p.unit == like.unit && p.outcome == like.outcome;
  };
  std::size_t found = gate_predictors;
  while (found < predictors.size() && !same(predictors[found])) ++found;
  return found;
}

EXPERTMIX_DEFINITION mat Layout::gather(const detail::GateGroup& group, const vec& from) const {
  mat out(size(group.first), experts, arma::fill::zeros);
  for (std::size_t p = group.first; p < group.first + group.count; ++p) out.col(predictors[p].expert) = from(span(p));
  return out;
}

EXPERTMIX_DEFINITION void Layout::scatter(const detail::GateGroup& group, const mat& coefficients, vec& to) const {
  for (std::size_t p = group.first; p < group.first + group.count; ++p) {
    to(span(p)) = coefficients.col(predictors[p].expert);
    if (group.reference) to(span(p)) -= coefficients.col(0);
  }
}

EXPERTMIX_DEFINITION void Layout::place() {
  std::vector<std::size_t> order(predictors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto by_expert = [this](std::size_t a, std::size_t b) { return predictors[a].expert < predictors[b].expert; };
  const auto family = order.begin() + static_cast<std::ptrdiff_t>(gate_predictors);
  std::stable_sort(order.begin(), family, by_expert);
  std::stable_sort(family, order.end(), by_expert);
  offset.resize(predictors.size());
  for (std::size_t p : order) {
    offset[p] = parameters;
    parameters += size(p);
    if (std::isfinite(predictors[p].lower) || std::isfinite(predictors[p].upper))
      bounds.push_back({offset[p], predictors[p].lower, predictors[p].upper});
  }
}

/// Predictors linked by EM pairs share a block; blocks are ranges of parameters.
EXPERTMIX_DEFINITION void Layout::connect() {
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
      if (root[p] == r) {
        first = std::min(first, offset[p]);
        last = std::max(last, offset[p] + size(p));
      }
    if (last > first) ranges.emplace_back(first, last - first);
  }
  std::sort(ranges.begin(), ranges.end());
  for (const auto& [first, size] : ranges) {
    em_first.push_back(first);
    em_size.push_back(size);
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
