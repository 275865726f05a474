#pragma once

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <optional>
#include <vector>

#include "../base/blas.hpp"
#include "../solver/climb.hpp"
#include "../solver/relabel.hpp"
#include "ascents.hpp"
#include "ground.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The likelihood along one parameter of the user's at a time, all others at their best: the ends of the values t with
/// r(t) <= z, where r(t)^2 = 2 { l(fit) - max_{theta_j = t} l }.
class ProfileJob {
 public:
  ProfileJob(const Data& data, const Mixture& mixture, const Coefficients& fit, const Runaways& away,
             const Context& context)
      : mixture_(mixture),
        context_(context),
        prepared_(prepare(data, mixture, fit.origin, &fit, context)),
        ground_(data, prepared_.design.pointers, prepared_.scaling, mixture, layout(), context),
        map_(layout(), prepared_.scaling),
        user_(layout(), map_),
        objective_(objective(away)),
        best_(map_.to_recoded(parameters_of(layout(), prepared_.kept, fit))) {
    const Statistics at = at_fit();
    value_ = at.log_likelihood;
    objective_value_ = at.log_likelihood + at.steering;
    information_ = arma::symmatu(at.observed.block[0]);
    inverse_ = inverse();
    for (uword k = 1; k < mixture.experts; ++k)
      for (uword l = 0; l < k; ++l)
        if (const arma::sp_mat exchanged = exchange(k, l); prepared_.ties.kept_by(exchanged))
          exchanges_.push_back(exchanged);
  }

  Profiles run(const std::vector<uword>& parameters, double level);

 private:
  /// A value of the parameter, r there, and where all parameters are at their best. Where the climb did not converge r
  /// is smaller than that; where it came to experts with other labels, r is not known and infinite.
  struct Place {
    double value = 0.0, root = 0.0;
    vec point;
    bool converged = true;

    bool is_inside(double z) const { return root < z; }
    bool is_known(double z) const { return converged || is_inside(z); }
  };

  /// A direction of all parameters in which theta_j grows by one, and a first size of steps.
  struct Course {
    vec direction;
    double error;
  };

  const Layout& layout() const { return prepared_.layout; }

  /// That of the fit, with its bounds of what runs away.
  Objective objective(const Runaways& away) const {
    const Ascents ascents(mixture_, prepared_, options_, context_);
    Objective out = ascents.plain();
    if (away.gate) out.bound = ascents.in_gate_unit(ascents.bound());
    if (away.experts) out.expert_bound = ascents.bound();
    return out;
  }

  Statistics at_fit() {
    Statistics at = ground_.fold({best_, {true, true, true}, {}})[0];
    objective_.add(layout(), best_, at);
    return at;
  }

  mat inverse() const;
  arma::sp_mat exchange(uword k, uword l) const;
  double distance(const vec& point) const;
  bool is_relabelled(const vec& point) const;
  bool outside(uword j, double value) const;
  ParameterSet held(uword j, double value, const vec& inside) const;
  Place climb(uword j, double value, const vec& from);
  Course course(uword j) const;
  double end(uword j, int side, double z);
  Place reach(uword j, int side, double z, Place& inner);
  std::optional<double> narrow(uword j, double z, Place& inner, Place outer);

  const Mixture& mixture_;
  const Context& context_;
  Options options_;
  Prepared prepared_;
  Ground ground_;
  ParameterMap map_;
  UserScale user_;
  Objective objective_;
  vec best_;
  double value_, objective_value_;
  mat information_;
  mat inverse_;                          ///< of the observed information, made positive definite where it is not
  std::vector<arma::sp_mat> exchanges_;  ///< of the labels of two experts
  double rise_ = 0.0;
};

inline mat ProfileJob::inverse() const {
  constexpr int most_raised = 20;
  mat observed = prepared_.ties.within(information_), out;
  const vec diagonal = arma::clamp(arma::abs(observed.diag()), 1e-10, arma::datum::inf);
  for (int raised = 0; raised < most_raised && !arma::inv_sympd(out, observed); ++raised)
    observed.diag() += 1e-10 * std::pow(10.0, raised) * diagonal;
  return prepared_.ties.whole(out);
}

inline arma::sp_mat ProfileJob::exchange(uword k, uword l) const {
  uvec order = arma::regspace<uvec>(0, mixture_.experts - 1);
  std::swap(order(k), order(l));
  return relabelling(layout(), order);
}

/// How far a point is from the fit, by the fit's information.
inline double ProfileJob::distance(const vec& point) const {
  const vec gap = point - best_;
  return arma::dot(gap, information_ * gap);
}

/// Whether it is nearer to the fit with the labels of two experts exchanged: the same likelihood, of no interest here.
inline bool ProfileJob::is_relabelled(const vec& point) const {
  const double own = distance(point);
  const auto nearer = [&](const arma::sp_mat& exchanged) { return distance(exchanged * point) < own; };
  return std::any_of(exchanges_.begin(), exchanges_.end(), nearer);
}

/// Whether a scalar may not have a value.
inline bool ProfileJob::outside(uword j, double value) const {
  for (const Bound& bound : layout().bounds)
    if (bound.parameter == j && (value <= bound.lower || value >= bound.upper)) return true;
  return false;
}

inline ParameterSet ProfileJob::held(uword j, double value, const vec& inside) const {
  ParameterSet out;
  const double recoded = value - user_.origin(j);
  out.add(user_.slope.col(j), recoded, recoded, "held");
  add_scalar_bounds(layout(), out);
  prepared_.ties.restrict(out);
  out.inside = inside;
  return out;
}

/// The best parameters with theta_j at a value, from near them. Bounds of what runs away have no part in r.
inline ProfileJob::Place ProfileJob::climb(uword j, double value, const vec& from) {
  SmoothSettings settings;
  settings.warm = 1;
  settings.iterations = 200;
  const ParameterSet set = held(j, value, from);
  AscentState end =
      climb_within(set, mixture_, layout(), objective_, settings, from, std::ref(ground_.fold), context_.deadline);
  const double unit = prepared_.scaling.weight_unit;
  rise_ = std::max(rise_, unit * (end.value - objective_value_));
  if (is_relabelled(end.point)) return {value, arma::datum::inf, std::move(end.point), false};
  const double drop = 2.0 * unit * (value_ - end.at.log_likelihood);
  return {value, std::sqrt(std::max(drop, 0.0)), std::move(end.point), end.converged && std::isfinite(drop)};
}

/// How the best parameters move with theta_j at the fit, and the standard error of theta_j: half its value where the
/// likelihood rises for ever, and says nothing of that.
inline ProfileJob::Course ProfileJob::course(uword j) const {
  const vec along = inverse_ * user_.slope.col(j);
  const double variance = arma::dot(user_.slope.col(j), along);
  const double error = std::sqrt(variance / prepared_.scaling.weight_unit);
  const double half = 0.5 * std::abs(user_.value(j, best_));
  const bool unbounded = objective_.bound + objective_.expert_bound > 0.0 && half > 0.0;
  return {along / variance, unbounded ? std::min(error, half) : error};
}

/// The first place with r >= z, by secant steps that grow, or shrink where a climb does not converge; `inner` is the
/// last one before it. Infinite where r stands still, or a scalar may go no further: the interval has no end there.
inline ProfileJob::Place ProfileJob::reach(uword j, int side, double z, Place& inner) {
  constexpr int most_steps = 60, most_failures = 6;
  const Course at_fit = course(j);
  vec direction = at_fit.direction;
  double step = side * (z - inner.root) * at_fit.error;
  int still = 0, failures = 0;
  for (int i = 0; i < most_steps && still < 3 && !outside(j, inner.value + step); ++i) {
    Place next = climb(j, inner.value + step, inner.point + step * direction);
    if (!next.is_known(z)) {
      if (++failures == most_failures) return next;
      step *= 0.25;
      continue;
    }
    if (!next.is_inside(z)) return next;
    const double gain = next.root - inner.root;
    still = gain < 1e-3 * z ? still + 1 : 0;
    direction = (next.point - inner.point) / step;
    step *= std::clamp(gain > 0.0 ? 1.05 * (z - next.root) / gain : 3.0, 0.1, 3.0);
    inner = std::move(next);
  }
  return {side * arma::datum::inf, 0.0, {}, true};
}

/// The value with r = z between two places, by the Illinois rule; none where r jumps over z between neighbouring
/// values, of which `inner` is then the one inside.
inline std::optional<double> ProfileJob::narrow(uword j, double z, Place& inner, Place outer) {
  constexpr int most_steps = 60;
  constexpr double close = 1e-6;
  const double least_width = 1e-9 * std::abs(outer.value - inner.value);
  double below = inner.root - z, above = outer.root - z;
  for (int i = 0; i < most_steps && outer.root - z > close * z; ++i) {
    if (std::abs(outer.value - inner.value) <= least_width) return {};
    const double share = std::clamp(below / (below - above), 0.01, 0.99);
    const double value = inner.value + share * (outer.value - inner.value);
    Place next = climb(j, value, inner.point + share * (outer.point - inner.point));
    if (!next.is_known(z)) return arma::datum::nan;
    if (std::abs(next.root - z) <= close * z) return next.value;
    if (next.is_inside(z)) {
      below = next.root - z;
      above *= 0.5;
      inner = std::move(next);
    } else {
      above = next.root - z;
      below *= 0.5;
      outer = std::move(next);
    }
  }
  return outer.value;
}

/// Where r jumps over z, a climb has ended at a lower maximum: from the inside the next one goes on.
inline double ProfileJob::end(uword j, int side, double z) {
  constexpr int most_jumps = 10;
  Place inner{user_.value(j, best_), 0.0, best_, true};
  for (int jumps = 0; jumps < most_jumps; ++jumps) {
    const Place outer = reach(j, side, z, inner);
    if (!outer.converged) return arma::datum::nan;
    if (!std::isfinite(outer.value)) return outer.value;
    if (const std::optional<double> found = narrow(j, z, inner, outer)) return *found;
    inner = climb(j, outer.value, inner.point);
    if (!inner.is_inside(z)) return inner.is_known(z) ? inner.value : arma::datum::nan;
  }
  return arma::datum::nan;
}

inline Profiles ProfileJob::run(const std::vector<uword>& parameters, double level) {
  const OneBlasThread blas;
  const double z = std::sqrt(2.0) * boost::math::erf_inv(level);
  Profiles out;
  out.ends.set_size(parameters.size(), 2);
  for (uword i = 0; i < parameters.size(); ++i) {
    context_.report({Stage::profile, static_cast<double>(i), static_cast<double>(parameters.size()), value_});
    out.ends(i, 0) = end(parameters[i], -1, z);
    out.ends(i, 1) = end(parameters[i], 1, z);
  }
  out.rise = rise_;
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
