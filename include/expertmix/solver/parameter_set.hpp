#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A convex set of parameters: lower_i <= normal_i' theta <= upper_i, one column of `normals` each, and, where they are
/// tied, theta - inside among some orthonormal directions.
struct ParameterSet {
  mat normals;                     ///< parameters x conditions
  vec lower, upper;                ///< -infinity and infinity where there is no such bound
  std::vector<std::string> names;  ///< of what each condition bounds
  vec inside;                      ///< a point of the set
  bool tied = false;
  mat basis;  ///< parameters x directions

  bool given() const { return tied || !normals.empty(); }
  uword count() const { return normals.n_cols; }

  void add(const vec& normal, double from, double to, const std::string& name) {
    normals = arma::join_rows(normals, normal);
    lower = arma::join_cols(lower, vec{from});
    upper = arma::join_cols(upper, vec{to});
    names.push_back(name);
  }

  /// Rounding in a condition's value.
  double slack(uword condition) const {
    double largest = 1.0;
    for (double bound : {lower(condition), upper(condition)})
      if (std::isfinite(bound)) largest = std::max(largest, std::abs(bound));
    return 1e-9 * largest;
  }

  /// The point within the ties that is nearest.
  vec tied_point(const vec& point) const { return tied ? vec(inside + along(point - inside)) : point; }

  /// A direction as far as it lies along the ties.
  vec along(const vec& direction) const { return tied ? vec(basis * (basis.t() * direction)) : direction; }

  bool contains(const vec& point) const {
    if (tied && arma::norm(point - inside - along(point - inside)) > 1e-9 * (1.0 + arma::norm(point))) return false;
    for (uword i = 0; i < count(); ++i) {
      const double value = arma::dot(normals.col(i), point);
      if (!(value >= lower(i) - slack(i) && value <= upper(i) + slack(i))) return false;
    }
    return true;
  }

  /// Which bound of a condition a point is at: 1 the upper, -1 the lower, 0 neither.
  int side(uword condition, const vec& point) const {
    const double value = arma::dot(normals.col(condition), point);
    if (value >= upper(condition) - slack(condition)) return 1;
    return value <= lower(condition) + slack(condition) ? -1 : 0;
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
