#pragma once

#include <cmath>

#include "../model/statistics.hpp"
#include "penalty.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The maximum over d of the quadratic model s'd - d'H d / 2 - sum_j w_j |theta_j + d_j|: cyclic coordinate ascent
/// finds the signs (Friedman, Hastie and Tibshirani 2010, Journal of Statistical Software 33(1)), Newton's steps among
/// the non-zero ones the rest. H may be indefinite, as long as the model has a maximum among the signs that are
/// met.
class LassoStep {
 public:
  LassoStep(const mat& h, vec score, const vec& weight, const vec& point)
      : h_(h), weight_(weight), at_(point), gradient_(std::move(score)), start_(point) {}

  /// The step; empty where the quadratic model has no maximum.
  vec solve() {
    if (h_.diag().min() <= 0.0) return {};
    for (int round = 0; round < 200; ++round) {
      sweep(false);
      int still = 0;
      for (int again = 0; again < 30 && still < 3; ++again) still = sweep(true) ? 0 : still + 1;
      if (!polish()) return {};
      if (inactive_hold()) return at_ - start_;
    }
    return {};
  }

 private:
  static int sign(double value) { return (value > 0.0) - (value < 0.0); }

  static double soft(double value, double by) {
    if (value > by) return value - by;
    return value < -by ? value + by : 0.0;
  }

  void move(uword j, double to) {
    const double change = to - at_(j);
    if (change == 0.0) return;
    at_(j) = to;
    gradient_ -= change * h_.col(j);
  }

  /// Whether it changed a sign.
  bool sweep(bool only_active) {
    bool changed = false;
    for (uword j = 0; j < at_.n_elem; ++j) {
      if (only_active && at_(j) == 0.0 && weight_(j) > 0.0) continue;
      const double before = at_(j);
      move(j, soft(gradient_(j) + h_(j, j) * before, weight_(j)) / h_(j, j));
      changed = changed || sign(before) != sign(at_(j));
    }
    return changed;
  }

  /// Newton's steps among the active ones with their signs held, each up to the first that would change its sign, which
  /// leaves them. False where the model has no maximum among them.
  bool polish() {
    uvec active = arma::find(at_ != 0.0 || weight_ == 0.0);
    mat root;
    if (!active.empty() && !arma::chol(root, mat(h_(active, active)))) return false;
    while (!active.empty()) {
      const uword first = newton(active, root);
      if (first == active.n_elem) return true;
      active.shed_row(first);
      drop_column(root, first);
    }
    return true;
  }

  /// One such step; which of the active ones ended it, their number if none did.
  uword newton(const uvec& active, const mat& root) {
    const vec now = at_(active), right = gradient_(active) - weight_(active) % arma::sign(now);
    const auto fast = arma::solve_opts::fast;
    const vec step = arma::solve(arma::trimatu(root), arma::solve(arma::trimatl(mat(root.t())), right, fast), fast);
    double length = 1.0;
    uword first = active.n_elem;
    for (uword a = 0; a < active.n_elem; ++a)
      if (weight_(active(a)) > 0.0 && now(a) * (now(a) + length * step(a)) <= 0.0) {
        length = -now(a) / step(a);
        first = a;
      }
    vec next = now + length * step;
    if (first < active.n_elem) next(first) = 0.0;
    at_(active) = next;
    gradient_ -= h_.cols(active) * (next - now);
    return first;
  }

  /// The Cholesky root without a row and column of its matrix: Givens rotations take away what is below the diagonal.
  static void drop_column(mat& root, uword column) {
    root.shed_col(column);
    for (uword j = column; j < root.n_cols; ++j) {
      const double size = std::hypot(root(j, j), root(j + 1, j)), c = root(j, j) / size, s = root(j + 1, j) / size;
      for (uword l = j; l < root.n_cols; ++l) {
        const double upper = root(j, l), lower = root(j + 1, l);
        root(j, l) = c * upper + s * lower;
        root(j + 1, l) = c * lower - s * upper;
      }
    }
    root.shed_row(root.n_rows - 1);
  }

  bool inactive_hold() const {
    for (uword j = 0; j < at_.n_elem; ++j)
      if (at_(j) == 0.0 && weight_(j) > 0.0 && std::abs(gradient_(j)) > weight_(j) * (1.0 + 1e-10)) return false;
    return true;
  }

  const mat& h_;
  const vec& weight_;
  vec at_, gradient_, start_;
};

/// The step for a block-diagonal information, the ridge and, if given, a damping of its diagonal included, of those
/// parameters that are free, not zero or violate the optimality conditions: among all the information may be indefinite
/// at a maximum, among these it is not. Empty where a block has no maximum.
inline vec lasso_step(const Information& information, const vec& score, const SeparablePenalty& penalty,
                      const vec& point, const vec& damping = {}) {
  const vec slope = score - penalty.ridge % point;
  const uvec mobile = arma::find(point != 0.0 || arma::abs(slope) > penalty.lasso || penalty.lasso == 0.0);
  vec out(point.n_elem, arma::fill::zeros);
  for (std::size_t b = 0; b < information.block.size(); ++b) {
    const uword first = information.first[b], end = first + information.block[b].n_rows;
    const uvec own = mobile(arma::find(mobile >= first && mobile < end));
    if (own.empty()) continue;
    mat h = information.block[b](own - first, own - first);
    if (!damping.empty()) h.diag() += damping(own);
    h.diag() += penalty.ridge(own) + 1e-11 * h.diag().max();
    const vec step = LassoStep(h, slope(own), penalty.lasso(own), point(own)).solve();
    if (step.empty()) return {};
    out(own) = step;
  }
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
