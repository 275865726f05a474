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

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
