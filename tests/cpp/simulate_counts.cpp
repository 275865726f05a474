#include "catch.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>

#include <expertmix/families/multinomial.hpp>
#include <expertmix/gates/softmax.hpp>
#include <expertmix/simulate.hpp>

#include <chrono>
#include <map>

using namespace expertmix;

namespace {

/// Tail probability of Pearson's statistic; cells that expect fewer than 5 are joined to the next.
double pearson(const std::vector<double>& seen, const std::vector<double>& wanted) {
  double statistic = 0.0, own = 0.0, expected = 0.0;
  int cells = -1;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    own += seen[i];
    expected += wanted[i];
    if (expected < 5.0 && i + 1 < seen.size()) continue;
    if (expected > 0.0) {
      statistic += (own - expected) * (own - expected) / expected;
      ++cells;
    }
    own = expected = 0.0;
  }
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(std::max(1, cells)), statistic));
}

Mixture counts(uword classes, uword experts) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(classes, true), experts};
}

Draws drawn(const mat& y, const mat& logits, std::uint64_t seed) {
  const mat one(y.n_rows, 1, arma::fill::ones);
  const uword experts = logits.n_elem / y.n_cols;
  return draw(Data(one, y), counts(y.n_cols, experts), {mat(1, experts, arma::fill::zeros), logits, vec(), 1.0, 0},
              seed);
}

}  // namespace

TEST_CASE("binomial draws follow the density, of few and of many trials", "[simulate]") {
  for (const auto& [trials, probability] : std::vector<std::pair<double, double>>{
           {1, 0.3}, {7, 0.5}, {40, 0.9}, {100, 0.02}, {200, 0.3}, {5000, 0.7}, {1e9, 1e-8}, {1e9, 3e-8}}) {
    INFO(trials << ", " << probability);
    Random random(3, static_cast<std::uint64_t>(trials));
    const boost::math::binomial_distribution<double> law(trials, probability);
    const double mean = trials * probability, sd = std::sqrt(mean * (1.0 - probability)), n = 50000.0;
    const double from = std::max(0.0, std::floor(mean - 6.0 * sd)), to = std::min(trials, std::ceil(mean + 6.0 * sd));
    std::vector<double> seen(static_cast<std::size_t>(to - from) + 1, 0.0), wanted;
    for (int i = 0; i < 50000; ++i) ++seen.at(static_cast<std::size_t>(random.binomial(trials, probability) - from));
    for (double m = from; m <= to; ++m) wanted.push_back(n * boost::math::pdf(law, m));
    CHECK(pearson(seen, wanted) > 1e-4);
  }
}

TEST_CASE("binomial draws at the ends", "[simulate]") {
  Random random(1, 1);
  CHECK(random.binomial(0.0, 0.5) == 0.0);
  CHECK(random.binomial(1e9, 0.0) == 0.0);
  CHECK(random.binomial(1e9, 1.0) == 1e9);
  CHECK(random.binomial(1e9, 1e-300) == 0.0);
  vec big(2000);
  big.imbue([&] { return random.binomial(1e9, 0.25); });
  const double sd = std::sqrt(1e9 * 0.25 * 0.75);
  CHECK(arma::mean(big) == Approx(2.5e8).margin(4.0 * sd / std::sqrt(2000.0)));
  CHECK(arma::stddev(big) == Approx(sd).epsilon(0.07));
}

TEST_CASE("rows of counts follow the mixture's density, totals kept", "[simulate]") {
  // every row one of two experts: the 15 outcomes of 4 trials in 3 classes
  const uword n = 60000;
  mat y(n, 3, arma::fill::zeros);
  y.col(1).fill(4.0);
  const mat logits{{0.0, 1.0, -1.0, 0.0, -2.0, 0.5}};
  const mat rows = drawn(y, logits, 2).y;
  CHECK(arma::all(arma::sum(rows, 1) == 4.0));
  std::map<std::pair<int, int>, double> seen;
  for (uword i = 0; i < n; ++i) ++seen[{static_cast<int>(rows(i, 0)), static_cast<int>(rows(i, 1))}];
  std::vector<double> of_cell, wanted;
  for (int a = 0; a <= 4; ++a)
    for (int b = 0; a + b <= 4; ++b) {
      const mat cell{{double(a), double(b), double(4 - a - b)}}, one(1, 1, arma::fill::ones);
      const Coefficients at{mat(1, 2, arma::fill::zeros), logits, vec(), 1.0, 0};
      of_cell.push_back(seen[{a, b}]);
      wanted.push_back(n * std::exp(log_density(Data(one, cell), counts(3, 2), at)(0)));
    }
  CHECK(arma::accu(vec(wanted)) == Approx(n).epsilon(1e-12));
  CHECK(pearson(of_cell, wanted) > 1e-4);
}

TEST_CASE("totals of a thousand million are quick; empty rows and impossible classes stay empty", "[simulate]") {
  mat y(20000, 3, arma::fill::zeros);
  y.col(2).fill(1e9);
  y.row(7).zeros();
  const auto began = std::chrono::steady_clock::now();
  const mat rows = drawn(y, mat{{0.0, 5.0, -2000.0, -2000.0, 0.0, 1.0}}, 3).y;
  CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() < 1.0);
  CHECK(arma::all(arma::sum(rows, 1) == arma::sum(y, 1)));
  CHECK(rows.min() == 0.0);
  CHECK(arma::all(rows.row(7) == 0.0));
  const mat certain = drawn(y, mat{{-2000.0, 0.0, -2000.0, -2000.0, 0.0, -2000.0}}, 3).y;
  CHECK(arma::accu(certain.col(1)) == arma::accu(y));
}
