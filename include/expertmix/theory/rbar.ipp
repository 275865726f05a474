#pragma once

#include <algorithm>
#include <cmath>

#include "../base/parallel.hpp"
#include "../base/random.hpp"
#include "../math/solution.hpp"
#include "rbar.hpp"
#include "rbar_system.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// The equations at unknowns v.
inline vec equations(const RbarSystem& system, const vec& v) { return system.equations(system.unpack(v)); }

/// Their derivatives, by central differences.
inline mat jacobian(const RbarSystem& system, const vec& u, uword count) {
  mat out(count, u.n_elem);
  for (uword j = 0; j < u.n_elem; ++j) {
    const double h = 1e-6 * std::max(1.0, std::abs(u(j)));
    vec up = u, down = u;
    up(j) += h;
    down(j) -= h;
    out.col(j) = (equations(system, up) - equations(system, down)) / (2.0 * h);
  }
  return out;
}

/// Levenberg-Marquardt from `u`. Throws `interrupted`.
inline vec least_squares(const RbarSystem& system, vec u, StopWatch& watch) {
  vec f = equations(system, u);
  double damping = 1e-2;
  for (int step = 0; step < 300 && damping < 1e10 && arma::norm(f) > 1e-14; ++step) {
    watch.check();
    const mat slope = jacobian(system, u, f.n_elem), gram = slope.t() * slope;
    mat move;
    if (!find_solution(move, gram + damping * arma::eye(arma::size(gram)), slope.t() * f)) break;
    const vec trial = equations(system, u - move);
    const double ratio = arma::norm(trial) / arma::norm(f);
    damping *= ratio < 1.0 ? 0.2 : 5.0;
    if (ratio < 1.0) {
      u -= move;
      f = trial;
    }
    if (ratio < 1.0 && ratio > 1.0 - 1e-9) break;
  }
  return u;
}

}  // namespace detail

EXPERTMIX_DEFINITION RbarCheck rbar_check(uword m, uword r, uword starts, std::uint64_t seed, double least_weight,
                                          const Context& context) try {
  require(m >= 1 && m <= 6, "rbar_check", "m", "must be between 1 and 6");
  require(r >= 1 && r <= 12, "rbar_check", "r", "must be between 1 and 12");
  require(starts >= 1, "rbar_check", "starts", "must be 1 or more");
  require(least_weight > 0.0 && least_weight < 1.0, "rbar_check", "least_weight", "must be between 0 and 1");
  const detail::RbarSystem system(m, r, least_weight);
  detail::StopWatch watch(context);
  RbarCheck best{arma::datum::inf, {}};
  for (uword s = 0; s < starts && best.residual > 1e-13; ++s) {
    Random random(seed, s);
    vec u(system.unknowns());
    u.imbue([&] { return random.normal(); });
    const mat t = system.unpack(detail::least_squares(system, u, watch));
    const double residual = arma::abs(system.equations(t)).max();
    if (residual < best.residual) best = {residual, t};
  }
  return best;
} catch (...) {
  detail::leave("rbar_check");
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
