#pragma once

#include <string>
#include <vector>

#include "../model/experts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Gamma experts with mean mu_k = exp(x' b_k + offset) and shape a_k = 1 / sigma_k^2, sigma_k the coefficient of
/// variation, separate or one common: log f_k(y) = a log(a y / mu) - a y / mu - log Gamma(a) - log y. Predictors: the K
/// log mu_k, then log sigma_1, ..., log sigma_K (or log sigma), which no unit of the response changes.
///
/// With d = log(y / mu) and q = exp(d) - 1 - d, log f = -a q + (log a - log 2 pi) / 2 - R(a) - log y, where R is the
/// remainder of Stirling's series of log Gamma: nothing cancels where a is large.
class GammaExperts final : public Experts {
 public:
  /// `common_sigma`: one coefficient of variation for all experts.
  explicit GammaExperts(bool common_sigma = false) : common_(common_sigma) {}

  bool runs_away() const override { return false; }
  std::vector<std::string> scalars() const override { return {"sigma"}; }
  std::string response() const override { return "a positive number"; }
  void check(const mat& response, const char* where) const override;

  /// log y
  mat features(const mat& response) const override;

  std::vector<Predictor> predictors(uword experts) const override;
  Description description() const override { return {"Gamma", {}, {{"common_sigma", common_}}}; }
  std::vector<Term> terms(uword experts) const override;
  std::vector<TermPair> pairs(uword experts) const override;

  /// K columns of y / mu - 1 and K of q, then 3 K constants.
  std::size_t scratch(uword experts) const override { return 2 * experts + 1 + 3 * experts / detail::max_block_rows; }

  void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const override;

  /// log(a q)
  Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const override;

  void first(const Rows& rows, Table scratch, Table v, double* const* out) const override;
  void second(const Rows& rows, Table scratch, Table v, double* const* out) const override;
  void information(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  /// One step of scoring of the means, shortened as far as the curvature can be trusted (`trusted_length`), and the
  /// shape that solves log a - psi(a) = sum_i r_ik q_ik / sum_i r_ik at the means before it. As means that are far off
  /// pass for a wide expert, sigma grows by at most a factor e.
  void maximise(const Statistics& at, const Layout& layout, const vec& step, vec& parameters) const override;

  void support(const Rows& rows, const Block& block, std::size_t i, uword k,
               std::vector<double>& points) const override;
  void distribution(const Rows& rows, const Block& block, Table out) const override;
  void survival(const Rows& rows, const Block& block, Table out) const override;
  void mean(const Rows& rows, const Block& block, Table out) const override;
  /// log mu in units of sigma
  void levels(const Rows& rows, const Block& block, Table mean, Table squared_unit) const override;
  void mean_first(const Rows& rows, const Block& block, uword outcome, double* const* out) const override;
  void draw(const Rows& rows, const Block& block, Table mean, const uword* expert, Random& random,
            Table response) const override;

 private:
  /// The number of its log sigma among the family's predictors, and its shape.
  std::size_t log_sigma(uword k, uword experts) const { return experts + (common_ ? 0 : k); }
  double shape(const Rows& rows, uword k) const;

  bool common_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "gamma.ipp"
#endif
