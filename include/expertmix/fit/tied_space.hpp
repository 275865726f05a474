#pragma once

#include "../mixture/coefficients.hpp"
#include "../mixture/ties.hpp"
#include "../solver/parameter_set.hpp"
#include "../solver/relabel.hpp"
#include "user_scale.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What ties leave of the parameters: a map on the user's scale, and of the recoded ones a point and orthonormal
/// directions from it, one a column.
struct TiedSpace {
  AffineMap user;
  vec inside;
  mat basis;

  bool given() const { return user.given(); }

  /// Orthonormal directions across the ties.
  mat across() const {
    mat q, r;
    if (basis.empty()) return arma::eye(basis.n_rows, basis.n_rows);
    arma::qr(q, r, basis);
    return q.tail_cols(basis.n_rows - basis.n_cols);
  }

  /// Keeps a set of recoded parameters within the ties.
  void restrict(ParameterSet& set) const {
    set.tied = given();
    set.basis = basis;
    if (given()) set.inside = inside;
  }

  /// A symmetric matrix in the coordinates of the directions, and back.
  mat within(const mat& whole) const { return given() ? arma::symmatu(mat(basis.t() * whole * basis)) : whole; }
  mat whole(const mat& within) const {
    return given() && !within.empty() ? arma::symmatu(mat(basis * within * basis.t())) : within;
  }

  /// Directions of unit length, a column each, in these coordinates: those that do not lie across the ties.
  mat directions_within(const mat& whole) const {
    if (!given()) return whole;
    const mat all = basis.t() * whole;
    return arma::normalise(mat(all.cols(arma::find(arma::sum(arma::square(all), 0) > 1e-8))));
  }

  /// Whether a linear map of the recoded parameters leads from the ties to the ties.
  bool kept_by(const arma::sp_mat& map) const {
    constexpr double rounding = 1e-8;
    if (!given()) return true;
    const mat normals = across();
    const vec moved = normals.t() * (map * inside - inside);
    const mat turned = normals.t() * (map * basis);
    return arma::norm(moved) <= rounding * (1.0 + arma::norm(inside)) && arma::norm(turned, "fro") <= rounding;
  }
};

/// Makes an information matrix look as if the parameters were well known across the ties: its diagonal blocks plus D n
/// n' D / n' D n for every direction n, D their diagonal or a thousandth of the largest element.
inline void inform_across(const TiedSpace& ties, Information& information) {
  if (!ties.given() || information.empty()) return;
  const mat normals = ties.across();
  const double least = 1e-3 * information.diagonal().max();
  for (std::size_t b = 0; b < information.block.size(); ++b) {
    mat& block = information.block[b];
    const vec diagonal = arma::clamp(vec(block.diag()), least, arma::datum::inf);
    for (uword k = 0; k < normals.n_cols; ++k) {
      const vec own = normals.submat(information.first[b], k, information.first[b] + block.n_rows - 1, k);
      const vec across = diagonal % own;
      const double size = arma::dot(across, own);
      if (size > 1e-10 * least) block += across * across.t() / size;
    }
  }
}

/// For every expert the first one from which ties do not tell it: exchanging their names keeps them.
inline std::vector<uword> interchangeable(const TiedSpace& ties, const Layout& layout) {
  std::vector<uword> out(layout.experts);
  for (uword k = 0; k < layout.experts; ++k) {
    out[k] = k;
    for (uword l = 0; l < k && out[k] == k; ++l) {
      uvec order = arma::regspace<uvec>(0, layout.experts - 1);
      std::swap(order(k), order(l));
      if (out[l] == l && ties.kept_by(relabelling(layout, order))) out[k] = l;
    }
  }
  return out;
}

/// The order of the experts in which those of a kind come by decreasing mass, each kind on the places that it has.
inline uvec order_within(const std::vector<uword>& kind, const vec& mass) {
  const uvec by_mass = arma::stable_sort_index(mass, "descend");
  uvec out(mass.n_elem);
  std::vector<uword> next(mass.n_elem, 0);
  for (uword place = 0; place < mass.n_elem; ++place) {
    uword& at = next[kind[place]];
    while (kind[by_mass(at)] != kind[place]) ++at;
    out(place) = by_mass(at++);
  }
  return out;
}

/// Throws as `affine_map` does.
inline TiedSpace tied_space(const Mixture& mixture, const Layout& layout, const KeptColumns& kept,
                            const Scaling& scaling) {
  TiedSpace out;
  if (mixture.ties.empty()) return out;
  out.user = affine_map(mixture.ties, parameter_table(layout, kept));
  const ParameterMap map(layout, scaling);
  out.inside = map.to_recoded(out.user.origin);
  mat along(arma::size(out.user.slope));
  for (uword f = 0; f < along.n_cols; ++f)
    along.col(f) = map.to_recoded(vec(out.user.origin + out.user.slope.col(f))) - out.inside;
  mat r;
  out.basis.set_size(layout.parameters, 0);
  if (!along.empty()) arma::qr_econ(out.basis, r, along);
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
