#pragma once

#include "../solver/end_point.hpp"
#include "ground.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Where no expert is narrower than this share of the largest standard deviation, none rests on equal rows.
constexpr double narrow_sigma_ratio = 0.1;

/// Every expert's standard deviation over the largest.
inline vec sigma_ratios(const Layout& layout, const vec& point) {
  vec out(layout.experts, arma::fill::ones);
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p)
    if (is_log_scale(layout.predictors[p].unit) && layout.predictors[p].expert < layout.experts)
      out(layout.predictors[p].expert) = point(layout.offset[p]);
  return arma::exp(out - out.max());
}

/// Experts that follow a few rows, one at least, instead of a regression.
inline std::vector<uword> few_or_narrow(const SpikeRule& rule, const vec& mass, const vec& coefficients,
                                        const vec& sigma_ratio) {
  return arma::conv_to<std::vector<uword>>::from(
      arma::find(mass >= least_held && (mass < rule.rows * (coefficients + 1.0) || sigma_ratio < rule.sd)));
}

/// The spikes of an unpenalised climb; equal rows count once.
inline std::vector<uword> spiked_experts(const SpikeRule& rule, const Ground& ground, const Mixture& mixture,
                                         const Layout& layout, const EndPoint& end, const Context& context) {
  if (layout.experts == 1 || !layout.has_scales()) return {};
  const vec ratio = sigma_ratios(layout, end.point);
  vec mass = end.mass;
  if (ratio.min() < narrow_sigma_ratio)
    mass = arma::min(mass, distinct_mass(ground, mixture, layout, end.point, context));
  const vec coefficients(layout.experts, arma::fill::value(static_cast<double>(layout.columns.experts.size())));
  return few_or_narrow(rule, mass, coefficients, ratio);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
