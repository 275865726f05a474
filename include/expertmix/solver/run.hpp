#pragma once

#include <functional>

#include "../base/context.hpp"
#include "ascent.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Sees an ascent's state after every pass.
using Watch = std::function<void(const AscentState&)>;

/// The only loop: asks the ascent, passes over the data, tells the ascent, until that has finished or time is up.
inline void run(Ascent& ascent, const Pass& pass, const Deadline& deadline = {}, const Watch& watch = {}) {
  while (!ascent.finished()) {
    ascent.tell(pass(ascent.ask())[0]);
    if (watch) watch(ascent.state);
    if (deadline.passed() && !ascent.finished()) ascent.stop("time limit");
  }
}

/// A whole ascent by a rule.
inline AscentState ascend(const Layout& layout, StepRule& rule, const AscentSettings& settings, const vec& from,
                          const Pass& pass, const Deadline& deadline = {}, const Watch& watch = {}) {
  Ascent ascent(layout, rule, settings);
  ascent.start(from);
  run(ascent, pass, deadline, watch);
  return std::move(ascent.state);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
