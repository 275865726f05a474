#pragma once

#include "../math/solution.hpp"
#include "gaussian_gate.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The ways to guess which expert a row belongs to.
enum class Proposal { lines, clusters, segments, random, gaussian_gate };

/// In turn for the starts 0, 1, 2, ...
inline Proposal proposal_of(uword start) { return static_cast<Proposal>(start % 5); }

namespace detail {

/// Each row to the nearest of K hyperplanes, each through p + 1 random rows.
inline uvec line_labels(const mat& design, const mat& response, const std::vector<uword>& columns, uword experts,
                        Random& random) {
  const mat x = design.cols(arma::conv_to<uvec>::from(columns));
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

/// Ten rounds of k-means from random rows.
inline uvec cluster_labels(const mat& features, uword clusters, Random& random) {
  mat centres = features.rows(random.sample(features.n_rows, clusters));
  uvec labels(features.n_rows);
  for (int round = 0; round < 10; ++round) {
    mat distance(features.n_rows, clusters);
    for (uword k = 0; k < clusters; ++k)
      distance.col(k) = arma::sum(arma::square(features.each_row() - centres.row(k)), 1);
    labels = arma::index_min(distance, 1);
    for (uword k = 0; k < clusters; ++k) {
      const uvec members = arma::find(labels == k);
      if (!members.empty()) centres.row(k) = arma::mean(features.rows(members), 0);
    }
  }
  return labels;
}

/// Gate covariates, each stretched at random, with the response beside them unless segments are wanted.
inline mat cluster_features(const mat& design, const mat& response, const std::vector<uword>& gate, bool both,
                            Random& random) {
  mat features = design.cols(arma::conv_to<uvec>::from(gate));
  if (both || gate.size() < 2) features = arma::join_rows(features, response);
  for (uword j = 0; j < features.n_cols; ++j) features.col(j) *= 2.0 * random.uniform();
  return features;
}

}  // namespace detail

/// A start's responsibilities for rows of a design and a numeric response: 0.9 for the guessed expert, the rest spread
/// evenly.
inline mat propose(Proposal how, const mat& design, const mat& response, const Columns& columns, uword experts,
                   Random& random) {
  uvec labels(design.n_rows);
  if (how == Proposal::lines)
    labels = detail::line_labels(design, response, columns.experts, experts, random);
  else if (how == Proposal::random)
    labels.imbue([&] { return random.index(experts); });
  else
    labels = detail::cluster_labels(
        detail::cluster_features(design, response, columns.gate, how == Proposal::clusters, random), experts, random);
  mat out(labels.n_elem, experts);
  out.fill(0.1 / static_cast<double>(experts));
  for (uword i = 0; i < labels.n_elem; ++i) out(i, labels(i)) += 0.9;
  return how == Proposal::gaussian_gate ? gaussian_gate(design, response, columns, out) : out;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
