#pragma once

#include <cmath>
#include <vector>

#include "layout.hpp"

namespace expertmix {

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

 private:
  /// A predictor's parameters, and which of them is the intercept (`size` if none is).
  struct Range {
    uword first, size, intercept;
  };

  std::vector<Range> range_;
  vec factor_, centre_, shift_;  ///< of every parameter; centre over scale of its column
};

inline ParameterMap::ParameterMap(const Layout& layout, const Scaling& scaling)
    : factor_(layout.parameters), centre_(layout.parameters), shift_(layout.parameters, arma::fill::zeros) {
  for (std::size_t p = 0; p < layout.predictors.size(); ++p) {
    const Unit unit = layout.predictors[p].unit;
    const auto& owned = layout.owned[p];
    const uword first = layout.offset[p], intercept = std::find(owned.begin(), owned.end(), 0) - owned.begin();
    for (uword j = 0; j < owned.size(); ++j) {
      factor_(first + j) = (unit == Unit::response ? scaling.response_scale : 1.0) / scaling.scale[owned[j]];
      centre_(first + j) = scaling.centre[owned[j]];
    }
    if (unit == Unit::response && intercept < owned.size()) shift_(first + intercept) = scaling.response_centre;
    if (unit == Unit::log_response) shift_(first) = std::log(scaling.response_scale);
    range_.push_back({first, owned.size(), intercept});
  }
}

inline vec ParameterMap::to_user(const vec& recoded) const {
  vec user = factor_ % recoded;
  for (const auto& [first, size, intercept] : range_)
    for (uword j = 0; j < size && intercept < size; ++j)
      if (j != intercept) user(first + intercept) -= user(first + j) * centre_(first + j);
  return user + shift_;
}

inline vec ParameterMap::to_recoded(const vec& user) const {
  vec recoded = user - shift_;
  for (const auto& [first, size, intercept] : range_)
    for (uword j = 0; j < size && intercept < size; ++j)
      if (j != intercept) recoded(first + intercept) += recoded(first + j) * centre_(first + j);
  return recoded / factor_;
}

inline mat ParameterMap::covariance(mat user) const {
  user = arma::diagmat(factor_) * user * arma::diagmat(factor_);
  for (const auto& [first, size, intercept] : range_)
    for (uword j = 0; j < size && intercept < size; ++j) {
      if (j == intercept || centre_(first + j) == 0.0) continue;
      user.row(first + intercept) -= centre_(first + j) * user.row(first + j);
      user.col(first + intercept) -= centre_(first + j) * user.col(first + j);
    }
  return user;
}

}  // namespace expertmix
