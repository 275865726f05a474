#pragma once

#include <expertmix/base/random.hpp>
#include <expertmix/theory/voronoi.hpp>

namespace expertmix {

/// k atoms with d covariates.
inline Atoms random_atoms(uword k, uword d, std::uint64_t seed) {
  Random random(seed, k);
  const auto normal = [&] { return random.normal(); };
  Atoms out{vec(k), mat(d, k), mat(d, k), mat(1, k), mat(1, k), 1.0};
  out.log_weight.imbue(normal);
  out.gate.imbue(normal);
  out.slope.imbue(normal);
  out.intercept.imbue(normal);
  out.variance.imbue([&] { return random.uniform(); });
  return out;
}

}  // namespace expertmix
