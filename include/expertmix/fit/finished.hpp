#pragma once

#include "../solver/climb.hpp"

namespace expertmix {

/// A climb that came to its end: the objective it ended on, and how it ranks among others.
struct Finished {
  ClimbState state;
  Objective objective;
  double log_likelihood = -arma::datum::inf;
  double rank = -arma::datum::inf;  ///< log-likelihood less the variance guard
  bool guarded = false;             ///< an expert collapsed without the guard
  bool drifted = false;             ///< the temperature went to its bound
  uword runs = 1;                   ///< short runs that it stands for

  bool found() const { return !state.point.empty(); }

  /// Any fit that stands without guard and bound is better than one that needs them.
  bool better_than(const Finished& other) const {
    const int needs = guarded + drifted, other_needs = other.guarded + other.drifted;
    return needs != other_needs ? needs < other_needs : rank > other.rank;
  }
};

}  // namespace expertmix
