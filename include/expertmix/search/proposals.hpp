#pragma once

#include <array>

#include "../math/solution.hpp"
#include "cuts.hpp"
#include "features.hpp"
#include "gaussian_gate.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The ways to guess which expert a row belongs to. No way wins everywhere.
enum class Proposal {
  trees,          ///< leaves of a random tree in the gate covariates
  oblique,        ///< leaves of a random tree in all covariates and the residual of one expert
  lines,          ///< the nearest of random hyperplanes
  cells,          ///< the nearest of random rows
  clusters,       ///< k-means of gate covariates and response
  segments,       ///< k-means of gate covariates
  gaussian_gate,  ///< EM in closed form from there
  random
};

/// In turn for the independent starts 0, 1, 2, ... of a fit.
inline Proposal proposal_of(uword start) {
  using P = Proposal;
  constexpr std::array<Proposal, 8> turn = {P::trees, P::oblique, P::lines,    P::clusters,
                                            P::trees, P::oblique, P::segments, P::cells};
  return turn[start % turn.size()];
}

/// Each row to the nearest of K hyperplanes, each through p + 1 random rows.
inline uvec line_labels(const mat& x, const mat& response, uword experts, Random& random) {
  const uword points = std::min<uword>(x.n_cols + 1, x.n_rows);
  mat distance(x.n_rows, experts);
  for (uword k = 0; k < experts; ++k) {
    const uvec chosen = random.sample(x.n_rows, points);
    mat coefficients;
    if (!find_solution(coefficients, x.rows(chosen), response.rows(chosen)))
      coefficients.zeros(x.n_cols, response.n_cols);
    distance.col(k) = arma::sum(arma::square(response - x * coefficients), 1);
  }
  return arma::index_min(distance, 1);
}

/// Each row to the nearest centre.
inline uvec nearest_centre(const mat& features, const mat& centres) {
  mat distance(features.n_rows, centres.n_rows);
  for (uword k = 0; k < centres.n_rows; ++k)
    distance.col(k) = arma::sum(arma::square(features.each_row() - centres.row(k)), 1);
  return arma::index_min(distance, 1);
}

/// Rounds of k-means from random rows.
inline uvec cluster_labels(const mat& features, uword clusters, int rounds, Random& random) {
  mat centres = features.rows(random.sample(features.n_rows, clusters));
  uvec labels(features.n_rows);
  for (int round = 0; round < rounds; ++round) {
    labels = nearest_centre(features, centres);
    for (uword k = 0; k < clusters; ++k) {
      const uvec members = arma::find(labels == k);
      if (!members.empty()) centres.row(k) = arma::mean(features.rows(members), 0);
    }
  }
  return labels;
}

/// Every column times a random factor below 2.
inline mat stretched(mat features, Random& random) {
  for (uword j = 0; j < features.n_cols; ++j) features.col(j) *= 2.0 * random.uniform();
  return features;
}

/// The gate's columns, the response beside them unless segments are wanted.
inline mat cluster_features(const Features& features, bool both) {
  const mat gate = features.design.cols(uvec(features.columns.gate));
  return both || features.gate.n_cols == 0 ? arma::join_rows(gate, features.response) : gate;
}

inline uvec guess(Proposal how, const Features& features, uword experts, Random& random) {
  constexpr int rounds = 10;
  if (how == Proposal::trees) return tree_labels(features.region(), experts, random);
  if (how == Proposal::oblique) return tree_labels(features.all, experts, random);
  if (how == Proposal::lines) return line_labels(features.experts, features.response, experts, random);
  if (how == Proposal::cells)
    return cluster_labels(stretched(random.uniform() < 0.5 ? features.region() : features.all, random), experts, 1,
                          random);
  if (how == Proposal::random) {
    uvec labels(features.design.n_rows);
    labels.imbue([&] { return random.index(experts); });
    return labels;
  }
  return cluster_labels(stretched(cluster_features(features, how == Proposal::clusters), random), experts, rounds,
                        random);
}

/// A start's responsibilities: 0.9 for the guessed expert, the rest spread evenly, or what EM makes of that.
inline mat propose(Proposal how, const Features& features, uword experts, Random& random) {
  const mat out = softened(guess(how, features, experts, random), experts);
  return how == Proposal::gaussian_gate ? gaussian_gate(features, out) : out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
