#pragma once

#include <cmath>
#include <vector>

#include "parameter_set.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The maximum over d of the quadratic model s'd - d'H d / 2 with theta + d in a set that holds theta: a primal active
/// set method (Nocedal and Wright 2006, algorithm 16.3) in the null space of the active conditions. H may be
/// indefinite, as long as it is positive definite along the faces that are met. All is in the coordinates of the ties'
/// directions, where there are ties.
class ConstrainedStep {
 public:
  ConstrainedStep(const mat& h, const vec& score, const ParameterSet& set, const vec& point)
      : set_(set),
        h_(set.tied ? mat(set.basis.t() * h * set.basis) : h),
        score_(set.tied ? vec(set.basis.t() * score) : score),
        normals_(set.tied && set.count() > 0 ? mat(set.basis.t() * set.normals) : set.normals),
        step_(score_.n_elem, arma::fill::zeros) {
    if (set.count() > 0) start_ = set.normals.t() * point;
    for (uword i = 0; i < set.count(); ++i) activate(i, set.side(i, point));
  }

  /// The step; empty where the model has no maximum on a face.
  vec solve() {
    const uword most_rounds = 50 + 10 * (set_.count() + step_.n_elem);
    if (step_.empty()) return vec(set_.basis.n_rows, arma::fill::zeros);
    for (uword round = 0; round < most_rounds; ++round) {
      const vec move = free_move();
      if (move.empty()) return {};
      const Obstacle first = obstacle(move);
      step_ += first.length * move;
      if (first.side != 0)
        activate(first.condition, first.side);
      else if (!release())
        return set_.tied ? vec(set_.basis * step_) : step_;
    }
    return {};
  }

 private:
  /// An active condition, and at which of its bounds.
  struct Active {
    uword condition;
    int side;
  };

  /// How far a move goes, and the condition that ends it (no side: none).
  struct Obstacle {
    double length = 1.0;
    uword condition = 0;
    int side = 0;
  };

  /// Normals of the active conditions.
  mat active_normals() const {
    mat out(step_.n_elem, active_.size());
    for (uword a = 0; a < active_.size(); ++a) out.col(a) = normals_.col(active_[a].condition);
    return out;
  }

  /// An orthonormal basis of the directions along which all active conditions stay as they are.
  mat free_basis() const {
    if (active_.empty()) return arma::eye(step_.n_elem, step_.n_elem);
    mat q, r;
    arma::qr(q, r, active_normals());
    return q.tail_cols(step_.n_elem - active_.size());
  }

  /// Takes a condition as active, unless those that are make it so.
  void activate(uword condition, int side) {
    if (side == 0 || active_.size() == step_.n_elem) return;
    const vec normal = normals_.col(condition);
    if (arma::norm(free_basis().t() * normal) > 1e-9 * arma::norm(normal)) active_.push_back({condition, side});
  }

  /// Newton's step of the model along the free directions.
  vec free_move() const {
    const mat basis = free_basis();
    if (basis.empty()) return vec(step_.n_elem, arma::fill::zeros);
    mat root;
    if (!arma::chol(root, arma::symmatu(mat(basis.t() * h_ * basis)))) return {};
    const vec slope = basis.t() * (score_ - h_ * step_);
    const auto fast = arma::solve_opts::fast;
    return basis * arma::solve(arma::trimatu(root), arma::solve(arma::trimatl(mat(root.t())), slope, fast), fast);
  }

  Obstacle obstacle(const vec& move) const {
    Obstacle first;
    for (uword i = 0; i < set_.count(); ++i) {
      const double speed = arma::dot(normals_.col(i), move);
      if (is_active(i) || std::abs(speed) <= 1e-14 * arma::norm(normals_.col(i)) * arma::norm(move)) continue;
      const double value = start_(i) + arma::dot(normals_.col(i), step_);
      const double room = speed > 0.0 ? set_.upper(i) - value : set_.lower(i) - value;
      const double length = std::max(0.0, room / speed);
      if (length < first.length) first = {length, i, speed > 0.0 ? 1 : -1};
    }
    return first;
  }

  bool is_active(uword condition) const {
    for (const Active& a : active_)
      if (a.condition == condition) return true;
    return false;
  }

  /// Whether a condition holds its value for good.
  bool is_equation(uword condition) const { return set_.lower(condition) == set_.upper(condition); }

  /// Lets go of the active condition that holds the model back most; false where none does: the maximum.
  bool release() {
    if (active_.empty()) return false;
    const vec multiplier = arma::solve(active_normals(), vec(score_ - h_ * step_));
    const double rounding = 1e-10 * (1.0 + arma::abs(score_).max());
    uword worst = active_.size();
    double least = -rounding;
    for (uword a = 0; a < active_.size(); ++a)
      if (!is_equation(active_[a].condition) && active_[a].side * multiplier(a) < least) {
        least = active_[a].side * multiplier(a);
        worst = a;
      }
    if (worst == active_.size()) return false;
    active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(worst));
    return true;
  }

  const ParameterSet& set_;
  mat h_;
  vec score_;
  mat normals_;
  vec start_;  ///< the conditions' values at the point
  vec step_;
  std::vector<Active> active_;
};

/// The point of a set that is nearest to another.
inline vec nearest(const ParameterSet& set, const vec& point) {
  const vec tied = set.tied_point(point);
  if (set.contains(tied)) return tied;
  const mat identity = arma::eye(point.n_elem, point.n_elem);
  const vec way = tied - set.inside;
  return set.inside + ConstrainedStep(identity, way, set, set.inside).solve();
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
