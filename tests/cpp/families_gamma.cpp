#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/families/gamma.hpp>
#include <expertmix/math/gamma.hpp>

using namespace expertmix;
using namespace expertmix::detail;

namespace {

Mixture gamma_mixture(uword experts, bool common_sigma = false) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<GammaExperts>(common_sigma), experts};
}

/// Durations that grow with x.
struct Durations {
  mat x = mat(60, 2, arma::fill::ones), y = mat(60, 1);
  vec offset = vec(60);

  Durations() {
    for (uword i = 0; i < 60; ++i) {
      x(i, 1) = static_cast<double>(i) / 20.0;
      y(i) = std::exp(0.5 + 0.8 * x(i, 1)) * (0.2 + 1.6 * static_cast<double>((7 * i) % 13) / 13.0);
      offset(i) = 0.1 * static_cast<double>(i % 3);
    }
  }
};

/// Draws from two experts at n rows.
struct Recovery {
  mat x, y;
  Coefficients truth{mat{{0.0, 0.3}, {0.0, 2.0}}, mat{{0.5, 2.0}, {1.0, -1.0}}, vec{0.5, 0.2}};

  explicit Recovery(uword n) : x(n, 2, arma::fill::ones) {
    Random random(3, 0);
    x.col(1).imbue([&] { return 2.0 * random.uniform() - 1.0; });
    y = draw(Data(x), gamma_mixture(2), truth, 5).y;
  }
};

}  // namespace

TEST_CASE("one Gamma expert is Gamma regression at its maximum likelihood, with an offset or without", "[gamma]") {
  const Durations rows;
  const Fit plain = fit(Data(rows.x, rows.y), gamma_mixture(1));  // glm(y ~ x, Gamma("log")), MASS::gamma.shape
  CHECK(plain.log_likelihood == Approx(-139.909984494318280).epsilon(1e-10));
  CHECK(plain.experts(0) == Approx(0.375468539989796).epsilon(1e-6));
  CHECK(plain.experts(1) == Approx(0.829198983592978).epsilon(1e-6));
  CHECK(plain.sigma(0) == Approx(0.565339669454342).epsilon(1e-6));
  const Fit shifted = fit(Data(rows.x, rows.y).offset(rows.offset), gamma_mixture(1));  // + offset(o)
  CHECK(shifted.log_likelihood == Approx(-140.269677812174393).epsilon(1e-10));
  CHECK(shifted.experts(0) == Approx(0.285316680107538).epsilon(1e-6));
}

TEST_CASE("the unit of a Gamma response is in the intercepts alone", "[gamma]") {
  const Durations rows;
  const mat scaled = 1e40 * rows.y;
  const Fit one = fit(Data(rows.x, rows.y), gamma_mixture(2)), other = fit(Data(rows.x, scaled), gamma_mixture(2));
  CHECK(other.log_likelihood == Approx(one.log_likelihood - 60.0 * std::log(1e40)).epsilon(1e-9));
  CHECK(arma::approx_equal(other.sigma, one.sigma, "reldiff", 1e-4));
}

TEST_CASE("a mixture of Gamma regressions is recovered", "[gamma]") {
  const Recovery rows(2000);
  const Data data(rows.x, rows.y);
  const Fit found = fit(data, gamma_mixture(2));
  CHECK(found.record.converged);
  CHECK(found.log_likelihood > arma::accu(log_density(data, gamma_mixture(2), rows.truth)));
  const uword first = found.experts(1, 0) > found.experts(1, 1) ? 0 : 1;
  CHECK(found.experts(0, first) == Approx(0.5).margin(0.1));
  CHECK(found.experts(1, first) == Approx(1.0).margin(0.15));
  CHECK(found.experts(1, 1 - first) == Approx(-1.0).margin(0.1));
  CHECK(found.sigma(first) == Approx(0.5).margin(0.05));
  CHECK(found.sigma(1 - first) == Approx(0.2).margin(0.03));
  CHECK(arma::accu(log_density(data, gamma_mixture(2), found)) == Approx(found.log_likelihood).epsilon(1e-12));
  const Fit common = fit(data, gamma_mixture(2, true));
  CHECK(common.log_likelihood < found.log_likelihood);
  CHECK(common.sigma(0) == common.sigma(1));
}

TEST_CASE("an expert on equal responses is a spike, not a maximum", "[gamma]") {
  Recovery rows(300);
  for (uword i = 0; i < 5; ++i) rows.y(i) = 50.0 * std::exp(0.1 * rows.x(i, 1)) * (i % 2 ? 1.0 + 1e-3 : 1.0);
  Start start;
  start.responsibilities.set_size(300, 3);
  start.responsibilities.fill(0.02 / 3.0);
  for (uword i = 0; i < 300; ++i) start.responsibilities(i, i < 5 ? 2 : i % 2) += 0.98;
  const mat constant(300, 1, arma::fill::ones);
  const Fit found = fit(Data(rows.x, rows.y).gate(constant), gamma_mixture(3), {}, start);
  REQUIRE(found.record.spikes.size() == 1);
  CHECK(found.record.spikes[0].rows == std::vector<uword>{0, 1, 2, 3, 4});
}

TEST_CASE("an expert that collapses is guarded and named", "[gamma]") {
  Recovery rows(300);
  for (uword i = 0; i < 100; ++i) rows.y(i) = 7.0;
  Start start;
  start.responsibilities.set_size(300, 2);
  for (uword i = 0; i < 300; ++i) start.responsibilities(i, 0) = i < 100 ? 0.99 : 0.01;
  start.responsibilities.col(1) = 1.0 - start.responsibilities.col(0);
  const Fit found = fit(Data(rows.x, rows.y), gamma_mixture(2), {}, start);
  CHECK(found.sigma.min() > 0.0);
  CHECK(found.record.objective.find("variance guard") != std::string::npos);
  CHECK(found.record.collapsed.size() == 1);
}

TEST_CASE("responses that one cannot have, or that one expert fits exactly, are refused", "[gamma]") {
  const mat x(3, 1, arma::fill::ones);
  for (const double bad : {-1.0, 0.0})
    CHECK_THROWS_WITH(fit(Data(x, mat{1.0, bad, 2.0}.t()), gamma_mixture(1)),
                      Catch::Contains("row 2 is not a positive number"));
  CHECK_THROWS_AS(fit(Data(x, mat(3, 1).fill(2.0)), gamma_mixture(1)), degenerate_error);
}

TEST_CASE("what remains of gamma functions is exact for small and large shapes", "[math]") {
  for (const double a : {0.01, 1.0, 10.0, 29.9, 30.1, 200.0}) {
    INFO(a);
    const double half_log_2pi = 0.91893853320467274178;
    CHECK(stirling_remainder(a) ==
          Approx(std::lgamma(a) - (a - 0.5) * std::log(a) + a - half_log_2pi).epsilon(1e-9).margin(1e-12));
    CHECK(digamma_remainder(a) == Approx(a * (std::log(a) - boost::math::digamma(a))).epsilon(1e-11));
    CHECK(trigamma_remainder(a) == Approx(a * a * boost::math::trigamma(a) - a).epsilon(1e-10));
  }
  CHECK(stirling_remainder(1e8) == Approx(1.0 / 12e8).epsilon(1e-15));
  CHECK(digamma_remainder(1e8) == Approx(0.5 + 1.0 / 12e8).epsilon(1e-15));
  for (const double excess : {1e-9, 1e-3, 0.1, 1.0, 30.0, 1e4}) {
    const double a = shape_of(excess);
    INFO(excess);
    CHECK(digamma_remainder(a) / a == Approx(excess).epsilon(1e-10));
  }
}

TEST_CASE("a Gamma density of large shape is the normal one, to first order", "[gamma]") {
  const mat x(1, 1, arma::fill::ones);
  const Coefficients at{mat{0.0}, mat{0.0}, vec{1e-4}};
  const auto log_f = [&](double y) { return log_density(Data(x, mat(1, 1).fill(y)), gamma_mixture(1), at)(0); };
  const double top = std::log(1e4) - 0.91893853320467274178;
  CHECK(log_f(1.0) == Approx(top - 1e-8 / 12.0).epsilon(1e-15));
  // a (log y - y + 1) - log y at y = 1 + t: -a t^2 / 2 + a t^3 / 3 - a t^4 / 4 - log(1 + t)
  const double t = 3e-4;
  CHECK(log_f(1.0 + t) ==
        Approx(top - 1e-8 / 12.0 - 1e8 * t * t * (0.5 - t / 3.0 + t * t / 4.0 - t * t * t / 5.0) - std::log1p(t))
            .epsilon(1e-11));
  CHECK(distribution(Data(x, mat(1, 1).fill(1.0)), gamma_mixture(1), at)(0) == Approx(0.5).margin(1e-4));
}

TEST_CASE("responsibilities of Gamma experts have their limit where all densities underflow", "[gamma]") {
  const mat x(1, 1, arma::fill::ones);
  const Coefficients at{mat{{0.0, 0.0}}, mat{{-600.0, -650.0}}, vec{1.0, 1.0}};
  const mat r = posterior(Data(x, mat(1, 1).fill(1e3)), gamma_mixture(2), at);
  CHECK(r(0, 0) == 1.0);
}

TEST_CASE("the distance of a Gamma mixture from itself is zero, from another that of the closed form", "[gamma]") {
  const mat x(1, 1, arma::fill::ones);
  const Coefficients p{mat{0.0}, mat{std::log(2.0)}, vec{0.5}}, q{mat{0.0}, mat{std::log(3.0)}, vec{0.5}};
  CHECK(divergence({x, {}, gamma_mixture(1), p}, {x, {}, gamma_mixture(1), p}).hellinger < 1e-10);
  const Divergence found = divergence({x, {}, gamma_mixture(1), p}, {x, {}, gamma_mixture(1), q});
  const double a = 4.0, affinity = std::pow(2.0 * std::sqrt(6.0) / 5.0, a);
  CHECK(found.hellinger == Approx(std::sqrt(1.0 - affinity)).epsilon(1e-8));
  CHECK(found.kullback_leibler == Approx(a * (std::log(1.5) + 2.0 / 3.0 - 1.0)).epsilon(1e-8));
}
