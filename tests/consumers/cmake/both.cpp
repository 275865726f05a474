#include <cmath>
#include <iostream>

#include "own_fit.hpp"

static_assert(arma::arma_config::warn_level == 2, "the user's own Armadillo is as the user has it");

double header_only_log_likelihood();

int main() {
  const double compiled = own_log_likelihood(), header_only = header_only_log_likelihood();
  std::cout << "log-likelihood " << compiled << " and " << header_only << '\n';
  return std::abs(compiled - header_only) < 1e-6 ? 0 : 1;
}
