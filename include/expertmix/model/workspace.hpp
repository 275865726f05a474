#pragma once

#include <algorithm>
#include <vector>

#include "mixture.hpp"

namespace expertmix {

/// The running sums of one product plan: `sum_lanes` partial sums for every column pair and weight.
struct RunningSums {
  AlignedVector sums;

  void reset(const ProductPlan& plan, bool needed) {
    if (needed) sums.assign(plan.sums * sum_lanes, 0.0);
  }

  void add(const ProductPlan& plan, const Block& block, Table weights) {
    for (const ProductSet& set : plan.sets)
      weighted_products({block.design, block.stride, weights[set.first_weight], weights.stride, block.rows,
                         set.predictors.size()},
                        set.columns.data(), set.columns.size(), sums.data() + set.first_sum * sum_lanes);
  }

  double value(std::size_t sum) const {
    const double* s = sums.data() + sum * sum_lanes;
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
  }
};

/// One thread's memory for a pass: a block's tables and the running sums, reused from block to block.
struct Workspace {
  Workspace(const Mixture& mixture, const Layout& layout);

  /// Empties the running sums for a pass with these needs.
  void reset(Needs needs);

  /// The running sums as statistics.
  Statistics collect() const;

  const Layout& layout;
  Needs needs;
  std::vector<Term> terms;
  std::vector<TermPair> pairs;

  GateTables gate;
  Table predictor, log_f, r, weighted_r, scratch, first, second, product, weighted, weights;
  std::vector<const double*> log_f_columns;
  double *log_density, *top, *sum;  ///< log f(y | x, z) of every row; the posterior's normaliser
  mat coefficients;
  std::vector<bool> begun;  ///< score columns written so far

  double log_likelihood = 0, weight = 0;
  vec mass, gate_mass;
  RunningSums score, em, observed;

 private:
  Table table(std::size_t columns);
  vec collect_score() const;
  Information collect_information(const ProductPlan& plan, const RunningSums& sums, const std::vector<uword>& first,
                                  const std::vector<uword>& size) const;

  AlignedVector memory_;
  std::size_t used_ = 0;
};

inline Workspace::Workspace(const Mixture& mixture, const Layout& layout)
    : layout(layout), terms(mixture.family->terms(mixture.experts)),
      pairs(mixture.family->pairs(mixture.experts)) {
  const std::size_t k = mixture.experts, predictors = layout.predictors.size(),
                    scratch_columns = mixture.family->scratch(k),
                    weight_columns = std::max({layout.score.weights, layout.em.weights, layout.observed.weights});
  memory_.resize((predictors + 5 * k + 5 + scratch_columns + 3 * terms.size() + pairs.size() + weight_columns) *
                 column_stride(max_block_rows));
  predictor = table(predictors);
  gate.pi = table(k), gate.own = table(k), gate.score.resize(k);
  gate.top = table(1).data, gate.sum = table(1).data;
  log_f = table(k), r = table(k), weighted_r = table(k);
  for (std::size_t j = 0; j < k; ++j) log_f_columns.push_back(log_f[j]);
  top = table(1).data, sum = table(1).data, log_density = table(1).data;
  scratch = table(scratch_columns);
  first = table(terms.size()), product = table(terms.size()), weighted = table(terms.size());
  second = table(pairs.size());
  weights = table(weight_columns);
}

inline Table Workspace::table(std::size_t columns) {
  const Table made{memory_.data() + used_, column_stride(max_block_rows)};
  used_ += columns * made.stride;
  return made;
}

inline void Workspace::reset(Needs needs_) {
  needs = needs_;
  log_likelihood = weight = 0.0;
  mass.zeros(layout.experts), gate_mass.zeros(layout.experts);
  score.reset(layout.score, needs.score);
  em.reset(layout.em, needs.em);
  observed.reset(layout.observed, needs.observed);
}

inline Statistics Workspace::collect() const {
  Statistics out;
  out.log_likelihood = log_likelihood;
  out.weight = weight;
  out.mass = mass;
  out.gate_mass = gate_mass;
  if (needs.score) out.score = collect_score();
  if (needs.em) out.em = collect_information(layout.em, em, layout.em_first, layout.em_size);
  if (needs.observed) out.observed = collect_information(layout.observed, observed, {0}, {layout.parameters});
  return out;
}

inline vec Workspace::collect_score() const {
  vec out(layout.parameters, arma::fill::zeros);
  for (const ProductSet& set : layout.score.sets)
    for (std::size_t c = 0; c < set.columns.size(); ++c)
      for (std::size_t p = 0; p < set.predictors.size(); ++p)
        out(layout.offset[set.predictors[p].first] + set.position[c].left) =
            score.value(set.first_sum + c * set.predictors.size() + p);
  return out;
}

inline Information Workspace::collect_information(const ProductPlan& plan, const RunningSums& sums,
                                                  const std::vector<uword>& first,
                                                  const std::vector<uword>& size) const {
  Information out;
  out.first = first;
  for (uword s : size) out.block.emplace_back(s, s, arma::fill::zeros);
  for (const ProductSet& set : plan.sets)
    for (std::size_t p = 0; p < set.predictors.size(); ++p) {
      const uword a = layout.offset[set.predictors[p].first], b = layout.offset[set.predictors[p].second];
      const std::size_t block = out.find(a);
      mat& to = out.block[block];
      const auto put = [&to, base = out.first[block]](uword i, uword j, double value) {
        to(i - base, j - base) = to(j - base, i - base) = value;
      };
      for (std::size_t c = 0; c < set.columns.size(); ++c) {
        const auto [left, right] = set.position[c];
        const double value = sums.value(set.first_sum + c * set.predictors.size() + p);
        put(a + left, b + right, value);
        if (set.half) put(a + right, b + left, value);
      }
    }
  return out;
}

}  // namespace expertmix
