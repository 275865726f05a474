#pragma once

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "mixture.hpp"
#include "totals.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// One thread's memory for a pass: a block's tables, reused from block to block, and the totals.
struct Workspace {
  Workspace(const Mixture& mixture, const Layout& layout);
  Workspace(const Workspace&) = delete;

  const Layout& layout;
  Needs needs;
  vec toll;  ///< `Request::toll`
  std::vector<Term> terms;
  std::vector<TermPair> pairs;
  std::vector<char> opens, opens_em;  ///< whether a term, or an EM pair, is the first of its predictor, or pair of them

  GateTables gate;
  Table predictor, log_f, r, weighted_r, own_weighted_r, scratch, first, second, weighted, marginal, weighted_marginal,
      weights, tilted, curvature;
  std::vector<const double*> log_f_columns, of_expert;
  std::vector<double*> targets;
  double *log_density, *top, *inverse;  ///< log f(y | x, z) of every row; the annealed responsibilities' normaliser
  mat coefficients;
  Totals totals;

  /// What the family sees of a block.
  Rows family_rows(const Block& block) const {
    return {block.rows, layout.experts, predictor.from(layout.gate_predictors)};
  }

 private:
  struct Wanted {
    Table* table;
    std::size_t columns;
  };

  void allocate(const std::vector<Wanted>& tables);
  void list_columns(std::size_t experts);
  void find_openings();

  AlignedVector memory_;
};

inline Workspace::Workspace(const Mixture& mixture, const Layout& layout_)
    : layout(layout_), terms(mixture.family->terms(mixture.experts)), pairs(mixture.family->pairs(mixture.experts)) {
  const std::size_t k = mixture.experts, predictors = layout.predictors.size(),
                    own = predictors - layout.gate_predictors,
                    weight_columns = std::max({layout.score.weights, layout.em.weights, layout.observed.weights});
  Table single;
  allocate({{&weights, weight_columns},
            {&r, k},
            {&own_weighted_r, k},
            {&log_f, k},
            {&predictor, predictors},
            {&gate.pi, k},
            {&gate.own, mixture.gate->scratch(k)},
            {&single, 5},
            {&scratch, mixture.family->scratch(k)},
            {&first, terms.size()},
            {&second, pairs.size()},
            {&weighted, terms.size()},
            {&marginal, own},
            {&weighted_marginal, own},
            {&tilted, k},
            {&curvature, layout.gate_predictors * layout.gate_predictors}});
  gate.top = single[0];
  gate.inverse = single[1];
  top = single[2];
  inverse = single[3];
  log_density = single[4];
  list_columns(k);
  find_openings();
}

/// Lists of pointers to columns, an expert or a term each.
inline void Workspace::list_columns(std::size_t experts) {
  gate.logit.resize(experts);
  of_expert.resize(experts);
  targets.resize(std::max(terms.size(), pairs.size()));
  for (std::size_t k = 0; k < experts; ++k) log_f_columns.push_back(log_f[k]);
}

/// Tables side by side in one memory.
inline void Workspace::allocate(const std::vector<Wanted>& tables) {
  const std::size_t stride = column_stride(max_block_rows);
  std::size_t columns = 0;
  for (const Wanted& wanted : tables) columns += wanted.columns;
  memory_.resize(columns * stride);
  double* next = memory_.data();
  for (const Wanted& wanted : tables) {
    *wanted.table = {next, stride};
    next += wanted.columns * stride;
  }
}

inline void Workspace::find_openings() {
  std::set<std::size_t> seen;
  for (const Term& term : terms) opens.push_back(seen.insert(term.predictor).second);
  std::set<std::pair<std::size_t, std::size_t>> seen_em;
  for (const TermPair& pair : pairs)
    opens_em.push_back(pair.em && seen_em.emplace(terms[pair.a].predictor, terms[pair.b].predictor).second);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
