#pragma once

#include "scaling.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

EXPERTMIX_DEFINITION ParameterMap::ParameterMap(const Layout& layout, const Scaling& scaling)
    : factor_(layout.parameters), centre_(layout.parameters), shift_(layout.parameters, arma::fill::zeros) {
  for (std::size_t p = 0; p < layout.predictors.size(); ++p) {
    const Unit unit = layout.predictors[p].unit;
    const auto& owned = layout.owned[p];
    const uword first = layout.offset[p],
                intercept = static_cast<uword>(std::find(owned.begin(), owned.end(), 0) - owned.begin());
    for (uword j = 0; j < owned.size(); ++j) {
      factor_(first + j) = (unit == Unit::response ? scaling.response_scale : 1.0) / scaling.scale[owned[j]];
      centre_(first + j) = scaling.centre[owned[j]];
    }
    if (unit == Unit::response && intercept < owned.size()) shift_(first + intercept) = scaling.response_centre;
    if (unit == Unit::log_response) shift_(first) = std::log(scaling.response_scale);
    range_.push_back({first, owned.size(), intercept});
  }
}

EXPERTMIX_DEFINITION vec ParameterMap::to_user(const vec& recoded) const {
  vec user = factor_ % recoded;
  for (const auto& [first, size, intercept] : range_)
    for (uword j = 0; j < size && intercept < size; ++j)
      if (j != intercept) user(first + intercept) -= user(first + j) * centre_(first + j);
  return user + shift_;
}

EXPERTMIX_DEFINITION vec ParameterMap::to_recoded(const vec& user) const {
  vec recoded = user - shift_;
  for (const auto& [first, size, intercept] : range_)
    for (uword j = 0; j < size && intercept < size; ++j)
      if (j != intercept) recoded(first + intercept) += recoded(first + j) * centre_(first + j);
  return recoded / factor_;
}

EXPERTMIX_DEFINITION mat ParameterMap::covariance(mat user) const {
  user = arma::diagmat(factor_) * user * arma::diagmat(factor_);
  for (const auto& [first, size, intercept] : range_)
    for (uword j = 0; j < size && intercept < size; ++j) {
      if (j == intercept || centre_(first + j) == 0.0) continue;
      user.row(first + intercept) -= centre_(first + j) * user.row(first + j);
      user.col(first + intercept) -= centre_(first + j) * user.col(first + j);
    }
  return user;
}

EXPERTMIX_DEFINITION mat ParameterMap::scores(mat user) const {
  if (arma::any(factor_ != 1.0)) user.each_row() /= factor_.t();
  for (const auto& [first, size, intercept] : range_)
    for (uword j = 0; j < size && intercept < size; ++j)
      if (j != intercept && centre_(first + j) != 0.0)
        user.col(first + j) += centre_(first + j) * user.col(first + intercept);
  return user;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
