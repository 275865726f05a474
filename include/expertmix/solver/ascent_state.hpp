#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "../model/statistics.hpp"
#include "record.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Steps for which an ascent keeps to the responsibilities that a user gives: the gate's M-step is one Newton step of
/// each.
constexpr uword steps_given = 5;

/// After so many passes without an accepted step an ascent ends, whatever its rule proposes.
constexpr uword most_still = 100;

/// What every ascent is told.
struct AscentSettings {
  uword warm = 0;  ///< EM steps before anything else
  uword iterations = 1000000;
  double tolerance = 1e-8;
  uword annealed = 0;  ///< first steps with responsibilities r ~ (pi f)^beta, beta rising from 0.2 to 1
  uword given = 0;     ///< first steps with the responsibilities that come with the rows
  double smallest_log_scale = -std::numeric_limits<double>::infinity();  ///< below it an expert has collapsed
};

/// All that an ascent and its rule know: plain data, so that it can be stored and taken up again.
struct AscentState {
  enum class Phase { em, newton, lbfgs, finished } phase = Phase::em;

  vec point, trial;
  Statistics at;                                               ///< at `point`, of the whole objective
  double value = -std::numeric_limits<double>::infinity();     ///< the objective at `point`, penalties included
  double violation = std::numeric_limits<double>::infinity();  ///< of a penalised objective's optimality conditions
  Information metric;    ///< latest EM information: damps Newton's steps, preconditions L-BFGS
  uword metric_age = 0;  ///< accepted steps since then
  Information observed;  ///< of penalised steps: latest observed information
  bool fresh = false;    ///< it is that of `point`
  bool slow = true;      ///< penalised steps leave much of the violation: they need the information of their own point
  uword weak = 0;        ///< accepted steps in a row at which an expert was weak
  double damping = 0.0, fraction = 1.0, predicted = 0.0, strictness = 1.0;
  uword idle = 0;   ///< accepted steps in a row that gained less than the tolerance
  uword still = 0;  ///< passes since the last accepted step
  uword rejected = 0, iterations = 0, passes = 0, escapes = 0;
  bool escaping = false;
  bool again = false;               ///< the trial is the point itself, for what is missing there
  std::vector<vec> moves, changes;  ///< of L-BFGS
  std::vector<double> trace;        ///< the objective after each accepted step
  Certificate certificate;
  bool converged = false, collapsed = false;
  std::string method = "em", status;

  bool first() const { return point.empty(); }
  bool finished() const { return phase == Phase::finished; }

  void finish(const std::string& why, bool at_maximum) {
    phase = Phase::finished;
    status = why;
    converged = at_maximum;
  }

  /// One more pass at the same point, for what is missing there.
  void look_again() {
    trial = point;
    again = true;
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
