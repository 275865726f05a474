#pragma once

#include <cmath>
#include <string>

#include "../model/layout.hpp"

namespace expertmix {

/// What is maximised: the log-likelihood, plus a variance guard or a gate bound where a fit needs one.
///
/// Guard (Chen, Tan and Zhang 2008, Statistica Sinica 18, 443-465): -a sum_k { S^2 / sigma_k^2 + log sigma_k^2 } with S
/// the residual standard deviation of one expert: as if every expert had seen 2 a more rows with residual S.
/// Bound: -rho / 2 sum_j sum_k (beta_jk - mean_k beta_jk)^2 over the gate's slopes on standardised columns, the same
/// for every choice of the reference expert.
struct Objective {
  double guard = 0.0;              ///< a
  double residual_variance = 1.0;  ///< S^2
  double bound = 0.0;              ///< rho

  /// Adds value, score and information of guard and bound to the log-likelihood's.
  void add(const Layout& layout, const vec& parameters, Statistics& at) const {
    if (guard > 0.0) add_guard(layout, parameters, at);
    if (bound > 0.0) add_bound(layout, parameters, at);
  }

  /// What guard and bound take off the log-likelihood at a point.
  double value(const Layout& layout, const vec& parameters) const {
    Statistics at;
    add(layout, parameters, at);
    return at.log_likelihood;
  }

  std::string description() const {
    std::string words = "log-likelihood";
    if (guard > 0.0) words += " with variance guard";
    if (bound > 0.0) words += guard > 0.0 ? " and bounded gate" : " with bounded gate";
    return words;
  }

 private:
  void add_guard(const Layout& layout, const vec& parameters, Statistics& at) const {
    for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p) {
      if (layout.predictors[p].unit != Unit::log_response) continue;
      const uword s = layout.offset[p];
      const double ratio = residual_variance * std::exp(-2.0 * parameters(s));
      at.log_likelihood -= guard * (ratio + 2.0 * parameters(s));
      if (!at.score.empty()) at.score(s) += 2.0 * guard * (ratio - 1.0);
      if (!at.em.empty()) at.em(s, s) += 4.0 * guard;
      if (!at.observed.empty()) at.observed(s, s) += 4.0 * guard * ratio;
    }
  }

  void add_bound(const Layout& layout, const vec& parameters, Statistics& at) const {
    for (const GateGroup& group : layout.gate_groups)
      for (uword j = 0; j < layout.size(group.first); ++j)
        if (layout.owned[group.first][j] != 0) add_bound(layout, group, j, parameters, at);
  }

  void add_bound(const Layout& layout, const GateGroup& group, uword j, const vec& parameters, Statistics& at) const {
    uvec slope(group.count);
    for (std::size_t p = 0; p < group.count; ++p) slope(p) = layout.offset[group.first + p] + j;
    const vec beta = parameters(slope);
    mat hessian = bound * arma::eye(group.count, group.count);
    if (group.reference) hessian -= bound / static_cast<double>(layout.experts);
    at.log_likelihood -= 0.5 * arma::dot(beta, hessian * beta);
    if (!at.score.empty()) at.score(slope) -= hessian * beta;
    for (Information* information : {&at.em, &at.observed})
      for (std::size_t p = 0; p < group.count && !information->empty(); ++p)
        for (std::size_t q = 0; q < group.count; ++q) (*information)(slope(p), slope(q)) += hessian(p, q);
  }
};

}  // namespace expertmix
