#pragma once

#include <algorithm>

#include "../base/random.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A direction among some features: half the time along one of them, else normal.
inline vec random_direction(uword features, Random& random) {
  vec direction(features, arma::fill::zeros);
  if (random.uniform() < 0.5)
    direction(random.index(features)) = 1.0;
  else
    direction.imbue([&] { return random.normal(); });
  return direction;
}

/// Gives some rows a label: those whose position along a direction is below a quantile between .08 and .92. Equal
/// positions are told apart at random.
inline void cut(const uvec& rows, vec position, uword label, uvec& labels, Random& random) {
  constexpr double least_share = 0.08, tie = 1e-9;
  for (double& value : position) value += tie * random.normal();
  const double share = least_share + (1.0 - 2.0 * least_share) * random.uniform();
  const uword place =
      std::clamp<uword>(static_cast<uword>(share * static_cast<double>(rows.n_elem)), 1, rows.n_elem - 1);
  const double quantile = vec(arma::sort(position))(place);
  for (uword i = 0; i < rows.n_elem; ++i)
    if (position(i) < quantile) labels(rows(i)) = label;
}

/// Cuts the rows of one label in two along a random direction of some features; fewer than two rows stay as they are.
inline void cut_at_random(const mat& features, uword from, uword label, uvec& labels, Random& random) {
  const uvec rows = arma::find(labels == from);
  if (rows.n_elem < 2) return;
  cut(rows, features.rows(rows) * random_direction(features.n_cols, random), label, labels, random);
}

/// The leaves of a random tree: K - 1 times a region, chosen by size, is cut in two.
inline uvec tree_labels(const mat& features, uword leaves, Random& random) {
  uvec labels(features.n_rows, arma::fill::zeros);
  for (uword k = 1; k < leaves; ++k) cut_at_random(features, labels(random.index(labels.n_elem)), k, labels, random);
  return labels;
}

/// Responsibilities of 0.9 for the guessed expert, the rest spread evenly.
inline mat softened(const uvec& labels, uword experts) {
  mat out(labels.n_elem, experts);
  out.fill(0.1 / static_cast<double>(experts));
  for (uword i = 0; i < labels.n_elem; ++i) out(i, labels(i)) += 0.9;
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
