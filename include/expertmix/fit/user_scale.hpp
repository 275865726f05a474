#pragma once

#include "../model/layout.hpp"
#include "../model/scaling.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The user's parameters as functions of the recoded ones: user = origin + slope' recoded, a column of slopes each.
struct UserScale {
  UserScale(const Layout& layout, const ParameterMap& map)
      : origin(map.to_user(vec(layout.parameters, arma::fill::zeros))), slope(layout.parameters, layout.parameters) {
    for (uword j = 0; j < layout.parameters; ++j) {
      vec unit(layout.parameters, arma::fill::zeros);
      unit(j) = 1.0;
      slope.row(j) = (map.to_user(unit) - origin).t();
    }
  }

  double value(uword i, const vec& recoded) const { return origin(i) + arma::dot(slope.col(i), recoded); }

  vec origin;
  mat slope;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
