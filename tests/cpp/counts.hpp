#pragma once

#include <expertmix/base/armadillo.hpp>

#include <cmath>

/// Counts that grow with x, with more variance than Poisson counts have: y = floor(exp(.5 + .8 x) u), u between .2 and
/// 1.8.
struct Counts {
  arma::mat x = arma::mat(60, 2, arma::fill::ones), y = arma::mat(60, 1);
  arma::vec offset = arma::vec(60);

  Counts() {
    for (arma::uword i = 0; i < 60; ++i) {
      x(i, 1) = static_cast<double>(i) / 20.0;
      y(i) = std::floor(std::exp(0.5 + 0.8 * x(i, 1)) * (0.2 + 1.6 * static_cast<double>((7 * i) % 13) / 13.0));
      offset(i) = 0.1 * static_cast<double>(i % 3);
    }
  }
};
