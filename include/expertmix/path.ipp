#pragma once

#include "path/job.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION LassoPath lasso_path(const Data& data, const Mixture& mixture, const Lasso& lasso,
                                          const PathOptions& options, const Start& start, const Context& context) {
  return detail::lasso_path_of(data, mixture, lasso, options, start, context);
}

EXPERTMIX_DEFINITION LassoPath lasso_path(const SparseData& data, const Mixture& mixture, const Lasso& lasso,
                                          const PathOptions& options, const Start& start, const Context& context) {
  return detail::lasso_path_of(data, mixture, lasso, options, start, context);
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
