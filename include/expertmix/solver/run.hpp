#pragma once

#include <functional>

#include "../base/context.hpp"
#include "../mixture/request.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Sees a run's state after every pass.
template <class Solver>
using Watch = std::function<void(const decltype(Solver::state)&)>;

/// The only loop: asks the solver, passes over the data, tells the solver, until that has finished or time is up.
template <class Solver>
void run(Solver& solver, const Pass& pass, const Deadline& deadline = {}, const Watch<Solver>& watch = {}) {
  while (!solver.finished()) {
    solver.tell(pass(solver.ask())[0]);
    if (watch) watch(solver.state);
    if (deadline.passed() && !solver.finished()) solver.stop("time limit");
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
