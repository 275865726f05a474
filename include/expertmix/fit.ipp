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

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
