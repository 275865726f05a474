#pragma once

#include <cmath>
#include <string>

#include "../model/layout.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What is maximised: the log-likelihood, plus a variance guard or a bound of gate or classes where a fit needs one.
///
/// Guard (Chen, Tan and Zhang 2008, Statistica Sinica 18, 443-465): -a sum_k { S^2 / sigma_k^2 + log sigma_k^2 } with S
/// the residual standard deviation of one expert: as if every expert had seen 2 a more rows with residual S.
/// Bound: -rho / 2 sum_j sum_k (beta_jk - mean_k beta_jk)^2 over the gate's slopes on standardised columns, the same
/// for every choice of the reference expert, and -rho / 2 tau^-2 of an estimated temperature. Bound of the experts: the
/// same over the classes of each expert (around zero where it has one outcome), intercepts included, since those of a
/// class that an expert never has go to infinity, too.
struct Objective {
  double guard = 0.0;              ///< a
  double residual_variance = 1.0;  ///< S^2
  double bound = 0.0;              ///< rho
  double expert_bound = 0.0;       ///< rho of the experts

  /// Adds value, score and information of guard and bound to the log-likelihood's.
  void add(const Layout& layout, const vec& parameters, Statistics& at) const {
    if (guard > 0.0) add_guard(layout, parameters, at);
    if (bound > 0.0) add_bound(layout, parameters, at);
    if (expert_bound > 0.0) add_expert_bound(layout, parameters, at);
  }

  /// What guard and bound take off the log-likelihood at a point.
  double value(const Layout& layout, const vec& parameters) const {
    Statistics at;
    add(layout, parameters, at);
    return at.steering;
  }

  /// A tenth of all that is taken off the log-likelihood.
  Objective weakened() const { return {0.1 * guard, residual_variance, 0.1 * bound, 0.1 * expert_bound}; }

  std::string description() const {
    std::string words = "log-likelihood";
    if (guard > 0.0) words += " with variance guard";
    if (bound > 0.0) words += guard > 0.0 ? " and bounded gate" : " with bounded gate";
    if (expert_bound > 0.0) words += bound > 0.0 ? " and bounded experts" : " with bounded experts";
    return words;
  }

 private:
  void add_guard(const Layout& layout, const vec& parameters, Statistics& at) const {
    for (uword s : layout.log_scales()) {
      const double ratio = residual_variance * std::exp(-2.0 * parameters(s));
      at.steering -= guard * (ratio + 2.0 * parameters(s));
      if (!at.score.empty()) at.score(s) += 2.0 * guard * (ratio - 1.0);
      if (!at.em.empty()) at.em(s, s) += 4.0 * guard;
      if (!at.observed.empty()) at.observed(s, s) += 4.0 * guard * ratio;
    }
  }

  void add_bound(const Layout& layout, const vec& parameters, Statistics& at) const {
    for (const GateGroup& group : layout.gate_groups)
      for (uword j = 0; j < layout.size(group.first); ++j)
        if (layout.owned[group.first][j] != 0)
          add_square(bound, places(layout, group.first, group.count, j), group.reference, parameters, at);
    for (uword i : layout.gate_scalars()) add_steepness(i, parameters(i), at);
  }

  /// -rho / 2 tau^-2, tau a scalar of the gate.
  void add_steepness(uword place, double log_scalar, Statistics& at) const {
    const double square = std::exp(-2.0 * log_scalar);
    at.steering -= 0.5 * bound * square;
    if (!at.score.empty()) at.score(place) += bound * square;
    for (Information* information : {&at.em, &at.observed})
      if (!information->empty()) (*information)(place, place) += 2.0 * bound * square;
  }

  void add_expert_bound(const Layout& layout, const vec& parameters, Statistics& at) const {
    for (uword k = 0; k < layout.experts; ++k) {
      const auto own = layout.means_of(k);
      const bool reference = own.size() < layout.outcomes.count;
      for (uword j = 0; j < layout.size(own[0]); ++j)
        add_square(expert_bound, places(layout, own[0], own.size(), j), reference, parameters, at);
    }
  }

  /// Where coefficient j of some predictors in a row stands.
  static uvec places(const Layout& layout, std::size_t first, std::size_t count, uword j) {
    uvec out(count);
    for (std::size_t p = 0; p < count; ++p) out(p) = layout.offset[first + p] + j;
    return out;
  }

  /// -rho / 2 sum_k (beta_k - mean beta)^2 over some coefficients and, as a `reference`, zero; without one, around
  /// zero.
  static void add_square(double rho, const uvec& place, bool reference, const vec& parameters, Statistics& at) {
    const uword n = place.n_elem;
    const vec beta = parameters(place);
    mat hessian = rho * arma::eye(n, n);
    if (reference) hessian -= rho / static_cast<double>(n + 1);
    at.steering -= 0.5 * arma::dot(beta, hessian * beta);
    if (!at.score.empty()) at.score(place) -= hessian * beta;
    for (Information* information : {&at.em, &at.observed})
      for (uword p = 0; p < n && !information->empty(); ++p)
        for (uword q = 0; q < n; ++q) (*information)(place(p), place(q)) += hessian(p, q);
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
