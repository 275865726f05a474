#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../source/fold.hpp"
#include "../source/selection.hpp"
#include "problem.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The parameters that an ascent moves, a flag each: it grows until no parameter outside violates the optimality
/// conditions. The first column of every predictor is always in.
class WorkingSet {
 public:
  /// Free parameters, those that are not zero, and those whose score (if given) comes up to a threshold.
  WorkingSet(const LassoProblem& problem, const vec& point, const vec& score = {}, const vec& threshold = {});

  void add(uword parameter) { in_[parameter] = 1; }

  /// Adds the parameters outside that violate the conditions most, by more than `enough`; at most as many as are in.
  bool add_violators(const SeparablePenalty& penalty, const vec& score, double enough);

  /// In increasing order.
  uvec members() const;

  /// Columns that some predictor has in the set, and the layout on them.
  Layout layout(const LassoProblem& problem, std::vector<uword>& columns) const;

 private:
  std::vector<char> in_;
};

inline WorkingSet::WorkingSet(const LassoProblem& problem, const vec& point, const vec& score, const vec& threshold)
    : in_(problem.layout().parameters, 0) {
  for (uword i = 0; i < in_.size(); ++i) {
    const bool near = !score.empty() && std::abs(score(i)) >= threshold(i);
    in_[i] = (point(i) != 0.0 || problem.factor()(i) == 0.0 || near) && !problem.leaves_out(i);
  }
  for (uword first : problem.layout().offset) in_[first] = 1;
}

inline bool WorkingSet::add_violators(const SeparablePenalty& penalty, const vec& score, double enough) {
  constexpr uword least_room = 20;
  std::vector<uword> list;
  const auto excess = [&](uword i) { return std::abs(score(i)) - penalty.lasso(i); };
  for (uword i = 0; i < in_.size(); ++i)
    if (!in_[i] && excess(i) > enough) list.push_back(i);
  const uword most = std::max<uword>(least_room, static_cast<uword>(std::count(in_.begin(), in_.end(), 1)));
  std::stable_sort(list.begin(), list.end(), [&](uword a, uword b) { return excess(a) > excess(b); });
  if (list.size() > most) list.resize(most);
  for (uword i : list) add(i);
  return !list.empty();
}

inline uvec WorkingSet::members() const {
  std::vector<uword> list;
  for (uword i = 0; i < in_.size(); ++i)
    if (in_[i]) list.push_back(i);
  return uvec(list);
}

inline Layout WorkingSet::layout(const LassoProblem& problem, std::vector<uword>& columns) const {
  const Layout& whole = problem.layout();
  std::vector<uword> position(problem.design().columns.count, 0);
  for (std::size_t p = 0; p < whole.predictors.size(); ++p)
    for (uword j = 0; j < whole.size(p); ++j)
      if (in_[whole.offset[p] + j]) position[whole.owned[p][j]] = 1;
  columns = {0};
  for (uword c = 1; c < position.size(); ++c)
    if (position[c]) {
      position[c] = columns.size();
      columns.push_back(c);
    }
  std::vector<std::vector<uword>> owned(whole.predictors.size());
  for (std::size_t p = 0; p < owned.size(); ++p)
    for (uword j = 0; j < whole.size(p); ++j)
      if (in_[whole.offset[p] + j]) owned[p].push_back(whole.owned[p][j] == 0 ? 0 : position[whole.owned[p][j]]);
  return whole.owning(std::move(owned));
}

/// The penalty of some parameters (in increasing order).
inline Penalty restricted(const Penalty& penalty, const uvec& parameters) {
  const uword absent = penalty.lasso.n_elem;
  Penalty out;
  out.lasso = penalty.lasso(parameters);
  out.ridge = penalty.ridge(parameters);
  out.weight = penalty.weight;
  out.power = penalty.power;
  out.held_v = penalty.held_v;
  std::vector<uword> position(absent, absent), held;
  for (uword i = 0; i < parameters.n_elem; ++i) position[parameters(i)] = i;
  for (uword i : penalty.held)
    if (position[i] < absent) held.push_back(position[i]);
  out.held = uvec(held);
  for (const uvec& set : penalty.shared) {
    std::vector<uword> own;
    for (uword i : set)
      if (position[i] < absent) own.push_back(position[i]);
    out.shared.emplace_back(own);
  }
  for (const uvec& set : penalty.shifts) {
    uvec own(set.n_elem);
    for (uword i = 0; i < set.n_elem; ++i) own(i) = position[set(i)];
    if (own.max() < absent) out.shifts.push_back(own);
  }
  return out;
}

/// What passes over a working set need.
struct Restriction {
  Restriction(const LassoProblem& problem, const WorkingSet& set, const mat* responsibilities, const Context& context)
      : parameters(set.members()),
        layout(set.layout(problem, columns)),
        rows(problem.rows(responsibilities)),
        source(rows, problem.count(), *problem.design().values, columns),
        fold(source, problem.mixture(), layout, context) {}

  uvec parameters;
  std::vector<uword> columns;
  Layout layout;
  Memory rows;
  Selection source;
  Fold fold;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
