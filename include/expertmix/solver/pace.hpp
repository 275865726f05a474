#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// How fast an ascent gains, by its last two steps.
class Pace {
 public:
  /// `trace` holds the objective after each step, the start included; a step that was rejected since breaks the pace.
  Pace(const std::vector<double>& trace, bool broken)
      : known_(trace.size() >= 3), broken_(broken), gain_(difference(trace, 1)), previous_(difference(trace, 2)) {
    if (!trace.empty()) rounding_ = 4.0 * arma::datum::eps * std::abs(trace.back());
  }

  double gain() const { return gain_; }

  /// Whether the last two steps gained no more than rounding can.
  bool stalled() const { return known_ && std::max(gain_, previous_) <= rounding_; }

  /// How much the last step gained for each unit that the one before did.
  double rate() const {
    if (!known_ || broken_ || previous_ <= 0.0) return 1.0;
    return std::min(gain_ / previous_, 1.0);
  }

  /// What is still to be gained if the steps go on shrinking at their present rate (Aitken).
  double remaining() const { return rate() < 1.0 ? gain_ * rate() / (1.0 - rate()) : arma::datum::inf; }

  /// Steps until what remains falls below a tolerance, at the present rate.
  double steps_left(double tolerance) const {
    if (rate() == 1.0) return arma::datum::inf;
    return std::max(0.0, std::log(tolerance / remaining()) / std::log(rate()));
  }

 private:
  /// The gain of the last step but `back` - 1; 0 where there was none.
  static double difference(const std::vector<double>& trace, std::size_t back) {
    return trace.size() > back ? trace[trace.size() - back] - trace[trace.size() - back - 1] : 0.0;
  }

  bool known_, broken_;
  double gain_, previous_, rounding_ = 0.0;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
