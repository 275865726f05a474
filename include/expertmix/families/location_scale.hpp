#pragma once

#include <cmath>

#include "../model/experts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The M-step of locations and scales, from e'G e / sigma^2 summed over rows with weights G: locations b_k + d_k with
/// the step d, weighted least squares if it is G^-1 g with g the score, both over sigma^2; then sigma^2 = sum_i r_ik
/// G_ii e_ik^2 / sum_i r_ik at the new residuals, which is sigma_old^2 (score + mass - 2 g'd + d'G d) / mass.
inline void raise_location_scale(const Statistics& at, const Layout& layout, const vec& step, vec& parameters) {
  const std::size_t first = layout.gate_predictors;
  vec gained(layout.experts);
  for (uword k = 0; k < layout.experts; ++k) {
    const arma::span span = layout.span(first + k);
    parameters(span) += step(span);
    const vec d = step(span);
    gained(k) = 2.0 * arma::dot(at.score(span), d) - arma::dot(d, at.em.among(span) * d);
  }
  for (std::size_t p = first + layout.experts; p < layout.predictors.size(); ++p) {
    if (layout.predictors[p].unit != Unit::log_response) continue;
    const uword s = layout.offset[p];
    const double mass = 0.5 * at.em(s, s);
    double left = at.score(s) + mass;
    for (uword k : layout.experts_of_scalar(p)) left -= gained(k);
    if (mass > 0.0 && left > 0.0) parameters(s) += 0.5 * std::log(left / mass);
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
