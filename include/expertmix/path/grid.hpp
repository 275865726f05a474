#pragma once

#include "ascents.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Values in geometric progression, both ends exact.
inline vec geometric(double first, double last, uword count) {
  vec out = arma::exp(arma::linspace(std::log(first), std::log(last), count));
  out.back() = last;
  out.front() = first;
  return out;
}

/// From one lambda of a search to the next, about.
constexpr double scout_step = 1.2;

/// So many steps upwards, at most.
constexpr int most_steps = 50;

/// Decreasing lambdas, the best fit known at each, and how fits are followed from one lambda to the next.
class LassoGrid {
 public:
  LassoGrid(LassoAscents& ascents, const Context& context)
      : ascents_(ascents), problem_(ascents.problem()), context_(context) {}

  vec lambda;
  std::vector<LassoPoint> best;
  vec constants;  ///< the parameters of constant experts, all alike; empty where no expert is to be done without

  void place(vec values) {
    lambda = std::move(values);
    best.assign(lambda.n_elem, {});
  }

  /// The first lambda that is no larger than a value, or the last of all.
  uword first_at_most(double value) const {
    uword i = 0;
    while (i + 1 < lambda.n_elem && lambda(i) > value) ++i;
    return i;
  }

  /// One more than the last lambda with a fit.
  uword end() const {
    uword end = lambda.n_elem;
    while (end > 0 && !best[end - 1].found()) --end;
    return end;
  }

  void keep(uword i, const LassoPoint& found) {
    if (found.better_than(best[i])) best[i] = found;
  }

  uword new_branch() { return ++branches_; }

  /// A branch of its own from a maximum at one of the lambdas, up and down.
  void branch_off(LassoPoint from, uword i);

  /// From one fit to the next, each where the last ended, until an expert collapses, another branch is met or has been
  /// the better one for a while. Downwards to where no branch leads it goes on without an expert that would collapse.
  void walk(LassoPoint from, double own, uword first, int step);

  /// The smallest lambda, to a thousandth, at which a fit with all penalised slopes zero, given as a maximum from
  /// `least` on, is better than the first one here with slopes, followed upwards.
  double find_top(const LassoPoint& zero, double least);

  /// Other lambdas, their fits followed from those at the present ones above and below, as far as these reach. Once
  /// time is up the present ones stay, unless others are `wanted`.
  void respace(const vec& values, bool wanted);

  /// Downwards from the last fit.
  void go_on() {
    const uword last = end();
    if (last > 0 && last < lambda.n_elem) walk(best[last - 1], lambda(last - 1), last, 1);
  }

  /// Where neighbours are of two branches, or the coefficients of one are better than the other as they are, one may be
  /// better at the other's lambda: the path goes on from there, down and up.
  void compare_neighbours() {
    compare_neighbours(1);
    compare_neighbours(-1);
  }

 private:
  bool late() const { return context_.deadline.passed(); }
  LassoPoint follow(const LassoPoint& from, double own, double to);
  LassoPoint follow_with_fewer(const LassoPoint& from, double to);
  void join(uword branch, uword other);
  void compare_neighbours(int step);

  LassoAscents& ascents_;
  const LassoProblem& problem_;
  const Context& context_;
  uword branches_ = 0;
};

/// The maximum at the lambda `to` from one that belongs to the lambda `own`.
inline LassoPoint LassoGrid::follow(const LassoPoint& from, double own, double to) {
  LassoPoint out = ascents_.solve(to, from, own);
  out.began = from.began;
  out.branch = from.branch;
  return out;
}

/// The maximum at the lambda `to` without an expert that would collapse there: a branch of its own.
inline LassoPoint LassoGrid::follow_with_fewer(const LassoPoint& from, double to) {
  if (constants.empty()) return {};
  LassoPoint out = ascents_.solve_with_fewer(to, from, constants);
  out.began = from.began;
  out.branch = new_branch();
  return out;
}

/// Two branches turn out to be one.
inline void LassoGrid::join(uword branch, uword other) {
  for (LassoPoint& point : best)
    if (point.branch == other) point.branch = branch;
}

inline void LassoGrid::branch_off(LassoPoint from, uword i) {
  from.branch = new_branch();
  keep(i, from);
  walk(from, lambda(i), i - 1, -1);
  walk(from, lambda(i), i + 1, 1);
}

inline void LassoGrid::walk(LassoPoint from, double own, uword first, int step) {
  int worse = 0;
  for (uword i = first; i < lambda.n_elem && !late(); i += static_cast<uword>(step)) {
    LassoPoint now = follow(from, own, lambda(i));
    if (!now.found() && step > 0 && !best[i].found()) now = follow_with_fewer(from, lambda(i));
    if (!now.found()) {
      if (!best[i].found()) best[i].branch = from.branch;
      return;
    }
    if (now.same_as(best[i])) return join(from.branch, best[i].branch);
    worse = now.better_than(best[i]) ? 0 : worse + 1;
    if (worse == 5) return;
    keep(i, now);
    context_.report(
        {Stage::lambda, static_cast<double>(i + 1), static_cast<double>(lambda.n_elem), now.log_likelihood});
    from = std::move(now);
    own = lambda(i);
  }
}

inline double LassoGrid::find_top(const LassoPoint& zero, double least) {
  constexpr double close = 1.001;
  const auto sloped = [&](const LassoPoint& at) { return at.found() && problem_.penalised_slopes(at.point) > 0; };
  const auto first = std::find_if(best.begin(), best.end(), sloped);
  if (first == best.end()) return least;
  lambda = vec(lambda.tail(static_cast<uword>(best.end() - first)));
  best.erase(best.begin(), first);
  const auto put_first = [&](double value, LassoPoint point) {
    lambda.insert_rows(0, vec{value});
    best.insert(best.begin(), std::move(point));
  };
  const auto rises = [&](double to) {
    LassoPoint now = follow(best[0], lambda(0), to);
    if (!sloped(now) || now.same_as(zero) || !now.better_than(zero)) return false;
    put_first(to, std::move(now));
    return true;
  };
  double top = least;
  // A step may be too long to stay on a branch, and a short one not
  for (bool more = true; more; more = lambda(0) >= least && !late() && rises(top)) {
    if (lambda(0) >= least) top = lambda(0) * scout_step;
    for (int step = 0; step < most_steps && !late() && rises(top); ++step) top *= scout_step;
    while (lambda(0) >= least && top > close * lambda(0) && !late()) {
      const double middle = std::sqrt(lambda(0) * top);
      if (!rises(middle)) top = middle;
    }
  }
  put_first(top, zero);
  return top;
}

inline void LassoGrid::respace(const vec& values, bool wanted) {
  const vec scouted = lambda;
  const uword reached = end();
  std::vector<LassoPoint> scouts = std::move(best);
  place(values);
  uword above = 0;
  bool leads = true;  // somewhere, from the scout above: if not here, neither further down
  for (uword i = 0; i < lambda.n_elem && (wanted || !late()); ++i) {
    for (; above + 1 < scouted.n_elem && scouted(above + 1) >= lambda(i) * (1.0 - 1e-12); leads = true) ++above;
    const uword below = std::min<uword>(above + 1, scouted.n_elem - 1);
    if (leads && scouts[above].found()) {
      const LassoPoint now = follow(scouts[above], scouted(above), lambda(i));
      leads = now.found();
      keep(i, now);
    }
    if (scouts[below].found() && scouts[below].branch != scouts[above].branch)
      keep(i, follow(scouts[below], scouted(below), lambda(i)));
    if (!best[i].found() && i > 0 && best[i - 1].found()) best[i] = follow(best[i - 1], lambda(i - 1), lambda(i));
    if (!best[i].found() && above + 1 >= reached) break;
  }
  if (late() && !wanted) {
    lambda = scouted;
    best = std::move(scouts);
  }
}

inline void LassoGrid::compare_neighbours(int step) {
  const uword count = lambda.n_elem, by = static_cast<uword>(step);  // -1 and what is below 0 go round
  for (uword i = step > 0 ? 1 : count - 2; i < count && !late(); i += by) {
    const LassoPoint &from = best[i - by], &own = best[i];
    if (!from.found()) continue;
    const double here = from.value + problem_.penalty(lambda(i - by)).at(from.gate_mass).value(from.point) -
                        problem_.penalty(lambda(i)).at(from.gate_mass).value(from.point);
    if (from.branch == own.branch && here <= own.value + 1e-8 * problem_.weight()) continue;
    const LassoPoint now = follow(from, lambda(i - by), lambda(i));
    if (now.same_as(own)) join(from.branch, own.branch);
    keep(i, now);
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
