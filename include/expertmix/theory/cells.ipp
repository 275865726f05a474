#pragma once

#include <cmath>
#include <numeric>
#include <utility>

#include "../math/solution.hpp"
#include "cells.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

constexpr double most_vertices = 1e5;
constexpr std::size_t most_ties = 4096;

inline double subsets(uword count, uword size) {
  double out = 1.0;
  for (uword i = 0; i < size; ++i) out *= static_cast<double>(count - i) / static_cast<double>(i + 1);
  return count < size ? 0.0 : out;
}

/// Calls visit(subset) for all increasing subsets of so many of 0, ..., count - 1.
template <class Visit>
void for_each_subset(uword count, uword size, Visit visit) {
  if (count < size) return;
  uvec subset = size > 0 ? arma::regspace<uvec>(0, size - 1) : uvec();
  for (;;) {
    visit(subset);
    uword moved = size;
    while (moved > 0 && subset(moved - 1) == count - size + moved - 1) --moved;
    if (moved == 0) return;
    ++subset(moved - 1);
    for (uword i = moved; i < size; ++i) subset(i) = subset(i - 1) + 1;
  }
}

/// An orthonormal basis of what the columns span, the coordinates themselves where that is everything.
inline mat span_of(const mat& columns) {
  mat all = arma::eye(columns.n_rows, columns.n_rows);
  mat basis(columns.n_rows, 0);
  if (columns.n_cols > 0 && !arma::orth(basis, columns)) return all;
  return basis.n_cols == columns.n_rows ? all : basis;
}

EXPERTMIX_DEFINITION CellMap::CellMap(const Atoms& estimate, const Atoms& truth)
    : gate_(estimate.gate),
      truth_(truth.gate),
      rest_(estimate.count(), truth.count(), arma::fill::zeros),
      anchors_(gate_.n_rows, rest_.n_elem) {
  const auto square = [](const mat& a, uword i, const mat& b, uword j) {
    return arma::accu(arma::square(a.col(i) - b.col(j)));
  };
  for (uword j = 0, c = 0; j < truth.count(); ++j)
    for (uword i = 0; i < estimate.count(); ++i, ++c) {
      rest_(i, j) = square(estimate.slope, i, truth.slope, j) + square(estimate.intercept, i, truth.intercept, j) +
                    square(estimate.variance, i, truth.variance, j);
      anchors_.col(c) = truth_.col(j) - gate_.col(i);
    }
  find_borders();
  span_ = span_of(normal_);
  complete_ = subsets(level_.n_elem, span_.n_cols) <= most_vertices;
}

/// |beta_i + t2 - beta_j*|^2 + rest_ij = |beta_i + t2 - beta_l*|^2 + rest_il
EXPERTMIX_DEFINITION void CellMap::find_borders() {
  const mat apart = distances(vec(gate_.n_rows, arma::fill::zeros));
  std::vector<double> levels;
  normal_.set_size(gate_.n_rows, 0);
  for (uword l = 1; l < truth_.n_cols; ++l)
    for (uword j = 0; j < l; ++j) {
      const vec normal = 2.0 * (truth_.col(l) - truth_.col(j));
      const bool parallel = !arma::any(normal);
      for (uword i = 0; i < gate_.n_cols; ++i) {
        const double level = apart(i, l) - apart(i, j);
        if (parallel) rest_(i, rest_(i, l) < rest_(i, j) ? j : l) = arma::datum::inf;
        if (parallel || !std::isfinite(level)) continue;
        normal_.insert_cols(normal_.n_cols, normal);
        levels.push_back(level);
      }
    }
  level_ = vec(levels);
}

EXPERTMIX_DEFINITION mat CellMap::distances(const vec& shift) const {
  mat out = rest_;
  for (uword j = 0; j < truth_.n_cols; ++j)
    out.col(j) += arma::sum(arma::square(gate_.each_col() + (shift - truth_.col(j))), 0).t();
  return out;
}

EXPERTMIX_DEFINITION std::vector<Cells> CellMap::at(const vec& shift, double tolerance) const {
  const mat all = distances(shift);
  std::vector<Cells> out{Cells()};
  for (uword i = 0; i < all.n_rows; ++i) {
    const arma::rowvec own = all.row(i);
    const uvec order = arma::stable_sort_index(own);
    const arma::rowvec finite = own.elem(arma::find_finite(own)).t();
    const double most = finite.empty() ? 0.0 : finite.min() + tolerance * finite.max();
    const uvec near = order.head(std::max<uword>(1, arma::accu(own <= most)));
    const bool many = out.size() * near.n_elem > most_ties;
    std::vector<Cells> longer;
    for (uword l = 0; l < (many ? 1 : near.n_elem); ++l)
      for (Cells cell : out) {
        cell.push_back(near(l));
        longer.push_back(std::move(cell));
      }
    out = std::move(longer);
  }
  return out;
}

EXPERTMIX_DEFINITION double CellMap::outside(const Cells& cell, const vec& shift, vec& slope) const {
  const mat all = distances(shift);
  double worst = 0.0;
  for (uword i = 0; i < cell.size(); ++i) {
    const uword nearest = all.row(i).index_min();
    const double excess = all(i, cell[i]) - all(i, nearest);
    if (!(excess > worst)) continue;
    worst = excess;
    slope = 2.0 * (truth_.col(nearest) - truth_.col(cell[i]));
  }
  return worst;
}

EXPERTMIX_DEFINITION std::map<Cells, vec> CellMap::regions() const {
  std::map<Cells, vec> out;
  for (uword c = 0; c < anchors_.n_cols; ++c)
    for (const Cells& cell : at(anchors_.col(c))) out.emplace(cell, anchors_.col(c));
  if (complete_) add_vertices(out);
  return out;
}

EXPERTMIX_DEFINITION void CellMap::add_vertices(std::map<Cells, vec>& to) const {
  const vec centre = arma::mean(anchors_, 1);
  vec level = level_;
  if (!level.empty()) level = level_ - normal_.t() * centre;
  mat across(level.n_elem, 0);
  if (!span_.empty()) across = normal_.t() * span_;
  for_each_subset(level.n_elem, span_.n_cols, [&](const uvec& borders) {
    mat place;
    if (!borders.empty() && !find_solution(place, mat(across.rows(borders)), mat(level.elem(borders)))) return;
    const vec vertex = borders.empty() ? centre : vec(centre + span_ * place);
    if (!vertex.is_finite()) return;
    for (const Cells& cell : at(vertex, 1e-9)) to.emplace(cell, vertex);
  });
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
