#pragma once

#include <cmath>
#include <vector>

#include "layout.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// How data are recoded before a fit: column j to (column - centre_j) / scale_j (column 0, the constant, stays), the
/// response to (y - centre) / scale, weights to rows of average weight. Likelihoods do not notice; iterations,
/// tolerances, masses and guards become unit-free.
struct Scaling {
  std::vector<double> centre, scale;
  double response_centre = 0.0, response_scale = 1.0;
  double weight_unit = 1.0;  ///< the average weight of the rows that have any

  static Scaling identity(std::size_t columns) {
    return {std::vector<double>(columns, 0.0), std::vector<double>(columns, 1.0), 0.0, 1.0, 1.0};
  }
};

/// The map between the coefficients of recoded and of original data, predictor by predictor: beta_j = factor b_j /
/// scale_j, beta_0 = factor (b_0 - sum_j b_j centre_j / scale_j) + shift, where factor and shift are the response's
/// scale and centre for a predictor in its unit, and the shift log scale for one in its logarithm.
class ParameterMap {
 public:
  ParameterMap(const Layout& layout, const Scaling& scaling);

  vec to_user(const vec& recoded) const;
  vec to_recoded(const vec& user) const;

  /// Covariance of the user's coefficients from that of the recoded ones.
  mat covariance(mat recoded) const;

  /// Scores, a row each, in the user's coefficients from those in the recoded ones.
  mat scores(mat recoded) const;

 private:
  /// A predictor's parameters, and which of them is the intercept (`size` if none is).
  struct Range {
    uword first, size, intercept;
  };

  std::vector<Range> range_;
  vec factor_, centre_, shift_;  ///< of every parameter; centre over scale of its column
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "scaling.ipp"
#endif
