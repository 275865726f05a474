#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "../base/armadillo.hpp"
#include "../base/error.hpp"
#include "../solver/record.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The most starts that a search may be asked for.
constexpr uword most_starts = 100000;

/// The most values of lambda of a path.
constexpr uword most_lambdas = 10000;

/// How much a search that chooses its effort by itself may cost: a quarter of the usual, or four times as much.
enum class Thoroughness { quick, usual, thorough };

/// Settings of any search for a maximum.
struct SearchOptions {
  uword starts = 0;  ///< independent starts, at most `most_starts`; 0 chooses by the number of rows
  Thoroughness search = Thoroughness::usual;  ///< how much the search may cost where it chooses by itself
  uword iterations = 1000;                    ///< at most so many accepted steps of one run
  double tolerance = 1e-8;  ///< a run ends when its certificate (what the objective can still rise, the largest
                            ///< violation of the optimality conditions) is smaller
  std::uint64_t seed = 1;   ///< start s draws from (seed, s): results do not depend on the number of threads
  double guard = 1.0;       ///< strength of the variance guard that steers the search
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
  SpikeRule spike;                                              ///< which experts are spikes
  vec origin = {};  ///< of a gate whose slopes act alone: one number, or one for each column of z; empty: that of the
                    ///< start's coefficients, or the weighted means of the columns

  /// Throws `invalid_argument`.
  void check(const char* where) const {
    require(starts <= most_starts, where, "starts", "must be at most " + std::to_string(most_starts));
    require(iterations >= 1, where, "iterations", "must be 1 or more");
    require(tolerance > 0.0 && std::isfinite(tolerance), where, "tolerance", "must be positive");
    require(guard >= 0.0 && std::isfinite(guard), where, "guard", "must not be negative");
    require(time_limit >= 0.0, where, "time_limit", "must not be negative");
    require(spike.rows >= 0.0 && std::isfinite(spike.rows), where, "spike", "rows must not be negative");
    require(spike.sd >= 0.0 && spike.sd < 1.0, where, "spike", "sd must be a share: from 0 to below 1");
  }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
