#pragma once

#include "predict.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The quantities of predict.hpp at sparse designs, which are never made dense as a whole: only columns with a
/// coefficient that is not zero are looked at, some thousand rows at a time. For a fit of a path, for example.
mat gate_probabilities(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients);
/// `expert_means` of predict.hpp at them.
mat expert_means(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients);
/// `posterior` of predict.hpp at them.
mat posterior(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients);
/// `predict` of predict.hpp at them.
mat predict(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients);
/// `log_density` of predict.hpp at them.
vec log_density(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients);
/// `distribution` of predict.hpp at them.
vec distribution(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients);
/// `quantiles` of predict.hpp at them.
mat quantiles(const SparseData& data, const Mixture& mixture, const Coefficients& coefficients,
              const vec& probabilities);

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "predict_sparse.ipp"
#endif
