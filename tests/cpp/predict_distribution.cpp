#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/mixture/registry.hpp>

using namespace expertmix;

namespace {

/// Two experts on an intercept and one covariate.
Coefficients some(const Experts& family) {
  Coefficients out;
  out.gate = mat{{0.0, 0.4}, {0.0, -1.0}};
  out.experts.zeros(2, family.outcomes().columns(2));
  for (uword j = 0; j < out.experts.n_elem; ++j) out.experts(j) = 0.3 + 0.2 * static_cast<double>(j % 5);
  if (!family.scalars().empty()) out.sigma = {0.7, 0.7};
  return out;
}

vec at(const mat& x, const Mixture& mixture, const Coefficients& from, double y) {
  return distribution(Data(x, mat(x.n_rows, 1).fill(y)), mixture, from);
}

}  // namespace

TEST_CASE("a distribution function's increments are the density", "[predict]") {
  mat x(20, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-1.0, 1.0, 20);
  for (const auto& [name, family] : families()) {
    CAPTURE(name);
    if (family->responses() > 1) continue;
    const Mixture mixture(gate_named("identity", "softmax"), family, 2);
    const Coefficients from = some(*family);
    const double step = family->discrete() ? 1.0 : 1e-4;
    for (double y : {0.0, 1.0, 2.0}) {
      const double middle = family->discrete() ? y : y - 0.5 * step;
      const vec density = arma::exp(log_density(Data(x, mat(20, 1).fill(middle)), mixture, from));
      vec before(20, arma::fill::zeros);
      if (!family->discrete() || y > 0.0) before = at(x, mixture, from, y - step);
      CHECK(arma::approx_equal((at(x, mixture, from, y) - before) / step, density, "absdiff", 1e-6));
    }
  }
}

TEST_CASE("distributions that have no order are refused", "[predict]") {
  const Mixture counts(gate_named("identity", "softmax"), std::make_shared<MultinomialExperts>(3, true), 2);
  const mat x(2, 2, arma::fill::ones), y{{1.0, 0.0, 2.0}, {0.0, 1.0, 0.0}};
  CHECK_THROWS_AS(distribution(Data(x, y), counts, some(*counts.family)), invalid_argument);
}
