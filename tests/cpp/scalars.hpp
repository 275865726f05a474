#pragma once

#include <expertmix/mixture/coefficients.hpp>

/// Gives every expert of a family its scale, if it has one, and other scalars.
inline void set_scalars(const expertmix::Experts& family, arma::uword experts, double scale, double other,
                        expertmix::Coefficients& out) {
  const auto names = family.scalars();
  const arma::uword scales = !names.empty() && names[0] == "sigma";
  if (scales > 0) out.sigma = arma::vec(experts).fill(scale);
  if (names.size() > scales) out.scalars = arma::mat(experts, names.size() - scales).fill(other);
}
