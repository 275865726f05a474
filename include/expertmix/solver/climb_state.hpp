#pragma once

#include <cmath>
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include "../model/statistics.hpp"
#include "record.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A gate's coefficients change by at most so much in a step, for standardised columns.
constexpr double largest_gate_step = 30.0;

/// An expert's scale falls by at most a factor e^3 in a step.
constexpr double largest_fall_of_log_scale = 3.0;

/// Steps for which a climb keeps to the responsibilities that a user gives: the gate's M-step is one Newton step of
/// each.
constexpr uword steps_given = 5;

/// After so many passes without an accepted step a climb ends, whatever its phases propose.
constexpr uword most_still = 100;

/// How a climb goes about it.
struct ClimbSettings {
  Method method = Method::automatic;  ///< after the warm EM steps; automatic chooses by the cost of an observed pass
  uword warm = 10;                    ///< EM steps before anything else
  uword iterations = 1000000;
  double tolerance = 1e-8;
  uword annealed = 0;           ///< first steps with responsibilities r ~ (pi f)^beta, beta rising from 0.2 to 1
  uword given = 0;              ///< first steps with the responsibilities that come with the rows
  bool certify = true;          ///< judge the end by the observed information
  bool bounds_experts = false;  ///< end where an expert runs away, so that it can be bounded
  uvec held;                    ///< parameters that stay where they are
  double smallest_log_scale = -std::numeric_limits<double>::infinity();  ///< below it an expert has collapsed
};

/// All that a climb knows: plain data, so that it can be stored and taken up again.
struct ClimbState {
  enum class Phase { em, newton, lbfgs, finished } phase = Phase::em;

  vec point, trial;
  Statistics at;       ///< at `point`, guard and bound included
  Information metric;  ///< latest EM information: damps Newton's steps, preconditions L-BFGS
  double damping = 0.0, fraction = 1.0, predicted = 0.0;
  double gain = 0.0, previous_gain = 0.0, strictness = 1.0;
  uword idle = 0;   ///< accepted steps in a row that gained less than the tolerance
  uword still = 0;  ///< passes since the last accepted step
  uword rejected = 0, iterations = 0, passes = 0, metric_age = 0, escapes = 0;
  bool escaping = false;
  bool again = false;  ///< the trial is the point itself, for what is missing there
  std::deque<vec> moves, changes;
  std::vector<double> trace;
  Certificate certificate;
  bool converged = false, collapsed = false;
  std::string method = "em", status;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
