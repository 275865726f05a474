#pragma once

#include <string>
#include <vector>

#include "../model/experts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Negative binomial experts: counts with mean mu = exp(x' b_k + offset) and variance mu + mu^2 / theta_k,
/// f_k(y) = Gamma(y + theta) / (Gamma(theta) y!) p^y (1 - p)^theta with p = mu / (mu + theta). Predictors: the K
/// logarithms of mu, then log theta_1, ..., log theta_K, kept between 1e-3 and 1e6: there, variances are Poisson's but
/// for a millionth of the mean.
class NegativeBinomialExperts final : public Experts {
 public:
  std::vector<Predictor> predictors(uword experts) const override;
  Description description() const override { return {"negative_binomial", {}, {}}; }
  std::vector<std::string> scalars() const override { return {"theta"}; }
  std::vector<Term> terms(uword experts) const override;
  std::vector<TermPair> pairs(uword experts) const override;
  void check(const mat& response, const char* where) const override;
  std::string response() const override { return "a count"; }
  bool discrete() const override { return true; }
  mat features(const mat& response) const override;

  /// The response, log y!, then for every expert p, 1 - p and log(1 + mu / theta).
  std::size_t scratch(uword experts) const override { return 3 * experts + 2; }

  void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const override;

  /// -log f but for what all experts share; where that is infinite |eta|.
  Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const override;

  void first(const Rows& rows, Table scratch, Table v, double* const* out) const override;
  void second(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  /// mu (1 - p) of eta; of log theta p^2 times what a Gamma distribution of shape theta tells of it, the limit of the
  /// expectation for large mu and for large theta.
  void information(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  /// Of the means one scoring step, shortened as far as the curvature can be trusted; theta as the shape of Gamma
  /// distributed numbers with this score and information.
  void maximise(const Statistics& at, const Layout& layout, const vec& step, vec& parameters) const override;

  void support(const Rows& rows, const Block& block, std::size_t i, uword k,
               std::vector<double>& points) const override;
  void distribution(const Rows& rows, const Block& block, Table out) const override { tail(rows, block, false, out); }
  void survival(const Rows& rows, const Block& block, Table out) const override { tail(rows, block, true, out); }
  void mean(const Rows& rows, const Block& block, Table out) const override;
  /// Means in units of standard deviations.
  void levels(const Rows& rows, const Block& block, Table mean, Table squared_unit) const override;
  void mean_first(const Rows& rows, const Block& block, uword outcome, double* const* out) const override;
  void draw(const Rows& rows, const Block& block, Table mean, const uword* expert, Random& random,
            Table response) const override;

 private:
  static double log_theta(const Rows& rows, uword k) { return rows.predictor[rows.experts + k][0]; }
  static void tail(const Rows& rows, const Block& block, bool above, Table out);
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "negative_binomial.ipp"
#endif
