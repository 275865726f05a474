#pragma once

#include <string>
#include <vector>

#include "canonical.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Binomial experts f_k(y) = C(m, y) p^y (1 - p)^(m - y) with logit p = x' b_k + offset: of one trial a row, or with
/// the trials m as the response's second column.
class BinomialExperts final : public CanonicalExperts {
 public:
  /// `trials`: the response has them in a second column.
  explicit BinomialExperts(bool trials = false) : trials_(trials) {}

  Description description() const override { return {"binomial", {}, {{"counts", trials_}}}; }
  std::string response() const override { return trials_ ? "a number of successes and one of trials" : "0 or 1"; }
  uword responses() const override { return trials_ ? 2 : 1; }
  bool discrete() const override { return true; }
  bool identifies_constants() const override { return trials_; }
  mat features(const mat& response) const override;

 protected:
  void cumulant(const double* eta, double* b, double* mean, double* variance, std::size_t n) const override;
  double base(double y, double size) const override;
  bool possible(double y, double size) const override;
  double cumulative(double y, double size, double mean) const override;
  double exceedance(double y, double size, double mean) const override;
  void bracket(double size, double mean, std::vector<double>& points) const override;
  double draw_one(double size, double mean, Random& random) const override { return random.binomial(size, mean); }

 private:
  bool trials_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "binomial.ipp"
#endif
