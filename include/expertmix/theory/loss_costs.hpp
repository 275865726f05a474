#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "cells.hpp"
#include "loss.hpp"
#include "loss_scale.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// For all cells j: sum_{i in A_j} exp(beta_0i) sum_terms ||.||^power, its subgradient in t2, sum_{i in A_j}
/// exp(beta_0i).
struct CellCosts {
  vec value, mass;
  mat slope;
};

/// What a loss charges an estimate for. Weights exp(beta_0i), of the estimate and of the truth, are counted in units of
/// their largest: they may be too large for a number. Without a free s = exp(t1), both have the same unit.
class LossCosts {
 public:
  LossCosts(const Atoms& estimate, const Atoms& truth, const Loss& loss, bool scales)
      : estimate_(estimate), truth_(truth), loss_(loss), scales_(scales) {
    const double own = estimate.log_weight.max(), other = truth.log_weight.max();
    estimate_unit_ = scales ? own : std::max(own, other);
    truth_unit_ = scales ? other : estimate_unit_;
    wanted_ = arma::exp(truth.log_weight - truth_unit_);
    for (uword atoms = 0; atoms <= estimate.count(); ++atoms) terms_.push_back(priced(loss.of_cell(atoms)));
  }

  /// At so large differences of the gate slopes, one column an atom.
  CellCosts at(const Cells& cell, const mat& gate) const;

  /// The loss at the best s, in units of exp(unit()).
  BestScale best_scale(const CellCosts& costs) const;

  /// No s beyond this is best for cells of these masses.
  double most_scale(const vec& mass) const {
    const uvec filled = arma::find(mass > 0.0);
    return filled.empty() ? 0.0 : arma::max(vec(wanted_.elem(filled) / mass.elem(filled)));
  }
  bool scales_estimate() const { return scales_ && loss_.translate == Translate::estimate; }
  bool attains(double scale) const { return !scales_ || scale > 0.0; }
  double unit() const { return scales_estimate() ? truth_unit_ : estimate_unit_; }

 private:
  struct Priced {
    LossTerm term;
    mat rest;  ///< norms of the term's blocks but for the gate slopes: estimate x truth
  };

  std::vector<Priced> priced(const std::vector<LossTerm>& terms) const;
  double rest(const LossTerm& term, uword i, uword j) const;
  void add_costs(uword i, uword j, const std::vector<Priced>& terms, const vec& gate, CellCosts& to) const;

  const Atoms &estimate_, &truth_;
  const Loss& loss_;
  bool scales_;
  double estimate_unit_, truth_unit_;
  vec wanted_;                              ///< exp(beta_0j*)
  std::vector<std::vector<Priced>> terms_;  ///< of cells of so many atoms
};

inline std::vector<LossCosts::Priced> LossCosts::priced(const std::vector<LossTerm>& terms) const {
  std::vector<Priced> out;
  for (const LossTerm& term : terms) {
    mat norms(estimate_.count(), truth_.count());
    for (uword j = 0; j < truth_.count(); ++j)
      for (uword i = 0; i < estimate_.count(); ++i) norms(i, j) = rest(term, i, j);
    out.push_back({term, norms});
  }
  return out;
}

inline double LossCosts::rest(const LossTerm& term, uword i, uword j) const {
  double norm = 0.0;
  const auto add = [&](const mat& a, const mat& b) { norm = std::hypot(norm, arma::norm(a.col(i) - b.col(j))); };
  if (term.has('t')) norm = std::abs(estimate_.temperature - truth_.temperature);
  if (term.has('a') && !truth_.slope.empty()) add(estimate_.slope, truth_.slope);
  if (term.has('b')) add(estimate_.intercept, truth_.intercept);
  if (term.has('v') && !truth_.variance.empty()) add(estimate_.variance, truth_.variance);
  return norm;
}

inline CellCosts LossCosts::at(const Cells& cell, const mat& gate) const {
  const vec none(truth_.count(), arma::fill::zeros);
  CellCosts out{none, none, mat(gate.n_rows, none.n_elem, arma::fill::zeros)};
  for (uword i = 0; i < cell.size(); ++i) {
    add_costs(i, cell[i], terms_[static_cast<std::size_t>(std::count(cell.begin(), cell.end(), cell[i]))], gate.col(i),
              out);
    out.mass(cell[i]) += std::exp(estimate_.log_weight(i) - estimate_unit_);
  }
  return out;
}

inline void LossCosts::add_costs(uword i, uword j, const std::vector<Priced>& terms, const vec& gate,
                                 CellCosts& to) const {
  const double weight = estimate_.log_weight(i) - estimate_unit_;
  const double away = gate.empty() ? 0.0 : arma::norm(gate);
  for (const auto& [term, rest] : terms) {
    const double norm = std::hypot(rest(i, j), term.has('g') ? away : 0.0);
    if (norm == 0.0) continue;
    const double size = std::log(norm), power = term.power;
    to.value(j) += std::exp(weight + power * size);
    if (term.has('g')) to.slope.col(j) += power * std::exp(weight + (power - 2.0) * size) * gate;
  }
}

inline BestScale LossCosts::best_scale(const CellCosts& costs) const {
  const vec none(costs.mass.n_elem, arma::fill::zeros);
  const ScaledCells cells = scales_estimate() ? ScaledCells{none, costs.value, wanted_, costs.mass, loss_.active}
                                              : ScaledCells{costs.value, none, costs.mass, wanted_, loss_.active};
  return scales_ ? cells.minimum() : cells.at(1.0);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
