#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// What a pass over the rows is asked for beside the log-likelihood.
struct Needs {
  bool score = false, em = false, observed = false;
  bool beside = false;  ///< with the score: also in the columns that the source keeps beside its blocks

  bool any() const { return score || em || observed; }
};

}  // namespace detail

/// A symmetric matrix over the parameters, zero outside diagonal blocks of consecutive parameters.
struct Information {
  std::vector<uword> first;  ///< first parameter of each block
  std::vector<mat> block;    ///< the blocks

  /// Whether it was not asked for.
  bool empty() const { return block.empty(); }
  /// Whether all elements are.
  bool is_finite() const {
    return std::all_of(block.begin(), block.end(), [](const mat& b) { return b.is_finite(); });
  }

  /// The sum; that of an empty one is the other.
  Information& operator+=(const Information& other) {
    if (empty()) return *this = other;
    for (std::size_t b = 0; b < other.block.size(); ++b) block[b] += other.block[b];
    return *this;
  }

  /// The block that holds a parameter.
  std::size_t find(uword parameter) const {
    std::size_t b = first.size() - 1;
    while (first[b] > parameter) --b;
    return b;
  }

  /// The element of two parameters of one block.
  double& operator()(uword i, uword j) {
    const std::size_t b = find(i);
    return block[b](i - first[b], j - first[b]);
  }
  /// The element of two parameters of one block.
  double operator()(uword i, uword j) const {
    const std::size_t b = find(i);
    return block[b](i - first[b], j - first[b]);
  }

  /// Among some parameters of one block.
  mat among(const arma::span& parameters) const {
    const std::size_t b = find(parameters.a);
    const arma::span own(parameters.a - first[b], parameters.b - first[b]);
    return block[b](own, own);
  }

  /// Takes a parameter out: zero beside the diagonal, one on it.
  void isolate(uword parameter) {
    const std::size_t b = find(parameter);
    const uword own = parameter - first[b];
    block[b].row(own).zeros();
    block[b].col(own).zeros();
    block[b](own, own) = 1.0;
  }

  /// Of all parameters.
  vec diagonal() const {
    vec d;
    for (const mat& b : block) d = arma::join_cols(d, vec(b.diag()));
    return d;
  }
};

/// What a pass returns: sums over rows, additive over blocks, lanes and shards, and never larger than the parameters.
struct Statistics {
  double log_likelihood = 0;      ///< sum_i w_i log f(y_i | x_i, z_i)
  double steering = 0;            ///< what an objective adds to the log-likelihood; of a pass none
  double weight = 0;              ///< sum_i w_i
  double gap = arma::datum::inf;  ///< top-K gates: smallest relative distance of a row to a change of its active set
  vec mass;                       ///< sum_i w_i r_ik: K
  vec gate_mass;                  ///< sum_i w_i pi_ik: K
  vec score;                      ///< derivative of the log-likelihood, less a request's toll: P
  mat shares;  ///< where there is a toll, of gate_mass in the gate's parameters, with the observed information: G x K
  mat beside;  ///< the same in the columns beside the blocks: columns x predictors
  Information em;        ///< complete-data information that EM solves with
  Information observed;  ///< minus the second derivative of the log-likelihood

  /// What a solver makes large.
  double objective() const { return log_likelihood + steering; }

  /// Whether all numbers are.
  bool is_finite() const {
    return std::isfinite(log_likelihood) && score.is_finite() && em.is_finite() && observed.is_finite();
  }

  /// Makes a parameter appear to be at its optimum.
  void hold(uword parameter) {
    score(parameter) = 0.0;
    for (Information* information : {&em, &observed})
      if (!information->empty()) information->isolate(parameter);
  }

  /// Adds those of other rows.
  Statistics& operator+=(const Statistics& other) {
    log_likelihood += other.log_likelihood;
    steering += other.steering;
    weight += other.weight;
    gap = std::min(gap, other.gap);
    add(mass, other.mass);
    add(gate_mass, other.gate_mass);
    add(score, other.score);
    add(beside, other.beside);
    em += other.em;
    observed += other.observed;
    return *this;
  }

 private:
  template <class Values>
  static void add(Values& to, const Values& from) {
    if (to.empty())
      to = from;
    else
      to += from;
  }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
