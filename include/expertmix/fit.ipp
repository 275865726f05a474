#pragma once

#include "fit/job.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION Fit fit(const Data& data, const Mixture& mixture, const Options& options, const Start& start,
                             const Context& context) try {
  options.check("fit");
  detail::check_task("fit", data, mixture, start);
  detail::check_identified("fit", mixture);
  return detail::FitJob(data, mixture, options, start, context).run();
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
  out = arma::sqrt(arma::clamp(arma::sum((gradient * fit.covariance) % gradient, 1), 0.0, arma::datum::inf));
  for (uword j = 0; j < gradient.n_cols; ++j)
    if (fit.identified[j] && !fit.estimable[j]) out(arma::find(gradient.col(j) != 0.0)).fill(arma::datum::nan);
  return out;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
