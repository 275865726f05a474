#pragma once

#include <cmath>
#include <vector>

#include "layout.hpp"

namespace expertmix {

/// How data are recoded before a fit: column j to (column - centre_j) / scale_j (column 0, the constant, stays), the
/// response to (y - centre) / scale. Likelihoods do not notice; iterations, tolerances and guards become unit-free.
struct Scaling {
  std::vector<double> centre, scale;
  double response_centre = 0.0, response_scale = 1.0;

  static Scaling identity(std::size_t columns) {
    return {std::vector<double>(columns, 0.0), std::vector<double>(columns, 1.0), 0.0, 1.0};
  }
};

/// The map user = matrix recoded + shift between the coefficients of recoded and of original data, predictor by
/// predictor: beta_j = factor b_j / scale_j, beta_0 = factor (b_0 - sum_j b_j centre_j / scale_j) + shift, where factor
/// and shift are the response's scale and centre for a predictor in its unit, and the shift log scale for one in its
/// logarithm.
class ParameterMap {
 public:
  ParameterMap(const Layout& layout, const Scaling& scaling);

  vec to_user(const vec& recoded) const;
  vec to_recoded(const vec& user) const;

  /// Covariance of the user's coefficients from that of the recoded ones.
  mat covariance(const mat& recoded) const;

 private:
  arma::span span(std::size_t p) const { return arma::span(offset_[p], offset_[p] + matrix_[p].n_rows - 1); }

  std::vector<uword> offset_;
  std::vector<mat> matrix_;
  std::vector<vec> shift_;
};

inline ParameterMap::ParameterMap(const Layout& layout, const Scaling& scaling) : offset_(layout.offset) {
  for (std::size_t p = 0; p < layout.predictors.size(); ++p) {
    const Unit unit = layout.predictors[p].unit;
    const double factor = unit == Unit::response ? scaling.response_scale : 1.0;
    const auto& owned = layout.owned[p];
    const uword intercept = std::find(owned.begin(), owned.end(), 0) - owned.begin();
    mat matrix(owned.size(), owned.size(), arma::fill::zeros);
    vec shift(owned.size(), arma::fill::zeros);
    for (uword j = 0; j < owned.size(); ++j) {
      matrix(j, j) = factor / scaling.scale[owned[j]];
      if (intercept < owned.size()) matrix(intercept, j) -= factor * scaling.centre[owned[j]] / scaling.scale[owned[j]];
    }
    if (unit == Unit::response && intercept < owned.size()) shift(intercept) = scaling.response_centre;
    if (unit == Unit::log_response) shift(0) = std::log(scaling.response_scale);
    matrix_.push_back(matrix);
    shift_.push_back(shift);
  }
}

inline vec ParameterMap::to_user(const vec& recoded) const {
  vec user(recoded.n_elem);
  for (std::size_t p = 0; p < matrix_.size(); ++p) user(span(p)) = matrix_[p] * recoded(span(p)) + shift_[p];
  return user;
}

inline vec ParameterMap::to_recoded(const vec& user) const {
  vec recoded(user.n_elem);
  for (std::size_t p = 0; p < matrix_.size(); ++p)
    recoded(span(p)) = arma::solve(matrix_[p], vec(user(span(p)) - shift_[p]));
  return recoded;
}

inline mat ParameterMap::covariance(const mat& recoded) const {
  mat user(recoded.n_rows, recoded.n_cols);
  for (std::size_t p = 0; p < matrix_.size(); ++p)
    for (std::size_t q = 0; q < matrix_.size(); ++q)
      user(span(p), span(q)) = matrix_[p] * recoded(span(p), span(q)) * matrix_[q].t();
  return user;
}

}  // namespace expertmix
