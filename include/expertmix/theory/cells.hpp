#pragma once

#include <map>
#include <vector>

#include "atoms.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The true atom of every atom of an estimate.
using Cells = std::vector<uword>;

/// The Voronoi cells A_j = {i : |theta_i - theta_j*| <= |theta_i - theta_l*| for all l} of an estimate whose gate
/// slopes are translated by t2, where theta = (beta_1, a, b, nu). Translations with the same cells are a polyhedron:
/// differences of squared distances are linear in t2. Of true atoms that are nowhere nearer than another the first
/// stands for all.
class CellMap {
 public:
  CellMap(const Atoms& estimate, const Atoms& truth);

  /// The cells at t2 and, where an atom is equally near to several, all others; ties of the first go to the smaller j.
  std::vector<Cells> at(const vec& shift, double tolerance = 1e-12) const;

  /// By how much the squared distances at t2 contradict the cells, with its gradient; 0 where they do not.
  double outside(const Cells& cell, const vec& shift, vec& slope) const;

  /// t2 = beta_1j* - beta_1i for all i and j, one column each.
  const mat& anchors() const { return anchors_; }

  /// All cells that some t2 leads to, with such a t2: those around the points where as many borders meet as it takes.
  /// Where these are too many, the cells at the anchors.
  std::map<Cells, vec> regions() const;
  bool complete() const { return complete_; }

 private:
  mat distances(const vec& shift) const;
  void find_borders();
  void add_vertices(std::map<Cells, vec>& to) const;

  const mat &gate_, &truth_;
  mat rest_;  ///< squared distances but for the gate slopes: estimate x truth, infinite where another is always nearer
  mat anchors_;
  mat normal_, span_;  ///< one column for each border of two cells of an atom; what these span
  vec level_;          ///< the border is normal' t2 = level
  bool complete_;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "cells.ipp"
#endif
