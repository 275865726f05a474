#pragma once

#include <expertmix/path.hpp>

#include "simulated.hpp"

namespace expertmix {

/// Two experts with sparse slopes and a gate on the first covariate (Chamroukhi and Huynh 2019, JSFdS 160(1), 57-85).
struct SparseDesign {
  mat x, y, responsibilities;

  SparseDesign(uword rows, uword covariates, std::uint64_t seed)
      : x(rows, covariates + 1, arma::fill::ones), y(rows, 1), responsibilities(rows, 2) {
    Random random(seed, 0);
    for (uword j = 1; j <= covariates; ++j)
      for (uword i = 0; i < rows; ++i)
        x(i, j) = j == 1 ? random.normal() : 0.5 * x(i, j - 1) + std::sqrt(0.75) * random.normal();
    for (uword i = 0; i < rows; ++i) {
      const bool first = random.uniform() < 1.0 / (1.0 + std::exp(-1.0 - 2.0 * x(i, 1) + x(i, 4)));
      responsibilities(i, first ? 0 : 1) = 0.9;
      responsibilities(i, first ? 1 : 0) = 0.1;
      y(i) = (first ? 1.5 * x(i, 2) + x(i, 6) : x(i, 1) - 1.5 * x(i, 2) + 2.0 * x(i, 5)) + random.normal();
    }
  }
};

inline Mixture gaussian_mixture(uword experts, bool common = false) {
  return Mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(common), experts);
}

}  // namespace expertmix
