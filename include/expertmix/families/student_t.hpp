#pragma once

#include <string>
#include <vector>

#include "../model/experts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Experts of Student's t: y = x' b_k + offset + sigma_k T, T with nu_k degrees of freedom, sigma_k separate or one
/// common sigma, nu_k fixed or estimated. Predictors: the K locations, then log sigma_1, ..., log sigma_K (or log
/// sigma), then, where they are estimated, log nu_1, ..., log nu_K, kept between 1/2 and 1000. Below, the likelihood
/// grows without bound where an expert runs through less than a third of its rows (sigma to 0 gains where nu is below m
/// / (n - m) for m rows of n; Fernandez and Steel 1999, Biometrika 86, 153-167); above, 10^6 rows hardly tell t from
/// normal.
class StudentTExperts final : public Experts {
 public:
  /// `degrees_of_freedom`: of all experts; 0 where they are estimated.
  explicit StudentTExperts(double degrees_of_freedom = 0.0, bool common_sigma = false)
      : degrees_of_freedom_(degrees_of_freedom), common_(common_sigma) {
    require(degrees_of_freedom >= 0.0 && std::isfinite(degrees_of_freedom), "family", "degrees_of_freedom",
            "must be positive, or 0 to be estimated");
  }

  std::vector<Predictor> predictors(uword experts) const override;
  Description description() const override {
    return {"student_t", {}, {{"common_sigma", common_}, {"degrees_of_freedom", degrees_of_freedom_}}};
  }
  bool runs_away() const override { return false; }
  std::vector<std::string> scalars() const override;
  std::vector<Term> terms(uword experts) const override;
  std::vector<TermPair> pairs(uword experts) const override;
  std::string response() const override { return "a number"; }

  /// For every expert z = (y - location) / sigma, log(1 + z^2 / nu) and 1 / (1 + z^2 / nu).
  std::size_t scratch(uword experts) const override { return 3 * experts; }

  void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const override;

  /// (nu + 1) log|z| + log sigma - nu log(nu) / 2, what is left of -log f far out, then as normal experts'.
  Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const override;

  void first(const Rows& rows, Table scratch, Table v, double* const* out) const override;
  void second(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  /// Of the complete data, a normal y of variance sigma^2 / u with u of a Gamma distribution of shape nu / 2 and mean
  /// 1: w / sigma^2 with w = E(u | y) = (nu + 1) / (nu + z^2), 2, and what the shape has.
  void information(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  /// Exact for these complete data (Lange, Little and Taylor 1989, Journal of the American Statistical Association 84,
  /// 881-896).
  void maximise(const Statistics& at, const Layout& layout, const vec& step, vec& parameters) const override;

  void support(const Rows& rows, const Block& block, std::size_t i, uword k,
               std::vector<double>& points) const override;
  void distribution(const Rows& rows, const Block& block, Table out) const override { tail(rows, block, 1.0, out); }
  void survival(const Rows& rows, const Block& block, Table out) const override { tail(rows, block, -1.0, out); }

  /// The location, which is no mean where nu is at most 1.
  void mean(const Rows& rows, const Block& block, Table out) const override;
  void mean_first(const Rows& rows, const Block& block, uword outcome, double* const* out) const override;
  void draw(const Rows& rows, const Block& block, Table mean, const uword* expert, Random& random,
            Table response) const override;

 private:
  bool estimates() const { return degrees_of_freedom_ == 0.0; }
  std::size_t terms_each() const { return estimates() ? 3 : 2; }
  std::size_t pairs_each() const { return estimates() ? 6 : 3; }
  std::size_t log_sigma(uword k, uword experts) const { return experts + (common_ ? 0 : k); }
  std::size_t log_degrees(uword k, uword experts) const { return experts + (common_ ? 1 : experts) + k; }

  double sigma(const Rows& rows, uword k) const { return std::exp(rows.predictor[log_sigma(k, rows.experts)][0]); }
  double degrees(const Rows& rows, uword k) const {
    return estimates() ? std::exp(rows.predictor[log_degrees(k, rows.experts)][0]) : degrees_of_freedom_;
  }
  void tail(const Rows& rows, const Block& block, double sign, Table out) const;

  double degrees_of_freedom_;
  bool common_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "student_t.ipp"
#endif
