#pragma once

#include "../mixture/mixture.hpp"
#include "linear_system.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// From a point along the gate's part of a step, and by the experts' M-step, which the step is the start of.
inline vec em_target(const Mixture& mixture, const Layout& layout, const vec& point, const Statistics& at,
                     const vec& step) {
  vec target = point;
  for (std::size_t p = 0; p < layout.gate_predictors; ++p) target(layout.span(p)) += step(layout.span(p));
  mixture.family->maximise(at, layout, step, target);
  return target;
}

/// Where one EM iteration leads: the experts' exact M-step and one Newton step of the gate's, from the statistics at a
/// point (Jordan and Xu 1995, Neural Networks 8, 1409-1431); empty where the information cannot be inverted.
inline vec em_point(const Mixture& mixture, const Layout& layout, const vec& point, const Statistics& at) {
  const auto factor = CholeskyFactor::of(regularised(at.em));
  if (!factor) return {};
  return em_target(mixture, layout, point, at, factor->solve(at.score));
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
