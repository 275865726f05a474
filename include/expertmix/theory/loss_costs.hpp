#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "cells.hpp"
#include "loss.hpp"

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
/// their largest: they may be too large for a number.
class LossCosts {
 public:
  LossCosts(const Atoms& estimate, const Atoms& truth, const Loss& loss)
      : estimate_(estimate),
        truth_(truth),
        active_(loss.active),
        log_weight_(estimate.log_weight - estimate.log_weight.max()),
        wanted_(arma::exp(truth.log_weight - truth.log_weight.max())) {
    for (uword atoms = 0; atoms <= estimate.count(); ++atoms) terms_.push_back(loss.of_cell(atoms));
  }

  CellCosts at(const Cells& cell, const vec& shift) const;
  double total(const CellCosts& at, double scale, vec* slope = nullptr) const;

  /// The estimate's unit in the truth's, where no translation of the intercepts is free.
  double scale() const {
    return std::exp(std::clamp(estimate_.log_weight.max() - truth_.log_weight.max(), -700.0, 700.0));
  }
  double total_weight() const { return arma::accu(arma::exp(log_weight_)); }
  const vec& wanted() const { return wanted_; }  ///< exp(beta_0j*)

 private:
  const Atoms &estimate_, &truth_;
  uword active_;
  std::vector<std::vector<LossTerm>> terms_;  ///< of cells of so many atoms
  vec log_weight_, wanted_;
};

inline CellCosts LossCosts::at(const Cells& cell, const vec& shift) const {
  const uword cells = truth_.count();
  CellCosts out{vec(cells, arma::fill::zeros), vec(cells, arma::fill::zeros),
                mat(shift.n_elem, cells, arma::fill::zeros)};
  for (uword i = 0; i < cell.size(); ++i) {
    const uword j = cell[i];
    const vec gate = estimate_.gate.col(i) + shift - truth_.gate.col(j);
    const auto square = [&](const mat& a, const mat& b) { return arma::accu(arma::square(a.col(i) - b.col(j))); };
    for (const LossTerm& term : terms_[std::count(cell.begin(), cell.end(), j)]) {
      double norm = 0.0;
      if (term.has('g')) norm += arma::accu(arma::square(gate));
      if (term.has('t')) norm += std::pow(estimate_.temperature - truth_.temperature, 2);
      if (term.has('a')) norm += square(estimate_.slope, truth_.slope);
      if (term.has('b')) norm += square(estimate_.intercept, truth_.intercept);
      if (term.has('v')) norm += square(estimate_.variance, truth_.variance);
      norm = std::sqrt(norm);
      if (norm == 0.0) continue;
      const auto weighted = [&](double power) { return std::exp(log_weight_(i) + power * std::log(norm)); };
      out.value(j) += weighted(term.power);
      if (term.has('g')) out.slope.col(j) += term.power * weighted(term.power - 1.0) * (gate / norm);
    }
    out.mass(j) += std::exp(log_weight_(i));
  }
  return out;
}

/// The sum over the cells, or over the `active` largest, of s cost_j + |s mass_j - exp(beta_0j*)|.
inline double LossCosts::total(const CellCosts& at, double scale, vec* slope) const {
  const vec own = scale > 0.0 ? vec(scale * at.value + arma::abs(scale * at.mass - wanted_)) : wanted_;
  uvec order = arma::sort_index(own, "descend");
  if (active_ > 0 && active_ < order.n_elem) order = order.head(active_).eval();
  if (slope) *slope = scale * arma::sum(at.slope.cols(order), 1);
  return arma::accu(own.elem(order));
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
