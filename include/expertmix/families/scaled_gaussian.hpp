#pragma once

#include <cmath>
#include <vector>

#include "normal.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Gaussian experts with coefficients in units of sigma, phi_k = b_k / sigma_k: with e = (y - offset) / sigma_k - u_k,
/// log f_k = -log sigma_k - e^2 / 2 - log(2 pi) / 2. Predictors: the K products u_k = x' phi_k, then log sigma_1, ...,
/// log sigma_K (or log sigma). In these the complete-data likelihood is concave and a Lasso does not depend on the
/// response's unit (Staedler, Buehlmann and van de Geer 2010, TEST 19, 209-256).
class ScaledGaussianExperts final : public NormalExperts {
 public:
  explicit ScaledGaussianExperts(bool common_sigma = false) : NormalExperts(common_sigma) {}

  std::vector<Predictor> predictors(uword experts) const override;
  Description description() const override {
    return {"gaussian", {}, {{"common_sigma", common_}, {"in_units_of_sigma", 1.0}}};
  }
  std::vector<TermPair> pairs(uword experts) const override;

  /// K columns of e, then K of (y - offset) / sigma_k.
  std::size_t scratch(uword experts) const override { return 2 * experts; }

  void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const override;
  void first(const Rows& rows, Table scratch, Table v, double* const* out) const override;
  void second(const Rows& rows, Table scratch, Table v, double* const* out) const override;
  void information(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  /// phi_k by the step, a Newton step in (phi, 1 / sigma); then the maximum over 1 / sigma, the positive root of
  /// r^2 sum v t^2 - r sum v t u - sum v = 0 with t = (y - offset) / sigma, r = sigma / sigma_new and the new u.
  void maximise(const Statistics& at, const Layout& layout, const vec& step, vec& parameters) const override;

  void mean(const Rows& rows, const Block& block, Table out) const override;
  void mean_first(const Rows& rows, const Block& block, uword outcome, double* const* out) const override;

 private:
  double centre(const Rows& rows, const Block& block, std::size_t i, uword k) const override {
    return std::exp(log_sigma(rows, k)) * rows.predictor[k][i] + (block.offset ? block.offset[i] : 0.0);
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "scaled_gaussian.ipp"
#endif
