#pragma once

#include <boost/math/special_functions/erf.hpp>
#include <cmath>

#include "inference.hpp"
#include "inference/report.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// z with P(|N(0, 1)| <= z) = level.
inline double normal_half_width(const char* where, double level) {
  require(level > 0.0 && level < 1.0, where, "level", "must be between 0 and 1");
  return std::sqrt(2.0) * boost::math::erf_inv(level);
}

}  // namespace detail

EXPERTMIX_DEFINITION InformationCriteria information_criteria(const Fit& fit) {
  const double deviance = -2.0 * fit.log_likelihood;
  return {fit.log_likelihood, fit.degrees, fit.weight, deviance + 2.0 * fit.degrees,
          deviance + fit.degrees * std::log(fit.weight)};
}

EXPERTMIX_DEFINITION vec standard_errors(const Fit& fit) {
  vec out(fit.parameters.n_elem);
  out.fill(arma::datum::nan);
  if (fit.covariance.empty()) return out;
  for (uword i = 0; i < out.n_elem; ++i)
    if (fit.identified[i] && fit.estimable[i]) out(i) = std::sqrt(std::max(fit.covariance(i, i), 0.0));
  return out;
}

EXPERTMIX_DEFINITION mat confidence_intervals(const Fit& fit, double level) {
  const vec width = detail::normal_half_width("confidence_intervals", level) * standard_errors(fit);
  return arma::join_rows(vec(fit.parameters - width), vec(fit.parameters + width));
}

EXPERTMIX_DEFINITION uvec classes(const Fit& fit, const Data& data) {
  require(fit.mixture.family->outcomes().count > 1, "classes", "fit", "has experts whose responses are no classes");
  return arma::index_max(predict(fit, data), 1);
}

EXPERTMIX_DEFINITION uvec likeliest_experts(const Fit& fit, const Data& data) {
  return arma::index_max(posterior(data, fit.mixture, fit), 1);
}

EXPERTMIX_DEFINITION mat prediction_intervals(const Fit& fit, const Data& data, double level) {
  require(level > 0.0 && level < 1.0, "prediction_intervals", "level", "must be between 0 and 1");
  return quantiles(fit, data, vec{0.5 - 0.5 * level, 0.5 + 0.5 * level});
}

EXPERTMIX_DEFINITION std::string report(const Fit& fit, const Names& names) {
  return detail::Report(fit, names, standard_errors(fit), information_criteria(fit)).text();
}

EXPERTMIX_DEFINITION std::string Fit::report() const { return expertmix::report(*this); }

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
