#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "../fit.hpp"
#include "../model/layout.hpp"
#include "../model/scaling.hpp"
#include "../solver/parameter_set.hpp"
#include "tied_space.hpp"
#include "user_scale.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What keeps scalars where they may be, as conditions on the recoded parameters.
inline void add_scalar_bounds(const Layout& layout, ParameterSet& to) {
  for (const Bound& bound : layout.bounds) {
    vec normal(layout.parameters, arma::fill::zeros);
    normal(bound.parameter) = 1.0;
    to.add(normal, bound.lower, bound.upper, "scalar");
  }
}

/// From bounds on the user's scale to conditions on the recoded parameters.
class BoundedSet {
 public:
  BoundedSet(const Bounds& bounds, const Layout& layout, const Scaling& scaling)
      : bounds_(bounds), layout_(layout), map_(layout, scaling), user_(layout, map_) {
    for (const GateGroup& group : layout.gate_groups) bound_gate(group);
    for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p) bound_expert(p);
    add_scalar_bounds(layout, set_);
    set_.inside = map_.to_recoded(inside());
  }

  const ParameterSet& set() const { return set_; }

 private:
  vec blank() const { return vec(layout_.parameters, arma::fill::zeros); }

  /// from <= user_i <= to
  void bound(uword i, double from, double to, const std::string& name) {
    if (std::isfinite(from) || std::isfinite(to))
      set_.add(user_.slope.col(i), from - user_.origin(i), to - user_.origin(i), name);
  }
  /// |user_i - user_j| <= most
  void bound_difference(uword i, uword j, double most) {
    const double between = user_.origin(i) - user_.origin(j);
    set_.add(user_.slope.col(i) - user_.slope.col(j), -most - between, most - between, "gate");
  }

  void bound_gate(const GateGroup& group) {
    if (!std::isfinite(bounds_.gate)) return;
    for (uword j = 0; j < layout_.size(group.first); ++j)
      for (std::size_t k = 0; k < group.count; ++k) {
        const uword own = layout_.offset[group.first + k] + j;
        bound(own, -bounds_.gate, bounds_.gate, "gate");
        for (std::size_t l = 0; l < k && group.reference; ++l)
          bound_difference(own, layout_.offset[group.first + l] + j, bounds_.gate);
      }
  }

  void bound_expert(std::size_t p) {
    if (is_log_scale(layout_.predictors[p].unit))
      return bound(layout_.offset[p], std::log(bounds_.sigma_lower), std::log(bounds_.sigma_upper), "sigma");
    if (layout_.predictors[p].design != Design::experts) return;
    for (uword j = 0; j < layout_.size(p); ++j)
      bound(layout_.offset[p] + j, bounds_.experts_lower, bounds_.experts_upper, "experts");
  }

  /// The user's parameters of a point of the set: gates alike, experts nearly zero, scales near the response's.
  vec inside() const {
    vec out = blank();
    for (std::size_t p = layout_.gate_predictors; p < layout_.predictors.size(); ++p) {
      const arma::span own = layout_.span(p);
      if (layout_.predictors[p].design == Design::experts)
        out(own).fill(std::clamp(0.0, bounds_.experts_lower, bounds_.experts_upper));
      if (is_log_scale(layout_.predictors[p].unit))
        out(own).fill(std::clamp(user_.origin(own.a), std::log(bounds_.sigma_lower), std::log(bounds_.sigma_upper)));
    }
    return out;
  }

  const Bounds& bounds_;
  const Layout& layout_;
  ParameterMap map_;
  UserScale user_;
  ParameterSet set_;
};

/// A point of a set within ties, by projections on one and the other (Bregman 1965). Throws `invalid_argument` where
/// none is found.
inline vec inside_both(const ParameterSet& set, const ParameterSet& tied) {
  constexpr int most_rounds = 1000;
  vec point = tied.inside;
  for (int round = 0; round < most_rounds && !set.contains(point); ++round) point = nearest(tied, nearest(set, point));
  require(set.contains(point), "fit", "bounds", "leave no room for the ties");
  return point;
}

/// The parameters that ties leave, scalars where they may be.
inline ParameterSet tied_set(const TiedSpace& ties, const Layout& layout) {
  ParameterSet out;
  if (!ties.given()) return out;
  add_scalar_bounds(layout, out);
  ties.restrict(out);
  return out;
}

/// The parameters that bounds allow and ties leave; no conditions where there are none.
inline ParameterSet feasible_set(const Bounds& bounds, const TiedSpace& ties, const Layout& layout,
                                 const Scaling& scaling) {
  if (!bounds.given()) return tied_set(ties, layout);
  ParameterSet out = BoundedSet(bounds, layout, scaling).set();
  if (!ties.given()) return out;
  ParameterSet tied;
  ties.restrict(tied);
  const vec inside = inside_both(out, tied);
  ties.restrict(out);
  out.inside = inside;
  return out;
}

/// What of a point is at a bound, each name once.
inline std::vector<std::string> reached_bounds(const ParameterSet& set, const vec& point) {
  std::vector<std::string> out;
  for (uword i = 0; i < set.count(); ++i)
    if (set.side(i, point) != 0 && std::find(out.begin(), out.end(), set.names[i]) == out.end())
      out.push_back(set.names[i]);
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
