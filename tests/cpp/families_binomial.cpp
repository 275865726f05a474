#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/families/binomial.hpp>
#include <expertmix/families/multinomial.hpp>
#include <expertmix/math/logistic.hpp>

using namespace expertmix;
using namespace expertmix::detail;

namespace {

Mixture binomial(uword experts, bool trials = false) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<BinomialExperts>(trials), experts};
}

Mixture two_classes(uword experts, bool counts) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(2, counts), experts};
}

double logistic_of(double eta) { return 1.0 / (1.0 + std::exp(-eta)); }

/// Successes among 5 to 11 trials that grow with x, with more variance than binomial ones have.
struct Trials {
  mat x = mat(60, 2, arma::fill::ones), y = mat(60, 2);
  vec offset = vec(60);

  Trials() {
    for (uword i = 0; i < 60; ++i) {
      x(i, 1) = static_cast<double>(i) / 20.0;
      y(i, 1) = static_cast<double>(5 + i % 7);
      const double share = 0.4 + 0.9 * static_cast<double>((7 * i) % 13) / 13.0;
      y(i, 0) = std::min(y(i, 1), std::floor(y(i, 1) * logistic_of(-1.5 + x(i, 1)) * share));
      offset(i) = 0.1 * static_cast<double>(i % 3);
    }
  }

  mat binary() const { return arma::conv_to<mat>::from(y.col(0) >= 2.0); }
};

/// Draws from two experts at 1500 rows, of up to ten trials each where there are trials.
struct Recovery {
  mat x = mat(1500, 2, arma::fill::ones), y = mat(1500, 2);
  Coefficients truth{mat{{0.0, 0.3}, {0.0, 2.0}}, mat{{0.5, -1.0}, {2.0, -1.5}}, {}};

  Recovery() {
    Random random(3, 0);
    x.col(1).imbue([&] { return 2.0 * random.uniform() - 1.0; });
    for (uword i = 0; i < x.n_rows; ++i) y(i, 0) = 0.0, y(i, 1) = static_cast<double>(1 + i % 10);
    y = draw(Data(x, y), binomial(2, true), truth, 5).y;
  }
};

}  // namespace

TEST_CASE("one binomial expert is logistic regression, of trials or not, with an offset or without", "[binomial]") {
  const Trials rows;
  const Fit plain = fit(Data(rows.x, rows.y), binomial(1, true));  // glm(cbind(s, m - s) ~ x, binomial) of R 4.2
  CHECK(plain.log_likelihood == Approx(-89.81699913530527).epsilon(1e-10));
  CHECK(plain.experts(0) == Approx(-1.99535925565518).epsilon(1e-6));
  CHECK(plain.experts(1) == Approx(0.87476705290454).epsilon(1e-6));
  const Fit shifted = fit(Data(rows.x, rows.y).offset(rows.offset), binomial(1, true));  // + offset(o)
  CHECK(shifted.log_likelihood == Approx(-90.088322377086286).epsilon(1e-10));
  CHECK(shifted.experts(0) == Approx(-2.093129098794262).epsilon(1e-6));
  const mat binary = rows.binary();
  const Fit one = fit(Data(rows.x, binary), binomial(1));  // glm(s >= 2 ~ x, binomial)
  CHECK(one.log_likelihood == Approx(-20.70741616025325).epsilon(1e-10));
  CHECK(one.experts(1) == Approx(2.73379835946198).epsilon(1e-6));
}

TEST_CASE("a mixture of logistic regressions is recovered, and is that of two classes", "[binomial]") {
  const Recovery rows;
  const Data data(rows.x, rows.y);
  const Fit found = fit(data, binomial(2, true));
  CHECK(found.record.converged);
  CHECK(found.log_likelihood > arma::accu(log_density(data, binomial(2, true), rows.truth)));
  const uword first = found.experts(1, 0) > found.experts(1, 1) ? 0 : 1;
  CHECK(found.experts(1, first) == Approx(2.0).margin(0.3));
  CHECK(found.experts(1, 1 - first) == Approx(-1.5).margin(0.3));
  CHECK(arma::accu(log_density(data, binomial(2, true), found)) == Approx(found.log_likelihood).epsilon(1e-12));
  const mat counts = arma::join_rows(vec(rows.y.col(1) - rows.y.col(0)), vec(rows.y.col(0)));
  CHECK(fit(Data(rows.x, counts), two_classes(2, true)).log_likelihood == Approx(found.log_likelihood).epsilon(1e-11));
}

TEST_CASE("one trial a row is a class", "[binomial]") {
  const Recovery rows;
  const mat binary = arma::conv_to<mat>::from(2.0 * rows.y.col(0) > rows.y.col(1));
  const mat trials = arma::join_rows(vec(binary), vec(1500, arma::fill::ones));
  Start start;
  start.responsibilities.set_size(1500, 2);
  for (uword i = 0; i < 1500; ++i) start.responsibilities(i, 0) = rows.x(i, 1) > 0.0 ? 0.3 : 0.7;
  start.responsibilities.col(1) = 1.0 - start.responsibilities.col(0);
  const mat constant(1500, 1, arma::fill::ones);
  const Fit one = fit(Data(rows.x, binary).gate(constant), binomial(2), {}, start);
  const Fit classes = fit(Data(rows.x, binary).gate(constant), two_classes(2, false), {}, start);
  const Fit counted = fit(Data(rows.x, trials).gate(constant), binomial(2, true), {}, start);
  CHECK(one.log_likelihood == Approx(classes.log_likelihood).epsilon(1e-11));
  CHECK(counted.log_likelihood == Approx(one.log_likelihood).epsilon(1e-12));
}

TEST_CASE("an expert without failures is bounded and named", "[binomial]") {
  const uword n = 300;
  mat x(n, 2, arma::fill::ones), y(n, 2);
  for (uword i = 0; i < n; ++i) {
    x(i, 1) = 2.0 * i / n - 1.0;
    y(i, 1) = 8.0;
    y(i, 0) = x(i, 1) < 0.0 ? 8.0 : static_cast<double>(1 + (7 * i) % 5);
  }
  const Fit found = fit(Data(x, y), binomial(2, true));
  REQUIRE(found.record.runaways.size() == 1);
  const uword sure = found.record.runaways[0].expert;
  CHECK(arma::all(arma::abs(found.experts.col(sure)) < 60.0));
  CHECK(logistic_of(arma::dot(x.row(0), found.experts.col(sure))) > 0.999);
  CHECK(found.record.objective.find("bounded experts") != std::string::npos);
}

TEST_CASE("trials that one cannot have are refused", "[binomial]") {
  const mat x(3, 1, arma::fill::ones);
  for (const double bad : {-1.0, 0.5, 2.0})
    CHECK_THROWS_WITH(fit(Data(x, mat{1.0, bad, 0.0}.t()), binomial(1)), Catch::Contains("row 2 is not 0 or 1"));
  for (const mat& bad : {mat{{1.0, 3.0}, {4.0, 3.0}}, mat{{1.0, 3.0}, {1.0, 1.5}}})
    CHECK_THROWS_WITH(fit(Data(x.head_rows(2), bad), binomial(1, true)), Catch::Contains("row 2 is not a number of"));
}

TEST_CASE("rows without a trial say nothing", "[binomial]") {
  Trials rows;
  const double before = fit(Data(rows.x, rows.y), binomial(1, true)).log_likelihood;
  const mat x = arma::join_cols(rows.x, mat{{1.0, 5.0}}), y = arma::join_cols(rows.y, mat{{0.0, 0.0}});
  CHECK(fit(Data(x, y), binomial(1, true)).log_likelihood == Approx(before).epsilon(1e-12));
}

TEST_CASE("distribution and quantiles of trials are sums of probabilities", "[binomial]") {
  const mat x(1, 1, arma::fill::ones);
  const Coefficients at{mat{{0.0, 0.0}}, mat{{-1.0, 1.5}}, {}};
  double sum = 0.0;
  for (double y = 0.0; y < 7.0; ++y) {
    const mat response{{y, 7.0}};
    const Data row(x, response);
    sum += std::exp(log_density(row, binomial(2, true), at)(0));
    CHECK(distribution(row, binomial(2, true), at)(0) == Approx(sum).epsilon(1e-12));
    CHECK(survival(row, binomial(2, true), at)(0) == Approx(1.0 - sum).epsilon(1e-10));
    if (sum < 0.999) CHECK(quantiles(row, binomial(2, true), at, vec{sum + 1e-9})(0) == y + 1.0);
  }
  const auto parts = highest_density(Data(x, mat{{0.0, 7.0}}), binomial(2, true), at, 0.95);
  CHECK(parts.back().upper <= 7.0);
  CHECK_THROWS_WITH(quantiles(Data(x), binomial(2, true), at, vec{0.5}), Catch::Contains("missing"));
}

TEST_CASE("the logistic function keeps its digits", "[math]") {
  const std::vector<double> eta{-750.0, -40.0, -1e-9, 0.0, 1e-9, 40.0, 750.0, -20.0};
  std::vector<double> b(8), p(8), variance(8);
  logistic(eta.data(), b.data(), p.data(), variance.data(), 8);
  for (int i = 1; i < 8; ++i) {
    CHECK(b[i] ==
          Approx(eta[i] > 0.0 ? eta[i] + std::log1p(std::exp(-eta[i])) : std::log1p(std::exp(eta[i]))).epsilon(1e-15));
    CHECK(p[i] == Approx(logistic_of(eta[i])).epsilon(1e-14));
    if (i < 6) CHECK(variance[i] == Approx(logistic_of(eta[i]) * logistic_of(-eta[i])).epsilon(1e-14));
  }
  CHECK(b[0] == 0.0);
}
