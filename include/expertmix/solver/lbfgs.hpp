#pragma once

#include <vector>

#include "linear_system.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// EM information as L-BFGS's first metric: at least 1e-4 in every direction of standardised columns. Along one with
/// less, the curvature grows so fast that a step by what it is here would be cut short again and again.
inline Information trusted(Information em) {
  for (mat& block : em.block) block.diag() += 1e-4;
  return regularised(em);
}

/// Ascent direction of limited-memory BFGS with the EM information as its first metric (two-loop recursion; Nocedal and
/// Wright 2006, algorithm 7.4). `changes` are the falls of the score along the `moves`.
inline vec lbfgs_direction(const vec& score, const std::vector<vec>& moves, const std::vector<vec>& changes,
                           const CholeskyFactor& metric) {
  vec q = score, alpha(moves.size());
  for (std::size_t i = moves.size(); i-- > 0;) {
    alpha(i) = arma::dot(moves[i], q) / arma::dot(moves[i], changes[i]);
    q -= alpha(i) * changes[i];
  }
  vec direction = metric.solve(q);
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const double beta = arma::dot(changes[i], direction) / arma::dot(moves[i], changes[i]);
    direction += (alpha(i) - beta) * moves[i];
  }
  return direction;
}

/// Keeps the latest twenty pairs with positive curvature.
inline void remember(const vec& move, const vec& change, std::vector<vec>& moves, std::vector<vec>& changes) {
  if (arma::dot(move, change) <= 1e-12 * arma::norm(move) * arma::norm(change)) return;
  moves.push_back(move);
  changes.push_back(change);
  if (moves.size() > 20) {
    moves.erase(moves.begin());
    changes.erase(changes.begin());
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
