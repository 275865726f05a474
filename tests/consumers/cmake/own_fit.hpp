#pragma once

#include <expertmix/expertmix.hpp>

/// A fit by the definitions that this object has: the compiled ones, or its own.
inline double own_log_likelihood() {
  arma::mat x(200, 2, arma::fill::ones);
  arma::vec y(200);
  for (arma::uword i = 0; i < 200; ++i) {
    x(i, 1) = 0.02 * i - 2.0;
    y(i) = i % 3 == 0 ? 1.0 + 2.0 * x(i, 1) + 0.1 * (i % 7) : -1.0 - x(i, 1) + 0.1 * (i % 5);
  }
  return expertmix::fit(expertmix::Data(x, y), 2).log_likelihood;
}
