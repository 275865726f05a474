#pragma once

#include "../solver/climb.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A climb that came to its end: the objective it ended on, and how it ranks among others.
struct Finished {
  ClimbState state;
  Objective objective;
  double log_likelihood = -arma::datum::inf;
  double rank = -arma::datum::inf;  ///< log-likelihood less the variance guard
  bool guarded = false;             ///< an expert collapsed without the guard
  bool spiked = false;              ///< an expert follows a few rows
  bool drifted = false;             ///< a scalar went to its bound
  uword runs = 1;                   ///< short runs that it stands for

  bool found() const { return !state.point.empty(); }

  int faults() const { return guarded + spiked; }

  /// Any fit that stands without guard and spike is better than one with them.
  bool better_than(const Finished& other) const {
    return faults() != other.faults() ? faults() < other.faults() : rank > other.rank;
  }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
