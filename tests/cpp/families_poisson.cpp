#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/families/poisson.hpp>

#include "counts.hpp"

using namespace expertmix;

namespace {

Mixture poisson(uword experts) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<PoissonExperts>(), experts};
}

double slow_log_density(double y, double mean) { return y * std::log(mean) - mean - std::lgamma(y + 1.0); }

}  // namespace

TEST_CASE("one Poisson expert is Poisson regression, with an offset or without", "[poisson]") {
  const Counts rows;
  const Fit plain = fit(Data(rows.x, rows.y), poisson(1));  // glm(y ~ x, poisson) of R 4.2
  CHECK(plain.log_likelihood == Approx(-153.982346781853).epsilon(1e-10));
  CHECK(plain.experts(0) == Approx(0.190272696160).epsilon(1e-6));
  CHECK(plain.experts(1) == Approx(0.877331233079).epsilon(1e-6));
  const Fit shifted = fit(Data(rows.x, rows.y).offset(rows.offset), poisson(1));  // + offset(o)
  CHECK(shifted.log_likelihood == Approx(-154.1524639650782).epsilon(1e-10));
  CHECK(shifted.experts(0) == Approx(0.0965438979616).epsilon(1e-6));
}

TEST_CASE("a mixture of Poisson regressions is recovered", "[poisson]") {
  const uword n = 4000;
  Random random(3, 0);
  mat x(n, 2, arma::fill::ones);
  x.col(1).imbue([&] { return 2.0 * random.uniform() - 1.0; });
  const Coefficients truth{mat{{0.0, 0.3}, {0.0, 2.0}}, mat{{0.5, 2.0}, {1.0, -1.0}}, {}};
  const Draws rows = draw(Data(x), poisson(2), truth, 5);
  const Fit found = fit(Data(x, rows.y), poisson(2));
  CHECK(found.record.converged);
  CHECK(found.log_likelihood > arma::accu(log_density(Data(x, rows.y), poisson(2), truth)));
  const uword first = std::abs(found.experts(1, 0) - 1.0) < std::abs(found.experts(1, 1) - 1.0) ? 0 : 1;
  CHECK(found.experts(0, first) == Approx(0.5).margin(0.15));
  CHECK(found.experts(1, first) == Approx(1.0).margin(0.15));
  CHECK(found.experts(0, 1 - first) == Approx(2.0).margin(0.1));
  CHECK(found.experts(1, 1 - first) == Approx(-1.0).margin(0.1));
  CHECK(arma::accu(log_density(Data(x, rows.y), poisson(2), found)) == Approx(found.log_likelihood).epsilon(1e-12));
}

TEST_CASE("an expert of zeros alone is bounded and named", "[poisson]") {
  const uword n = 300;
  mat x(n, 2, arma::fill::ones), y(n, 1);
  for (uword i = 0; i < n; ++i) {
    x(i, 1) = 2.0 * i / n - 1.0;
    y(i) = x(i, 1) < 0.0 ? 0.0 : 3.0 + (7 * i) % 5;
  }
  const Fit found = fit(Data(x, y), poisson(2));
  REQUIRE(found.record.runaways.size() == 1);
  const uword empty = found.record.runaways[0].expert;
  CHECK(arma::all(arma::abs(found.experts.col(empty)) < 60.0));
  CHECK(arma::as_scalar(arma::exp(x.row(0) * found.experts.col(empty))) < 1e-3);
  CHECK(found.record.objective.find("bounded experts") != std::string::npos);
}

TEST_CASE("counts that one cannot have are refused", "[poisson]") {
  const mat x(3, 1, arma::fill::ones);
  for (const double bad : {-1.0, 0.5})
    CHECK_THROWS_WITH(fit(Data(x, mat{1.0, bad, 2.0}.t()), poisson(1)), Catch::Contains("row 2 is not a count"));
}

TEST_CASE("distances of Poisson densities are sums over counts", "[poisson]") {
  const Mixture one = poisson(1), two = poisson(2);
  const mat x(1, 1, arma::fill::ones);
  const Coefficients p{mat{0.0}, mat{std::log(3.0)}, {}}, q{mat{{0.0, 1.0}}, mat{{std::log(2.0), std::log(7.0)}}, {}};
  const Divergence found = divergence({x, {}, one, p}, {x, {}, two, q});
  const double share = std::exp(1.0) / (1.0 + std::exp(1.0));
  double hellinger = 0.0, variation = 0.0, kl = 0.0;
  for (double y = 0.0; y < 200.0; ++y) {
    const double a = std::exp(slow_log_density(y, 3.0));
    const double b = (1.0 - share) * std::exp(slow_log_density(y, 2.0)) + share * std::exp(slow_log_density(y, 7.0));
    hellinger += 0.5 * std::pow(std::sqrt(a) - std::sqrt(b), 2);
    variation += 0.5 * std::abs(a - b);
    kl += a > 0.0 ? a * std::log(a / b) : 0.0;
  }
  CHECK(found.hellinger == Approx(std::sqrt(hellinger)).epsilon(1e-10));
  CHECK(found.total_variation == Approx(variation).epsilon(1e-10));
  CHECK(found.kullback_leibler == Approx(kl).epsilon(1e-9));
  const Conditional gaussian{x,
                             {},
                             Mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), 1),
                             Coefficients{mat{0.0}, mat{1.0}, vec{1.0}}};
  CHECK_THROWS_WITH(divergence({x, {}, one, p}, gaussian),
                    Catch::Contains("is a density of a number, p one of a count"));
}
