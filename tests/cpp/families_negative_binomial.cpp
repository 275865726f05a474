#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/families/negative_binomial.hpp>
#include <expertmix/families/poisson.hpp>
#include <expertmix/math/gamma.hpp>

#include "counts.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

Mixture negative_binomial(uword experts) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<NegativeBinomialExperts>(), experts};
}

Coefficients one_expert(double intercept, double slope, double theta) {
  Coefficients out{mat(2, 1, arma::fill::zeros), vec{intercept, slope}, {}};
  out.scalars = mat(1, 1, arma::fill::value(theta));
  return out;
}

}  // namespace

TEST_CASE("one negative binomial expert is MASS::glm.nb", "[negative_binomial]") {
  const Counts rows;
  Options exact;
  exact.tolerance = 1e-13;
  const Fit found = fit(Data(rows.x, rows.y), negative_binomial(1), exact);
  CHECK(found.record.scalars.empty());
  CHECK(found.log_likelihood == Approx(-143.267618587080).epsilon(1e-12));
  CHECK(found.experts(0) == Approx(0.161976986944).epsilon(1e-6));
  CHECK(found.experts(1) == Approx(0.893384476401).epsilon(1e-6));
  CHECK(found.scalars(0) == Approx(5.512765114855).epsilon(1e-5));
}

TEST_CASE("rising factorials and their derivatives are sums", "[negative_binomial]") {
  for (double a : {1e-3, 0.5, 40.0, 1e6})
    for (double y : {0.0, 1.0, 64.0, 65.0, 3000.0}) {
      long double value = 0, slope = 0, curvature = 0;
      for (long j = 0; j < static_cast<long>(y); ++j) {
        const long double share = j / static_cast<long double>(a);
        value += std::log1p(share);
        slope -= share / (1 + share);
        curvature += share / ((1 + share) * (1 + share));
      }
      RisingFactorial sum(a, y);
      sum.list_values();
      CHECK(sum.value(y) == Approx(static_cast<double>(value)).epsilon(1e-11));
      sum.list_slopes();
      CHECK(sum.slope(y) == Approx(static_cast<double>(slope)).epsilon(1e-11));
      sum.list_curvatures();
      CHECK(sum.curvature(y) == Approx(static_cast<double>(curvature)).epsilon(1e-11));
    }
}

TEST_CASE("its distribution sums its densities, and is Poisson's for a large theta", "[negative_binomial]") {
  const uword n = 400;
  mat x(n, 2, arma::fill::ones), y(n, 1);
  x.col(1).fill(0.3);
  for (uword i = 0; i < n; ++i) y(i) = static_cast<double>(i);
  const Data data(x, y);
  for (double theta : {0.05, 2.0, 300.0}) {
    const Coefficients at = one_expert(1.0, 5.0, theta);
    const vec below = arma::cumsum(arma::exp(log_density(data, negative_binomial(1), at)));
    CHECK(arma::abs(distribution(data, negative_binomial(1), at) - below).max() < 1e-12);
    CHECK(arma::abs(survival(data, negative_binomial(1), at) + below - 1.0).max() < 1e-12);
  }
  const Mixture poisson{std::make_shared<SoftmaxGate>(), std::make_shared<PoissonExperts>(), 1};
  const Data few(x.head_rows(20), y.head_rows(20));
  Coefficients limit = one_expert(0.5, 1.0, 1e9);
  const vec close = log_density(few, negative_binomial(1), limit);
  limit.scalars.reset();
  CHECK(arma::abs(close - log_density(few, poisson, limit)).max() < 1e-6);
}

TEST_CASE("a mixture of negative binomial regressions is recovered", "[negative_binomial]") {
  const uword n = 4000;
  Random random(3, 0);
  mat x(n, 2, arma::fill::ones);
  x.col(1).imbue([&] { return 2.0 * random.uniform() - 1.0; });
  Coefficients truth{mat{{0.0, 0.3}, {0.0, 2.0}}, mat{{0.5, 2.5}, {1.0, -1.0}}, {}};
  truth.scalars = vec{2.0, 8.0};
  const Draws rows = draw(Data(x), negative_binomial(2), truth, 5);
  const Fit found = fit(Data(x, rows.y), negative_binomial(2));
  CHECK(found.record.converged);
  CHECK(found.log_likelihood > arma::accu(log_density(Data(x, rows.y), negative_binomial(2), truth)));
  const uword first = found.experts(1, 0) > found.experts(1, 1) ? 0 : 1;
  CHECK(found.experts(0, first) == Approx(0.5).margin(0.2));
  CHECK(found.experts(1, 1 - first) == Approx(-1.0).margin(0.15));
  CHECK(found.scalars(first) == Approx(2.0).epsilon(0.4));
  CHECK(found.scalars(1 - first) == Approx(8.0).epsilon(0.4));
}

TEST_CASE("theta at its upper bound is named, and has no variance", "[negative_binomial]") {
  const uword n = 200;
  mat x(n, 2, arma::fill::ones), y(n, 1);
  for (uword i = 0; i < n; ++i) x(i, 1) = 2.0 * i / n - 1.0, y(i) = 4.0 + (7 * i) % 3;
  const Fit found = fit(Data(x, y), negative_binomial(1));
  CHECK(found.record.converged);
  REQUIRE(found.record.scalars.size() == 1);
  CHECK(found.record.scalars[0].upper);
  CHECK(!found.record.drifted);
  CHECK(found.scalars(0) == Approx(1e6));
  CHECK(found.estimable == std::vector<bool>{true, true, false});
  CHECK(found.covariance.is_finite());
}

TEST_CASE("what is no count is refused by its row", "[negative_binomial]") {
  mat y{1.0, -1.0, 2.5};
  try {
    NegativeBinomialExperts().check(y.t(), "fit");
    FAIL("nothing was thrown");
  } catch (const invalid_argument& error) {
    CHECK(std::string(error.what()).find("row 2") != std::string::npos);
  }
}
