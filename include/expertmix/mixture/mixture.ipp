#pragma once

#include "../math/columns.hpp"
#include "../math/linear.hpp"
#include "../math/softmax.hpp"
#include "mixture.hpp"
#include "workspace.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// out += h - v_a t_b
EXPERTMIX_KERNEL void add_curvature(const double* h, const double* va, const double* tb, double* __restrict out,
                                    std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] += h[i] - va[i] * tb[i];
}

/// Predictors of a product set that share one call of the kernel.
constexpr std::size_t predictors_at_once = 64;

/// Predictors first, ..., first + n - 1 of a product set, in the first `rows` rows.
inline void predict(const Block& block, const Layout& layout, const vec& parameters, const ProductSet& set,
                    std::size_t first, std::size_t n, std::size_t rows, Workspace& work) {
  const auto& columns = layout.owned[set.predictors[0].first];
  double* out[predictors_at_once];
  for (std::size_t p = 0; p < n; ++p) {
    const std::size_t a = set.predictors[first + p].first;
    double* const own = work.coefficients.memptr() + p * work.coefficients.n_rows;  // may be of no rows
    std::copy_n(parameters.memptr() + layout.offset[a], columns.size(), own);
    out[p] = work.predictor[a];
  }
  linear_predictors({block.design, block.stride, columns.data(), columns.size(), rows}, work.coefficients.memptr(), n,
                    out);
}

/// Every predictor of the block's rows: the predictors of a product set share their columns. `gate_alone`: sets without
/// a predictor of the gate are left out.
inline void predict(const Block& block, const Layout& layout, const vec& parameters, bool gate_alone, Workspace& work) {
  const auto varies = [&](const PredictorPair& p) { return layout.predictors[p.first].design != Design::constant; };
  for (const ProductSet& set : layout.score.sets) {
    if (gate_alone && set.predictors[0].first >= layout.gate_predictors) continue;
    const std::size_t count = set.predictors.size();
    const bool all_rows = std::any_of(set.predictors.begin(), set.predictors.end(), varies);
    work.coefficients.set_size(layout.owned[set.predictors[0].first].size(), count);
    for (std::size_t first = 0; first < count; first += predictors_at_once)
      predict(block, layout, parameters, set, first, std::min(predictors_at_once, count - first),
              all_rows ? block.rows : 8, work);
  }
}

/// Responsibilities, and log f(y | x, z) = log sum_k exp(s_k + log f_k) - log sum_k exp(s_k) with the gate's logits
/// s_k.
inline void respond(const Block& block, uword experts, Responsibility how, Workspace& work) {
  SoftmaxInput in{work.gate.logit.data(), work.log_f_columns.data(), 1.0, experts, block.rows};
  const SoftmaxOutput out{work.r.data, work.r.stride, work.top, work.inverse};
  const LogRatio log_density{work.gate.top, work.gate.inverse, work.log_density};
  softmax(in, out, work.gate.ahead, &log_density);
  if (how.rule == Responsibility::Rule::annealed) {
    in.beta = how.beta;
    softmax(in, out, work.gate.ahead);
  }
  if (how.rule == Responsibility::Rule::given)
    for (uword k = 0; k < experts; ++k) std::copy_n(block.responsibilities[k], block.rows, work.r[k]);
}

/// w r_k. With unit weights that is r_k itself.
inline void weigh(const Block& block, uword experts, Workspace& work) {
  work.weighted_r = block.unit_weights ? work.r : work.own_weighted_r;
  for (uword k = 0; k < experts && !block.unit_weights; ++k)
    multiply(block.weight, work.r[k], work.weighted_r[k], block.rows);
}

/// The sums over the rows of w r_k, w pi_k and w.
inline void add_masses(const Block& block, uword experts, Workspace& work) {
  for (uword k = 0; k < experts; ++k) {
    work.totals.mass(k) += dot(block.weight, work.r[k], block.rows);
    work.totals.gate_mass(k) += dot(block.weight, work.gate.pi[k], block.rows);
  }
  work.totals.weight += dot(block.weight, block.column(0), block.rows);
}

/// The smallest entry among rows that count.
inline double smallest(const double* column, const Block& block) {
  double least = arma::datum::inf;
  for (std::size_t i = 0; i < block.rows; ++i)
    if (block.weight[i] > 0.0) least = std::min(least, column[i]);
  return least;
}

/// What a block's derivatives are made from.
struct BlockPass {
  const Mixture& mixture;
  const Block& block;
  const Layout& layout;
  Workspace& work;
  Rows gate, family;

  PairTable slots(const ProductPlan& plan) const { return {work.weights, &plan.slots, layout.predictors.size(), 0}; }
  std::size_t predictor(std::size_t term) const { return layout.gate_predictors + work.terms[term].predictor; }
};

/// r_k - pi_k (c_k - sum_l c_l pi_l): with these responsibilities the gate's score is that of log f - sum_k c_k pi_k.
inline void tilt(const Table& r, const Table& pi, const vec& c, std::size_t n, Table out) {
  for (std::size_t i = 0; i < n; ++i) {
    double mean = 0.0;
    for (uword k = 0; k < c.n_elem; ++k) mean += c(k) * pi[k][i];
    for (uword k = 0; k < c.n_elem; ++k) out[k][i] = r[k][i] - pi[k][i] * (c(k) - mean);
  }
}

/// The gate's score of log f - sum_k c_k pi_k.
inline void score_gate(const BlockPass& pass, const PairTable& out) {
  Workspace& work = pass.work;
  const bool toll = !work.toll.empty();
  if (toll) tilt(work.r, work.gate.pi, work.toll, pass.block.rows, work.tilted);
  pass.mixture.gate->score(pass.gate, work.gate, toll ? work.tilted : work.r, pass.block.weight, out);
}

/// w d log f / d u of every predictor, a weight column each: the gate's score; of the family sum_k w r_k d log f_k / d
/// u.
inline void find_score(const BlockPass& pass) {
  Workspace& work = pass.work;
  const PairTable out = pass.slots(pass.layout.score);
  score_gate(pass, out);
  const auto slot = [&](std::size_t t) { return out(pass.predictor(t), pass.predictor(t)); };
  for (std::size_t t = 0; t < work.terms.size(); ++t) work.targets[t] = work.opens[t] ? slot(t) : work.first[t];
  pass.mixture.family->first(pass.family, work.scratch, work.weighted_r, work.targets.data());
  for (std::size_t t = 0; t < work.terms.size(); ++t)
    if (!work.opens[t]) add(work.first[t], slot(t), pass.block.rows);
}

inline void add_score(const BlockPass& pass) {
  find_score(pass);
  add_products(pass.layout.score, pass.block, pass.work.weights, pass.work.totals.score, pass.work.gate.ahead);
}

/// EM information: the gate's own, and sum_k w r_k E[-d2 log f_k] for the family.
inline void add_em(const BlockPass& pass) {
  Workspace& work = pass.work;
  const PairTable out = pass.slots(pass.layout.em);
  pass.mixture.gate->information(pass.gate, work.gate, pass.block.weight, out);
  const auto slot = [&](const TermPair& pair) { return out(pass.predictor(pair.a), pass.predictor(pair.b)); };
  for (std::size_t i = 0; i < work.pairs.size(); ++i)
    work.targets[i] = work.opens_em[i] ? slot(work.pairs[i]) : work.second[i];
  pass.mixture.family->information(pass.family, work.scratch, work.weighted_r, work.targets.data());
  for (std::size_t i = 0; i < work.pairs.size(); ++i)
    if (work.pairs[i].em && !work.opens_em[i]) add(work.second[i], slot(work.pairs[i]), pass.block.rows);
  add_products(pass.layout.em, pass.block, work.weights, work.totals.em, work.gate.ahead);
}

/// t_ka = d log f_k / d u_a and w r_k t_ka of every term, s_a = sum_k r_k t_ka and w s_a of every predictor.
inline void differentiate(const BlockPass& pass) {
  Workspace& work = pass.work;
  const std::size_t n = pass.block.rows;
  const Table ones{const_cast<double*>(pass.block.column(0)), 0};
  for (std::size_t t = 0; t < work.terms.size(); ++t) work.targets[t] = work.first[t];
  pass.mixture.family->first(pass.family, work.scratch, ones, work.targets.data());
  for (std::size_t t = 0; t < work.terms.size(); ++t) {
    const auto [k, a] = work.terms[t];
    multiply(work.weighted_r[k], work.first[t], work.weighted[t], n);
    work.opens[t] ? multiply(work.r[k], work.first[t], work.marginal[a], n)
                  : multiply_add(work.r[k], work.first[t], work.marginal[a], n);
  }
  for (std::size_t a = 0; a + pass.layout.gate_predictors < pass.layout.predictors.size(); ++a)
    multiply(pass.block.weight, work.marginal[a], work.weighted_marginal[a], n);
}

/// Observed information between the gate and predictor b of the family.
inline void cross(const BlockPass& pass, std::size_t b, const PairTable& out) {
  Workspace& work = pass.work;
  std::fill(work.of_expert.begin(), work.of_expert.end(), nullptr);
  for (std::size_t t = 0; t < work.terms.size(); ++t)
    if (work.terms[t].predictor == b) work.of_expert[work.terms[t].expert] = work.weighted[t];
  pass.mixture.gate->crossed(pass.gate, work.gate, work.r, work.of_expert.data(), work.weighted_marginal[b],
                             pass.layout.gate_predictors + b, out);
}

/// w s_a s_b of the family's predictors a <= b, and the gate's part beside them.
inline void add_marginal(const BlockPass& pass, const PairTable& out) {
  Workspace& work = pass.work;
  const std::size_t gates = pass.layout.gate_predictors, own = pass.layout.predictors.size() - gates;
  for (std::size_t b = 0; b < own; ++b) {
    cross(pass, b, out);
    for (std::size_t a = 0; a <= b; ++a)
      multiply(work.weighted_marginal[a], work.marginal[b], out(gates + a, gates + b), pass.block.rows);
  }
}

/// sum_k w r_k (-d2 log f_k - t_ka t_kb) of the family's predictors.
inline void add_curvatures(const BlockPass& pass, const PairTable& out) {
  Workspace& work = pass.work;
  for (std::size_t i = 0; i < work.pairs.size(); ++i) work.targets[i] = work.second[i];
  pass.mixture.family->second(pass.family, work.scratch, work.weighted_r, work.targets.data());
  for (std::size_t i = 0; i < work.pairs.size(); ++i) {
    const auto [a, b, em] = work.pairs[i];
    add_curvature(work.second[i], work.weighted[a], work.first[b], out(pass.predictor(a), pass.predictor(b)),
                  pass.block.rows);
  }
}

/// d sum_i w pi_ik / d u of every expert k: the gate's score where the responsibilities are pi_l (1 + 1{k = l} - pi_k).
inline void add_shares(const BlockPass& pass) {
  Workspace& work = pass.work;
  for (uword k = 0; k < pass.layout.experts; ++k) {
    vec only(pass.layout.experts, arma::fill::zeros);
    only(k) = -1.0;
    tilt(work.gate.pi, work.gate.pi, only, pass.block.rows, work.tilted);
    pass.mixture.gate->score(pass.gate, work.gate, work.tilted, pass.block.weight, pass.slots(pass.layout.score));
    add_products(pass.layout.score, pass.block, work.weights, work.totals.shares[k], work.gate.ahead);
  }
}

/// Observed information of -sum_k c_k pi_k within the gate. That of log f is quadratic in the responsibilities: with
/// d_k = pi_k (c_k - sum_l c_l pi_l) it is half the difference of those at pi - d and at pi + d.
inline void find_toll_curvature(const BlockPass& pass, const PairTable& out) {
  Workspace& work = pass.work;
  const std::size_t gates = pass.layout.gate_predictors, n = pass.block.rows;
  for (const double sign : {1.0, -1.0}) {
    tilt(work.gate.pi, work.gate.pi, sign * work.toll, n, work.tilted);
    pass.mixture.gate->observed(pass.gate, work.gate, work.tilted, pass.block.weight, out);
    for (std::size_t a = 0; a < gates; ++a)
      for (std::size_t b = a; b < gates; ++b) {
        double* kept = work.curvature[a * gates + b];
        const double* now = out(a, b);
        for (std::size_t i = 0; i < n; ++i) kept[i] = sign > 0.0 ? 0.5 * now[i] : kept[i] - 0.5 * now[i];
      }
  }
}

/// Observed information of the gate.
inline void observe_gate(const BlockPass& pass, const PairTable& out) {
  Workspace& work = pass.work;
  const std::size_t gates = pass.layout.gate_predictors;
  const bool toll = !work.toll.empty();
  if (toll) find_toll_curvature(pass, out);
  pass.mixture.gate->observed(pass.gate, work.gate, work.r, pass.block.weight, out);
  for (std::size_t a = 0; a < gates && toll; ++a)
    for (std::size_t b = a; b < gates; ++b) add(work.curvature[a * gates + b], out(a, b), pass.block.rows);
}

/// Observed information by the identity of Louis: w { s_a s_b + sum_k r_k (-d2 log f_k - t_ka t_kb) } within the
/// family; the gate's blocks from the gate.
inline void add_observed(const BlockPass& pass) {
  Workspace& work = pass.work;
  const PairTable out = pass.slots(pass.layout.observed);
  differentiate(pass);
  observe_gate(pass, out);
  add_marginal(pass, out);
  add_curvatures(pass, out);
  add_products(pass.layout.observed, pass.block, work.weights, work.totals.observed, work.gate.ahead);
}

}  // namespace detail

EXPERTMIX_DEFINITION void Mixture::check(const char* where) const {
  require(gate != nullptr, where, "gate", "is null");
  require(family != nullptr, where, "family", "is null");
  require(experts >= 1, where, "experts", "must be 1 or more");
  require(family->outcomes().count - 1 <= 1000 / experts, where, "experts",
          "experts x (classes - 1) must be at most 1000");
  gate->check(experts);
}

EXPERTMIX_DEFINITION Layout Mixture::layout(const Columns& columns, bool informed) const {
  const auto gate_list = gate->predictors(experts), family_list = family->predictors(experts);
  const auto terms = family->terms(experts);
  std::vector<detail::PredictorPair> em_pairs;
  for (std::size_t a = 0; a < gate_list.size(); ++a)
    for (std::size_t b = a; b < gate_list.size(); ++b) em_pairs.emplace_back(a, b);
  for (const TermPair& pair : family->pairs(experts)) {
    const detail::PredictorPair p{gate_list.size() + terms[pair.a].predictor,
                                  gate_list.size() + terms[pair.b].predictor};
    if (pair.em && std::find(em_pairs.begin(), em_pairs.end(), p) == em_pairs.end()) em_pairs.push_back(p);
  }
  return Layout(experts, family->outcomes(), columns, gate_list, family_list, em_pairs, informed);
}

EXPERTMIX_DEFINITION void Mixture::evaluate(const Block& block, const Layout& layout, const vec& parameters,
                                            detail::Responsibility how, detail::Workspace& work,
                                            bool gate_alone) const {
  detail::predict(block, layout, parameters, gate_alone, work);
  const Rows gate_rows{block.rows, experts, work.predictor};
  work.gate.ahead = block.ahead;
  gate->probabilities(gate_rows, work.gate);
  if (!block.response) return;
  if (!gate_alone) family->log_density(work.family_rows(block), block, work.scratch, work.log_f);
  detail::respond(block, experts, how, work);
}

EXPERTMIX_DEFINITION void Mixture::differentiate(const Block& block, const Layout& layout,
                                                 detail::Workspace& work) const {
  detail::weigh(block, experts, work);
  detail::find_score({*this, block, layout, work, {block.rows, experts, work.predictor}, work.family_rows(block)});
}

EXPERTMIX_DEFINITION void Mixture::add(const Block& block, const Layout& layout, const vec& parameters,
                                       detail::Responsibility how, detail::Workspace& work, bool gate_alone) const {
  const detail::Needs needs = work.needs;
  detail::Totals& totals = work.totals;
  evaluate(block, layout, parameters, how, work, gate_alone);
  totals.log_likelihood += detail::dot(block.weight, work.log_density, block.rows);
  if (work.gate.gap) totals.gap = std::min(totals.gap, detail::smallest(work.gate.gap, block));
  if (!needs.any()) return;
  detail::weigh(block, experts, work);
  detail::add_masses(block, experts, work);
  const detail::BlockPass pass{
      *this, block, layout, work, {block.rows, experts, work.predictor}, work.family_rows(block)};
  if (needs.score) detail::add_score(pass);
  if (needs.em) detail::add_em(pass);
  if (needs.observed) detail::add_observed(pass);
  if (!totals.shares.empty()) detail::add_shares(pass);
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
