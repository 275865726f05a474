#pragma once

#include <string>
#include <vector>

#include "../model/experts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// What Gaussian experts N(mean, sigma_k^2) are, however their predictors make the mean: sigma_k separate or one common
/// sigma, by their logarithms the predictors after the K of the means.
class NormalExperts : public Experts {
 public:
  bool runs_away() const override { return false; }
  std::vector<std::string> scalars() const override { return {"sigma"}; }
  std::vector<Term> terms(uword experts) const override;

  /// log(|e_k| / sigma_k); where a residual is infinite or drowns the means, the wider expert is nearer, then the one
  /// whose mean lies towards y.
  Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const override;

  std::string response() const override { return "a number"; }
  void support(const Rows& rows, const Block& block, std::size_t i, uword k,
               std::vector<double>& points) const override;
  void distribution(const Rows& rows, const Block& block, Table out) const override { tail(rows, block, 1.0, out); }
  void survival(const Rows& rows, const Block& block, Table out) const override { tail(rows, block, -1.0, out); }
  void draw(const Rows& rows, const Block& block, Table mean, const uword* expert, Random& random,
            Table response) const override;

 protected:
  explicit NormalExperts(bool common_sigma) : common_(common_sigma) {}

  /// The number of its log sigma among the family's predictors, and its value.
  std::size_t log_sigma(uword k, uword experts) const { return experts + (common_ ? 0 : k); }
  double log_sigma(const Rows& rows, uword k) const { return rows.predictor[log_sigma(k, rows.experts)][0]; }

  /// The mean of expert k in row i, offset included.
  virtual double centre(const Rows& rows, const Block& block, std::size_t i, uword k) const = 0;

  bool common_;

 private:
  void tail(const Rows& rows, const Block& block, double sign, Table out) const;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "normal.ipp"
#endif
