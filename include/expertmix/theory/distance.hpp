#pragma once

#include <cstdint>

#include "../base/context.hpp"
#include "../mixture/coefficients.hpp"
#include "../source/data.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The conditional densities f(y | x, z) of a mixture at the rows of two designs; x is z, too, where there is none.
struct Conditional {
  Given<mat> x;               ///< n x p
  Given<mat> z;               ///< n x q, or none
  Mixture mixture;            ///< p or q of a distance
  Coefficients coefficients;  ///< its own

  /// The designs, without a response.
  Data data() const { return Data(x).gate(z); }
  /// The same of some rows.
  Data data(const uvec& rows) const { return Data(x->rows(rows)).gate(data().gate().rows(rows)); }

  /// log f(y | x, z) of a response for each of some rows.
  vec log_density(const uvec& rows, const mat& y) const;
};

/// The most draws a row that a distance takes.
constexpr uword most_draws = 1000000000;

/// Distances of a density q from p, averaged over rows.
struct Divergence {
  double hellinger;         ///< E_X { integral (sqrt p - sqrt q)^2 / 2 }^(1/2)
  double total_variation;   ///< E_X integral |p - q| / 2
  double kullback_leibler;  ///< E_X integral p log(p / q)
};

/// Distances of q from p, of one family, at rows with the same covariates: sums over classes, or adaptive quadrature
/// over a numeric response. Throws `invalid_argument`, `interrupted`.
Divergence divergence(const Conditional& p, const Conditional& q, double tolerance = 1e-9, const Context& context = {});

/// The same by `draws` responses y from p at every row: the means of 1 - (q / p)^(1/2), (1 - q / p)_+ and log(p / q).
/// A function of the seed and the arguments only. Throws `invalid_argument`, `interrupted`.
Divergence sampled_divergence(const Conditional& p, const Conditional& q, uword draws, std::uint64_t seed,
                              const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "distance.ipp"
#endif
