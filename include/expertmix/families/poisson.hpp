#pragma once

#include <string>
#include <vector>

#include "canonical.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Poisson experts f_k(y) = mu^y exp(-mu) / y! with log mu = x' b_k + offset.
class PoissonExperts final : public CanonicalExperts {
 public:
  Description description() const override { return {"poisson", {}, {}}; }
  std::string response() const override { return "a count"; }
  bool discrete() const override { return true; }
  mat features(const mat& response) const override;

 protected:
  void cumulant(const double* eta, double* b, double* mean, double* variance, std::size_t n) const override;
  double base(double y, double size) const override;
  bool possible(double y, double size) const override;
  double cumulative(double y, double size, double mean) const override;
  double exceedance(double y, double size, double mean) const override;
  void bracket(double size, double mean, std::vector<double>& points) const override;
  double draw_one(double /*size*/, double mean, Random& random) const override { return random.poisson(mean); }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "poisson.ipp"
#endif
