#pragma once

#include "../math/columns.hpp"
#include "../math/linear.hpp"
#include "../math/softmax.hpp"
#include "workspace.hpp"

namespace expertmix {

namespace detail {

/// out += wr (h - t_a t_b)
EXPERTMIX_KERNEL void add_curvature(const double* wr, const double* h, const double* ta, const double* tb,
                                    double* __restrict out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += wr[i] * (h[i] - ta[i] * tb[i]);
}

/// Every predictor of the block's rows: the predictors of a product set share their columns.
inline void predict(const Block& block, const Layout& layout, const vec& parameters, Workspace& work) {
  for (const ProductSet& set : layout.score.sets) {
    const auto& columns = layout.owned[set.predictors[0].first];
    work.coefficients.set_size(columns.size(), set.predictors.size());
    double* out[64];
    for (std::size_t first = 0; first < set.predictors.size(); first += 64) {
      const std::size_t n = std::min<std::size_t>(64, set.predictors.size() - first);
      for (std::size_t p = 0; p < n; ++p) {
        const std::size_t a = set.predictors[first + p].first;
        std::copy_n(parameters.memptr() + layout.offset[a], columns.size(), work.coefficients.colptr(p));
        out[p] = work.predictor[a];
      }
      linear_predictors({block.design, block.stride, columns.data(), columns.size(), block.rows},
                        work.coefficients.memptr(), n, out);
    }
  }
}

/// Responsibilities, and log f(y | x, z) = log sum_k exp(s_k + log f_k) - log sum_k exp(s_k) with the gate's scores s_k.
inline void respond(const Block& block, uword experts, Responsibility how, Workspace& work) {
  SoftmaxInput in{work.gate.score.data(), work.log_f_columns.data(), 1.0, experts, block.rows};
  const SoftmaxOutput out{work.r.data, work.r.stride, work.top, work.sum};
  softmax(in, out);
  log_ratio(work.top, work.sum, work.gate.top, work.gate.sum, work.log_density, block.rows);
  if (how.rule == Responsibility::Rule::annealed) {
    in.beta = how.beta;
    softmax(in, out);
  }
  if (how.rule == Responsibility::Rule::given)
    for (uword k = 0; k < experts; ++k) std::copy_n(block.responsibilities[k], block.rows, work.r[k]);
}

/// What a block's derivatives are made from.
struct Pass {
  const Mixture& mixture;
  const Block& block;
  const Layout& layout;
  Workspace& work;
  Rows gate, family;

  PairTable slots(const ProductPlan& plan) const {
    return {work.weights, &plan.slots, layout.predictors.size(), 0};
  }
  double* weighted_r(std::size_t term) const { return work.weighted_r[work.terms[term].expert]; }
  std::size_t predictor(std::size_t term) const { return layout.gate_predictors + work.terms[term].predictor; }
};

/// Mixture score of a predictor of the family: sum_k w r_k d log f_k / d u.
inline void add_score(const Pass& pass) {
  Workspace& work = pass.work;
  const std::size_t n = pass.block.rows;
  const PairTable out = pass.slots(pass.layout.score);
  pass.mixture.gate->score(pass.gate, work.gate.pi, work.r, pass.block.weight, out);
  std::vector<bool>& begun = work.begun;
  begun.assign(pass.layout.predictors.size(), false);
  for (std::size_t t = 0; t < work.terms.size(); ++t) {
    const std::size_t a = pass.predictor(t);
    begun[a] ? multiply_add(pass.weighted_r(t), work.first[t], out(a, a), n)
             : multiply(pass.weighted_r(t), work.first[t], out(a, a), n);
    begun[a] = true;
  }
  work.score.add(pass.layout.score, pass.block, work.weights);
}

/// EM information: the gate's own, and sum_k w r_k E[-d2 log f_k] for the family.
inline void add_em(const Pass& pass) {
  Workspace& work = pass.work;
  const std::size_t n = pass.block.rows;
  const PairTable out = pass.slots(pass.layout.em);
  pass.mixture.gate->information(pass.gate, work.gate.pi, pass.block.weight, out);
  pass.mixture.family->information(pass.family, work.scratch, work.second);
  for (const TermPair& pair : work.pairs)
    if (pair.em) assign(0.0, out(pass.predictor(pair.a), pass.predictor(pair.b)), n);
  for (std::size_t i = 0; i < work.pairs.size(); ++i) {
    const TermPair& pair = work.pairs[i];
    if (pair.em)
      multiply_add(pass.weighted_r(pair.a), work.second[i], out(pass.predictor(pair.a), pass.predictor(pair.b)), n);
  }
  work.em.add(pass.layout.em, pass.block, work.weights);
}

/// Observed information by the identity of Louis: w { s_a s_b + sum_k r_k (-d2 log f_k - t_ka t_kb) } within the family,
/// where s_a = sum_k r_k t_ka; the gate's blocks from the gate.
inline void add_observed(const Pass& pass) {
  Workspace& work = pass.work;
  const std::size_t n = pass.block.rows, gates = pass.layout.gate_predictors, all = pass.layout.predictors.size();
  const PairTable out = pass.slots(pass.layout.observed);
  pass.mixture.gate->observed(pass.gate, work.gate.pi, work.r, pass.block.weight, out);
  pass.mixture.family->second(pass.family, work.scratch, work.second);
  for (std::size_t a = 0; a < all; ++a)
    for (std::size_t b = std::max(a, gates); b < all; ++b) assign(0.0, out(a, b), n);
  for (std::size_t t = 0; t < work.terms.size(); ++t) {
    multiply(work.r[work.terms[t].expert], work.first[t], work.product[t], n);
    multiply(pass.weighted_r(t), work.first[t], work.weighted[t], n);
    pass.mixture.gate->crossed(pass.gate, work.gate.pi, work.r, work.terms[t].expert, work.weighted[t], pass.predictor(t),
                               out);
  }
  for (std::size_t s = 0; s < work.terms.size(); ++s)
    for (std::size_t t = 0; t < work.terms.size(); ++t)
      if (pass.predictor(s) <= pass.predictor(t))
        multiply_add(work.weighted[s], work.product[t], out(pass.predictor(s), pass.predictor(t)), n);
  for (std::size_t i = 0; i < work.pairs.size(); ++i) {
    const auto [a, b, em] = work.pairs[i];
    add_curvature(pass.weighted_r(a), work.second[i], work.first[a], work.first[b],
                  out(pass.predictor(a), pass.predictor(b)), n);
  }
  work.observed.add(pass.layout.observed, pass.block, work.weights);
}

}  // namespace detail

inline void Mixture::evaluate(const Block& block, const Layout& layout, const vec& parameters, Responsibility how,
                              Workspace& work) const {
  detail::predict(block, layout, parameters, work);
  const Rows gate_rows{block.rows, experts, work.predictor},
      family_rows{block.rows, experts, work.predictor.from(layout.gate_predictors)};
  gate->probabilities(gate_rows, work.gate);
  family->log_density(family_rows, block, work.scratch, work.log_f);
  detail::respond(block, experts, how, work);
}

inline void Mixture::add(const Block& block, const Layout& layout, const vec& parameters,
                         Responsibility how, Workspace& work) const {
  const Needs needs = work.needs;
  evaluate(block, layout, parameters, how, work);
  work.log_likelihood += dot(block.weight, work.log_density, block.rows);
  if (!needs.any()) return;
  for (uword k = 0; k < experts; ++k) {
    multiply(block.weight, work.r[k], work.weighted_r[k], block.rows);
    work.mass(k) += total(work.weighted_r[k], block.rows);
    work.gate_mass(k) += dot(block.weight, work.gate.pi[k], block.rows);
  }
  work.weight += total(block.weight, block.rows);
  const detail::Pass pass{*this, block, layout, work, {block.rows, experts, work.predictor},
                          {block.rows, experts, work.predictor.from(layout.gate_predictors)}};
  family->first(pass.family, work.scratch, work.first);
  if (needs.score) detail::add_score(pass);
  if (needs.em) detail::add_em(pass);
  if (needs.observed) detail::add_observed(pass);
}

}  // namespace expertmix
