#pragma once

#include <algorithm>
#include <cmath>

#include "ascent_state.hpp"

/// When an ascent of a smooth objective is at its end.
namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// So many trials in a row that are rejected, or steps in a row that gain nothing to speak of, are enough.
constexpr uword most_rejected = 30, most_idle = 10;

/// A rise that is smaller is none: by the settings, or by the rounding of the objective.
inline double least_rise(const AscentSettings& settings, double value) {
  return std::max(settings.tolerance, 1e-13 * std::abs(value));
}

/// Whether steps with the observed information gain no more, or there are none.
inline bool stands_still(const AscentState& state) {
  const bool newton = state.phase == AscentState::Phase::newton && !state.at.observed.empty();
  return state.still > most_still || (newton && state.idle >= most_idle);
}

/// Ends where steps gain no more; the certificate says how near to a maximum that is.
inline void finish_at_rounding(AscentState& state) {
  constexpr double near_enough = 1e-3;
  state.finish("no further ascent", state.certificate.maximum && state.certificate.decrement < near_enough);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
