#pragma once

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "base/hosted.hpp"
#include "base/random.hpp"
#include "inference.hpp"
#include "inference/report.hpp"
#include "simulate.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// z with P(|N(0, 1)| <= z) = level.
inline double normal_half_width(const char* where, double level) {
  require(level > 0.0 && level < 1.0, where, "level", "must be between 0 and 1");
  return std::sqrt(2.0) * boost::math::erf_inv(level);
}

inline mat around(const vec& centre, const vec& width) {
  return arma::join_rows(vec(centre - width), vec(centre + width));
}

inline ChiSquaredTest chi_squared_test(double statistic, double degrees) {
  return {statistic, degrees, boost::math::gamma_q(0.5 * degrees, 0.5 * statistic)};
}

/// The parameters of a fit to other responses of its rows, from where it is; NaN where it fails.
inline vec refitted(const Fit& fit, const Data& data, const mat& y, const Options& options, const Start& start,
                    const Context& context) {
  Data drawn = Data(data.x(), y).gate(data.gate());
  if (!data.weights().empty()) drawn.weights(data.weights());
  if (!data.offset().empty()) drawn.offset(data.offset());
  const vec failed(fit.parameters.n_elem, arma::fill::value(arma::datum::nan));
  try {
    const Fit again = expertmix::fit(drawn, fit.mixture, options, start, context);
    return again.parameters.n_elem == failed.n_elem && again.record.converged ? again.parameters : failed;
  } catch (const degenerate_error&) {
    return failed;
  } catch (const numerical_error&) {
    return failed;
  }
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
  return detail::around(fit.parameters, width);
}

EXPERTMIX_DEFINITION mat sandwich_covariance(const Fit& fit, const Data& data, const Context& context) {
  const KeptColumns kept = KeptColumns::without(fit.gate_aliased, fit.experts_aliased);
  const mat products = score_products(data, fit.mixture, fit, kept, context);
  if (fit.covariance.empty()) return mat(arma::size(products), arma::fill::value(arma::datum::nan));
  return fit.covariance * products * fit.covariance;
}

EXPERTMIX_DEFINITION mat confidence_intervals(const Fit& fit, const mat& covariance, double level) {
  constexpr const char* where = "confidence_intervals";
  const uword count = fit.parameters.n_elem;
  require(covariance.n_rows == count && covariance.n_cols == count, where, "covariance",
          "must have a row and a column for each parameter");
  const vec known = standard_errors(fit);
  vec width = detail::normal_half_width(where, level) * arma::sqrt(vec(covariance.diag()));
  width.elem(arma::find_nonfinite(known)).fill(arma::datum::nan);
  return detail::around(fit.parameters, width);
}

EXPERTMIX_DEFINITION ChiSquaredTest likelihood_ratio_test(const Fit& small, const Fit& large) {
  constexpr const char* where = "likelihood_ratio_test";
  require(small.mass.n_elem == large.mass.n_elem, where, "large",
          "has another number of experts: the statistic has no chi-squared distribution");
  require(small.weight == large.weight, where, "large", "is of other observations");
  require(large.degrees > small.degrees, where, "large", "has no more parameters than the smaller fit");
  const double statistic = 2.0 * (large.log_likelihood - small.log_likelihood);
  require(statistic >= -1e-6 * std::max(1.0, std::abs(small.log_likelihood)), where, "large",
          "is below the smaller fit: it is not at its maximum");
  return detail::chi_squared_test(std::max(statistic, 0.0), large.degrees - small.degrees);
}

EXPERTMIX_DEFINITION ChiSquaredTest wald_test(const Fit& fit, const mat& contrast) {
  constexpr const char* where = "wald_test";
  require(contrast.n_cols == fit.parameters.n_elem && contrast.n_rows > 0, where, "contrast",
          "must have a column for each parameter, and a row or more");
  require(contrast.is_finite(), where, "contrast", "is not finite");
  require(!fit.covariance.empty(), where, "fit", "has no covariance: it is no maximum");
  for (uword j = 0; j < contrast.n_cols; ++j)
    require(!arma::any(contrast.col(j)) || (fit.identified[j] && fit.estimable[j]), where, "contrast",
            "has a parameter that the data do not hold, number " + std::to_string(j));
  const vec b = contrast * fit.parameters;
  const mat v = arma::symmatu(mat(contrast * fit.covariance * contrast.t()));
  const vec unit = arma::sqrt(vec(v.diag()));  // in units of the standard errors
  vec values;
  mat axes;
  const bool sound =
      unit.min() > 0.0 && arma::eig_sym(values, axes, mat(v / (unit * unit.t()))) && values.min() > 1e-10;
  require(sound, where, "contrast", "has dependent rows");
  const vec along = axes.t() * (b / unit);
  return detail::chi_squared_test(arma::accu(arma::square(along) / values), static_cast<double>(contrast.n_rows));
}

EXPERTMIX_DEFINITION mat bootstrap(const Fit& fit, const Data& data, uword replicates, const Options& options,
                                   const Context& context) {
  return detail::hosted("bootstrap", context, [&](const Context& watched) {
    mat out(fit.parameters.n_elem, replicates);
    Start start;
    static_cast<Coefficients&>(start) = fit;
    for (uword b = 0; b < replicates; ++b) {
      const std::uint64_t own = Random(options.seed, b).index(std::numeric_limits<uword>::max());
      out.col(b) = detail::refitted(fit, data, draw(data, fit.mixture, fit, own, watched).y, options, start, watched);
    }
    return out;
  });
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
  require(!fit.parameters.empty(), "report", "fit", "has not been fitted");
  return detail::Report(fit, names, standard_errors(fit), information_criteria(fit)).text();
}

EXPERTMIX_DEFINITION std::string Fit::report() const { return expertmix::report(*this); }

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
