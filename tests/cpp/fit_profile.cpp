#include <catch2/catch.hpp>
#include <expertmix/expertmix.hpp>

#include "conformance.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// Two lines under a gate with one covariate.
Data two_lines(uword n, mat& x, vec& y) {
  Random random(3, n);
  x.ones(n, 2);
  y.set_size(n);
  for (uword i = 0; i < n; ++i) {
    x(i, 1) = 4.0 * random.uniform() - 2.0;
    const bool first = random.uniform() < 1.0 / (1.0 + std::exp(-2.0 * x(i, 1)));
    y(i) = first ? 1.0 + x(i, 1) + 0.4 * random.normal() : -1.0 - 0.5 * x(i, 1) + 0.7 * random.normal();
  }
  return Data(x, y);
}

}  // namespace

TEST_CASE("profile intervals of a line are those of the likelihood ratio", "[fit]") {
  mat x;
  vec y;
  const Data data = two_lines(80, x, y);
  const Fit fit = expertmix::fit(data, 1);
  const Profiles profiles = profile_intervals(fit, data, 0.95);
  REQUIRE(profiles.ends.n_rows == 3);
  CHECK(profiles.rise < 1e-6);
  // n log(1 + d^2 / (RSS (X'X)^-1_jj)) = q; with sigma, n { s^2 / t^2 - 1 - log(s^2 / t^2) } = q
  const double n = 80.0, q = 3.841458820694124;
  const mat gram = arma::inv_sympd(x.t() * x);
  const double rss = arma::accu(arma::square(y - x * fit.experts));
  for (uword j = 0; j < 2; ++j) {
    const double half = std::sqrt(rss * gram(j, j) * std::expm1(q / n));
    CHECK(profiles.ends(j, 0) == Approx(fit.experts(j) - half).epsilon(1e-6));
    CHECK(profiles.ends(j, 1) == Approx(fit.experts(j) + half).epsilon(1e-6));
  }
  for (uword side : {0, 1}) {
    const double ratio = std::exp(2.0 * (std::log(fit.sigma(0)) - profiles.ends(2, side)));
    CHECK(n * (ratio - 1.0 - std::log(ratio)) == Approx(q).epsilon(1e-5));
  }
}

TEST_CASE("profile intervals end where held fits lose what the level says", "[fit]") {
  mat x;
  vec y;
  const Data data = two_lines(300, x, y);
  for (const char* gate : {"softmax", "tanh"}) {
    CAPTURE(gate);
    const Mixture mixture(gates().at(gate), families().at("gaussian"), 2);
    const Fit fit = expertmix::fit(data, mixture);
    const Profiles profiles = profile_intervals(fit, data, 0.9);
    CHECK(profiles.rise < 1e-6);
    for (uword j = 0; j < fit.parameters.n_elem; ++j) {
      CAPTURE(j);
      CHECK(profiles.ends(j, 0) < fit.parameters(j));
      CHECK(profiles.ends(j, 1) > fit.parameters(j));
    }
  }
}

TEST_CASE("profile intervals do not depend on units, weights' unit or threads", "[fit]") {
  mat x;
  vec y;
  const Data data = two_lines(200, x, y);
  const Fit fit = expertmix::fit(data, 2);
  const mat plain = profile_intervals(fit, data).ends;
  Context two;
  two.threads = 2;
  CHECK(arma::approx_equal(plain, profile_intervals(fit, data, 0.95, two).ends, "absdiff", 0.0));
  mat wide = x;
  wide.col(1) = 1e4 * x.col(1) + 1e5;
  const Data recoded(wide, y);
  const Fit other = expertmix::fit(recoded, 2);
  const mat ends = profile_intervals(other, recoded).ends;
  // slopes of the gate and of both experts
  for (uword j : {1, 3, 6}) CHECK(conformance::relative_distance(1e4 * ends.row(j), plain.row(j)) < 1e-4);
  const vec twice(200, arma::fill::value(2.0));
  const mat heavy = profile_intervals(fit, Data(x, y).weights(twice)).ends;
  CHECK(arma::all(heavy.col(1) - heavy.col(0) < plain.col(1) - plain.col(0)));
}

TEST_CASE("a separated gate has an interval with one end", "[fit]") {
  mat x(60, 2, arma::fill::ones);
  vec y(60);
  Random random(1, 1);
  for (uword i = 0; i < 60; ++i) {
    x(i, 1) = i < 30 ? -2.0 + i / 30.0 : 1.0 + (i - 30.0) / 30.0;
    y(i) = (i < 30 ? -5.0 : 5.0 + x(i, 1)) + 0.3 * random.normal();
  }
  const Data data(x, y);
  const Fit fit = expertmix::fit(data, 2);
  REQUIRE(!fit.record.separated.empty());
  const mat ends = profile_intervals(fit, data).ends;
  CHECK(std::isinf(ends(1, fit.parameters(1) > 0.0 ? 1 : 0)));
  CHECK(std::isfinite(ends(1, fit.parameters(1) > 0.0 ? 0 : 1)));
  CHECK(ends.rows(2, ends.n_rows - 1).is_finite());
}

TEST_CASE("profile intervals of what has none are refused", "[fit]") {
  mat x;
  vec y;
  const Data data = two_lines(100, x, y);
  const Fit fit = expertmix::fit(data, 2);
  CHECK_THROWS_AS(profile_intervals(fit, data, 1.0), invalid_argument);
  CHECK_THROWS_AS(profile_intervals(fit, Data(x)), invalid_argument);
  const Mixture jumping(gates().at("top-1 by slope"), families().at("gaussian"), 2);
  const Fit hard = expertmix::fit(data, jumping);
  CHECK_THROWS_AS(profile_intervals(hard, data), invalid_argument);
}
