#pragma once

#include <expertmix/fit.hpp>

#include "model.h"

/// Where a fit starts, from R's `responsibilities` or coefficients; nowhere if there are neither.
inline expertmix::Start read_start(const Rcpp::List& given) {
  expertmix::Start start;
  if (given.containsElementNamed("responsibilities"))
    start.responsibilities = Rcpp::as<arma::mat>(given["responsibilities"]);
  if (given.containsElementNamed("gate")) static_cast<expertmix::Coefficients&>(start) = read_coefficients(given);
  return start;
}
