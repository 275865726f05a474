#pragma once

#include "bounded_rule.hpp"
#include "run.hpp"
#include "smooth_rule.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A whole ascent of a smooth objective within a set of parameters, from the point of it nearest to another; without a
/// set, of all parameters.
inline AscentState climb_within(const ParameterSet& set, const Mixture& mixture, const Layout& layout,
                                const Objective& objective, const SmoothSettings& settings, const vec& from,
                                const Pass& pass, const Deadline& deadline = {}, const Watch& watch = {}) {
  if (set.given()) {
    BoundedRule rule(mixture, layout, objective, settings, set);
    return ascend(layout, rule, settings, nearest(set, from), pass, deadline, watch);
  }
  SmoothRule rule(mixture, layout, objective, settings);
  return ascend(layout, rule, settings, from, pass, deadline, watch);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
