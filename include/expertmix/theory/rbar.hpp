#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "../base/parallel.hpp"
#include "../base/random.hpp"

namespace expertmix {

/// How nearly the polynomial system that defines rbar(m) can be solved at some r.
struct RbarCheck {
  double residual;  ///< largest absolute value of an equation
  mat solution;     ///< m rows of t1, ..., t5: max |t3| = 1, t5^2 between `least_weight` and 1
};

namespace detail {

/// The system of 2305.03288, Lemma 1 (d = 1): for all l1, l2 with 1 <= l1 + l2 <= r,
/// sum_i t5_i^2 sum_{a1 + a2 = l1, a3 + 2 a4 = l2 - a2} t1_i^a1 t2_i^a2 t3_i^a3 t4_i^a4 / (a1! a2! a3! a4!) = 0.
class RbarSystem {
 public:
  RbarSystem(uword atoms, uword order, double least_weight) : m_(atoms), r_(order), least_(least_weight) {}

  uword unknowns() const { return 5 * m_ - 1; }

  /// Free unknowns: t1, t2, t4; t3 = (1, sin u); t5^2 = least + (1 - least) / (1 + exp(-u)).
  mat unpack(const vec& u) const {
    mat t(m_, 5);
    t.col(0) = u.subvec(0, m_ - 1), t.col(1) = u.subvec(m_, 2 * m_ - 1), t.col(3) = u.subvec(2 * m_, 3 * m_ - 1);
    t.col(4) = arma::sqrt(least_ + (1.0 - least_) / (1.0 + arma::exp(-u.subvec(3 * m_, 4 * m_ - 1))));
    t(0, 2) = 1.0;
    for (uword i = 1; i < m_; ++i) t(i, 2) = std::sin(u(4 * m_ + i - 1));
    return t;
  }

  vec equations(const mat& t) const {
    vec out((r_ + 1) * (r_ + 2) / 2 - 1, arma::fill::zeros);
    for (uword i = 0; i < m_; ++i) {
      const mat term = terms(t.row(i));
      for (uword l1 = 0, e = 0; l1 <= r_; ++l1)
        for (uword l2 = l1 == 0 ? 1 : 0; l1 + l2 <= r_; ++l2) out(e++) += t(i, 4) * t(i, 4) * inner(term, l1, l2);
    }
    return out;
  }

 private:
  /// t^a / a! for a = 0, ..., r, one column each of t1, ..., t4.
  mat terms(const arma::rowvec& t) const {
    mat out(r_ + 1, 4, arma::fill::ones);
    for (uword a = 1; a <= r_; ++a)
      for (uword j = 0; j < 4; ++j) out(a, j) = out(a - 1, j) * t(j) / static_cast<double>(a);
    return out;
  }
  static double inner(const mat& term, uword l1, uword l2) {
    double sum = 0.0;
    for (uword a2 = 0; a2 <= std::min(l1, l2); ++a2)
      for (uword a4 = 0; 2 * a4 <= l2 - a2; ++a4)
        sum += term(l1 - a2, 0) * term(a2, 1) * term(l2 - a2 - 2 * a4, 2) * term(a4, 3);
    return sum;
  }

  uword m_, r_;
  double least_;
};

/// Levenberg-Marquardt from `u`, with central differences. Throws `interrupted`.
inline vec least_squares(const RbarSystem& system, vec u, StopWatch& watch) {
  const auto at = [&](const vec& v) { return system.equations(system.unpack(v)); };
  vec f = at(u);
  double damping = 1e-2;
  for (int step = 0; step < 300 && damping < 1e10 && arma::norm(f) > 1e-14; ++step) {
    watch.check();
    mat jacobian(f.n_elem, u.n_elem);
    for (uword j = 0; j < u.n_elem; ++j) {
      const double h = 1e-6 * std::max(1.0, std::abs(u(j)));
      vec up = u, down = u;
      up(j) += h, down(j) -= h;
      jacobian.col(j) = (at(up) - at(down)) / (2.0 * h);
    }
    const mat gram = jacobian.t() * jacobian;
    vec move;
    if (!arma::solve(move, gram + damping * arma::eye(arma::size(gram)), vec(jacobian.t() * f))) break;
    const vec trial = at(u - move);
    const double ratio = arma::norm(trial) / arma::norm(f);
    damping *= ratio < 1.0 ? 0.2 : 5.0;
    if (ratio < 1.0) u -= move, f = trial;
    if (ratio < 1.0 && ratio > 1.0 - 1e-9) break;
  }
  return u;
}

}  // namespace detail

/// The best of so many searches for a solution of the system of m atoms at order r. Throws `invalid_argument`,
/// `interrupted`.
inline RbarCheck rbar_check(uword m, uword r, uword starts, std::uint64_t seed, double least_weight = 0.1,
                            const Context& context = {}) try {
  require(m >= 1 && m <= 6, "rbar_check", "m", "must be between 1 and 6");
  require(r >= 1 && r <= 12, "rbar_check", "r", "must be between 1 and 12");
  require(starts >= 1, "rbar_check", "starts", "must be 1 or more");
  require(least_weight > 0.0 && least_weight < 1.0, "rbar_check", "least_weight", "must be between 0 and 1");
  const detail::RbarSystem system(m, r, least_weight);
  StopWatch watch(context);
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

}  // namespace expertmix
