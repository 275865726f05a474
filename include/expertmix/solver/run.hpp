#pragma once

#include <chrono>
#include <functional>

#include "climb.hpp"

namespace expertmix {

/// What a run may be told between passes: return a reason to stop, or nothing.
using Watch = std::function<std::string(const ClimbState&)>;

/// The only loop: asks the climb, passes over the data, tells the climb.
inline void run(Climb& climb, const Pass& pass, const Watch& watch = {}) {
  while (!climb.finished()) {
    climb.tell(pass(climb.ask())[0]);
    const std::string reason = watch ? watch(climb.state) : std::string();
    if (!reason.empty() && !climb.finished()) climb.stop(reason);
  }
}

}  // namespace expertmix
