#pragma once

#include <memory>
#include <vector>

#include "normal.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Gaussian experts f_k(y) = N(y; x' b_k + offset, sigma_k^2), sigma_k separate or one common sigma. Predictors: the K
/// means, then log sigma_1, ..., log sigma_K (or log sigma).
class GaussianExperts final : public detail::NormalExperts {
 public:
  /// `common_sigma`: one standard deviation for all experts.
  explicit GaussianExperts(bool common_sigma = false) : detail::NormalExperts(common_sigma) {}

  std::vector<Predictor> predictors(uword experts) const override;
  Description description() const override { return {"gaussian", {}, {{"common_sigma", common_}}}; }
  std::shared_ptr<const Experts> scaled() const override;

  std::vector<TermPair> pairs(uword experts) const override;

  /// K columns of residuals, then the K precisions.
  std::size_t scratch(uword experts) const override { return experts + 1 + experts / detail::max_block_rows; }

  void log_density(const Rows& rows, const Block& block, Table residual, Table log_f) const override;

  void first(const Rows& rows, Table residual, Table v, double* const* out) const override;

  void second(const Rows& rows, Table residual, Table v, double* const* out) const override;

  void information(const Rows& rows, Table residual, Table v, double* const* out) const override;

  /// Exact: see `raise_location_scale`.
  void maximise(const Statistics& at, const Layout& layout, const vec& step, vec& parameters) const override;

  void mean(const Rows& rows, const Block& block, Table out) const override;
  void mean_first(const Rows& rows, const Block& block, uword outcome, double* const* out) const override;

 private:
  double centre(const Rows& rows, const Block& block, std::size_t i, uword k) const override {
    return with_offset(rows, block, i, k);
  }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "gaussian.ipp"
#endif
