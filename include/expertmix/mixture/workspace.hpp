#pragma once

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "mixture.hpp"
#include "totals.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// One thread's memory for a pass: a block's tables, reused from block to block, and the totals.
struct Workspace {
  Workspace(const Mixture& mixture, const Layout& layout);
  Workspace(const Workspace&) = delete;

  const Layout& layout;
  Needs needs;
  std::vector<Term> terms;
  std::vector<TermPair> pairs;
  std::vector<char> opens, opens_em;  ///< whether a term, or an EM pair, is the first of its predictor, or pair of them

  GateTables gate;
  Table predictor, log_f, r, weighted_r, own_weighted_r, scratch, first, second, weighted, marginal, weighted_marginal,
      weights;
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
  void find_openings();
  Table table(std::size_t columns);

  AlignedVector memory_;
  std::size_t used_ = 0;
};

inline Workspace::Workspace(const Mixture& mixture, const Layout& layout)
    : layout(layout), terms(mixture.family->terms(mixture.experts)), pairs(mixture.family->pairs(mixture.experts)) {
  const std::size_t k = mixture.experts, predictors = layout.predictors.size(),
                    own = predictors - layout.gate_predictors, scratch_columns = mixture.family->scratch(k),
                    gate_columns = mixture.gate->scratch(k),
                    weight_columns = std::max({layout.score.weights, layout.em.weights, layout.observed.weights});
  memory_.resize((predictors + 4 * k + 5 + gate_columns + scratch_columns + 2 * terms.size() + pairs.size() + 2 * own +
                  weight_columns) *
                 column_stride(max_block_rows));
  weights = table(weight_columns), r = table(k), own_weighted_r = table(k), log_f = table(k),
  predictor = table(predictors);
  gate.pi = table(k);
  gate.own = table(gate_columns);
  gate.score.resize(k);
  gate.top = table(1).data;
  gate.inverse = table(1).data;
  top = table(1).data;
  inverse = table(1).data;
  log_density = table(1).data;
  scratch = table(scratch_columns);
  first = table(terms.size());
  second = table(pairs.size());
  weighted = table(terms.size());
  marginal = table(own);
  weighted_marginal = table(own);
  for (std::size_t j = 0; j < k; ++j) log_f_columns.push_back(log_f[j]);
  targets.resize(std::max(terms.size(), pairs.size()));
  of_expert.resize(k);
  find_openings();
}

inline void Workspace::find_openings() {
  std::set<std::size_t> seen;
  for (const Term& term : terms) opens.push_back(seen.insert(term.predictor).second);
  std::set<std::pair<std::size_t, std::size_t>> seen_em;
  for (const TermPair& pair : pairs)
    opens_em.push_back(pair.em && seen_em.emplace(terms[pair.a].predictor, terms[pair.b].predictor).second);
}

inline Table Workspace::table(std::size_t columns) {
  const Table made{memory_.data() + used_, column_stride(max_block_rows)};
  used_ += columns * made.stride;
  return made;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
