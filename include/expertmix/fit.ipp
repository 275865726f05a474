#pragma once

#include <numeric>

#include "base/hosted.hpp"
#include "fit/job.hpp"
#include "fit/profile.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION Fit fit(const Data& data, const Mixture& mixture, const Options& options, const Start& start,
                             const Context& context) {
  return detail::hosted("fit", context, [&](const Context& watched) {
    options.check("fit");
    detail::check_task("fit", data, mixture, start);
    detail::check_identified("fit", mixture);
    return detail::FitJob(data, mixture, options, start, watched).run();
  });
}

EXPERTMIX_DEFINITION FitParameters fit_parameters(const Data& data, const Mixture& mixture, const vec& origin,
                                                  const Context& context) try {
  detail::check_task("fit", data, mixture, {});
  const Mixture untied(mixture.gate, mixture.family, mixture.experts);
  const detail::Prepared prepared = detail::prepare(data, untied, origin, nullptr, context);
  return {detail::parameter_table(prepared.layout, prepared.kept), prepared.gate_aliased, prepared.experts_aliased};
} catch (...) {
  detail::leave("fit");
}

EXPERTMIX_DEFINITION mat scores(const Fit& fit, const Data& data, const Context& context) {
  mat out = scores(data, fit.mixture, fit, KeptColumns::without(fit.gate_aliased, fit.experts_aliased), context);
  for (uword j = 0; j < out.n_cols; ++j)
    if (!fit.identified[j]) out.col(j).zeros();
  return out;
}

EXPERTMIX_DEFINITION vec standard_errors(const Fit& fit, const Data& data, const Quantity& quantity,
                                         const Context& context) {
  const mat gradient =
      gradients(data, fit.mixture, fit, KeptColumns::without(fit.gate_aliased, fit.experts_aliased), quantity, context);
  vec out(gradient.n_rows);
  if (fit.covariance.empty()) return out.fill(arma::datum::nan);
  const vec variance = arma::sum((gradient * fit.covariance) % gradient, 1);
  out = arma::sqrt(arma::clamp(variance, 0.0, arma::datum::inf));
  if (fit.loose.empty()) return out;
  const vec along = arma::sum((gradient * fit.loose) % gradient, 1);
  out(arma::find(along > detail::most_loose * variance)).fill(arma::datum::nan);
  return out;
}

EXPERTMIX_DEFINITION Profiles profile_intervals(const Data& data, const Mixture& mixture, const Coefficients& fit,
                                                const Runaways& away, const std::vector<uword>& parameters,
                                                double level, const Context& context) {
  constexpr const char* where = "profile_intervals";
  return detail::hosted(where, context, [&](const Context& watched) {
    detail::check_model(where, data, mixture, fit);
    data.require_response(where);
    require(level > 0.0 && level < 1.0, where, "level", "must be between 0 and 1");
    require(mixture.gate->deciding(mixture.experts).empty(), where, "gate", "has a likelihood that jumps");
    return detail::ProfileJob(data, mixture, fit, away, watched).run(parameters, level);
  });
}

EXPERTMIX_DEFINITION Profiles profile_intervals(const Fit& fit, const Data& data, double level,
                                                const Context& context) {
  require(fit.record.at_bounds.empty(), "profile_intervals", "fit", "is at its bounds");
  require(fit.record.collapsed.empty(), "profile_intervals", "fit", "has an expert that collapsed");
  std::vector<uword> all(fit.parameters.n_elem);
  std::iota(all.begin(), all.end(), uword{0});
  const Runaways away{!fit.record.separated.empty(), !fit.record.runaways.empty()};
  return profile_intervals(data, fit.mixture, fit, away, all, level, context);
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
