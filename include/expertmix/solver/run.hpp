#pragma once

#include <functional>

#include "../model/request.hpp"

namespace expertmix {

/// What a run may be told between passes: return a reason to stop, or nothing.
template <class Solver>
using Watch = std::function<std::string(const decltype(Solver::state)&)>;

/// The only loop: asks the solver, passes over the data, tells the solver.
template <class Solver>
void run(Solver& solver, const Pass& pass, const Watch<Solver>& watch = {}) {
  while (!solver.finished()) {
    solver.tell(pass(solver.ask())[0]);
    const std::string reason = watch ? watch(solver.state) : std::string();
    if (!reason.empty() && !solver.finished()) solver.stop(reason);
  }
}

}  // namespace expertmix
