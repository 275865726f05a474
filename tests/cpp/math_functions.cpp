#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "expertmix/base/random.hpp"
#include "expertmix/math/softmax.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

double relative_error(double value, long double exact) {
  return static_cast<double>(std::abs((value - exact) / exact));
}

/// log of each value, by the kernel that takes the ratio of two softmax normalisers: the first has sum 1 and top 0.
std::vector<double> logarithms(std::vector<double> values) {
  const std::size_t n = values.size();
  const std::vector<double> zero(n, 0.0);
  std::vector<double> probability(n), out(n);
  const double* score = zero.data();
  Ahead ahead;
  const LogRatio ratio{zero.data(), values.data(), out.data()};
  softmax({&score, nullptr, 1.0, 1, n}, {probability.data(), n, nullptr, nullptr}, ahead, &ratio);
  return out;
}

}  // namespace

TEST_CASE("exp has a relative error below 2 ulp on the whole range", "[math]") {
  std::vector<double> x(1 << 16), y;
  Random random(1, 0);
  for (double& v : x) v = -600.0 + 1300.0 * random.uniform();
  const std::vector<double> special{-600.0, -1e-300, 0.0, 1e-300, 1.0, -1.0, 700.0, std::log(2.0) / 2};
  std::copy(special.begin(), special.end(), x.begin());
  y = x;
  exponentiate(y.data(), y.size());
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) worst = std::max(worst, relative_error(y[i], std::exp((long double)x[i])));
  CHECK(worst < 2 * std::numeric_limits<double>::epsilon());
}

TEST_CASE("exp is exactly zero far below, and exactly one at zero", "[math]") {
  std::vector<double> x{-600.5, -745.0, -1e4, -1e300, -std::numeric_limits<double>::infinity(), 0.0, -0.0, -600.0};
  exponentiate(x.data(), x.size());
  for (int i = 0; i < 5; ++i) CHECK(x[i] == 0.0);
  CHECK(x[5] == 1.0);
  CHECK(x[6] == 1.0);
  CHECK(x[7] == Approx(std::exp(-600.0)).epsilon(1e-14));
}

TEST_CASE("log has a small error, relative away from one and absolute near it", "[math]") {
  std::vector<double> x(1 << 15);
  Random random(2, 0);
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = i % 2 ? std::exp(1400.0 * random.uniform() - 700.0) : 0.5 + 1.5 * random.uniform();
  const std::vector<double> y = logarithms(x);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double exact = std::log((long double)x[i]);
    worst = std::max(worst, static_cast<double>(std::abs(y[i] - exact) / std::max(0.01L, std::abs(exact))));
  }
  CHECK(worst < 4 * std::numeric_limits<double>::epsilon());
}

TEST_CASE("softmax rows sum to one, also at scores of +-1000 and -infinity", "[math]") {
  const std::size_t experts = GENERATE(1, 2, 3, 5, 9), n = 40;
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> score(experts, std::vector<double>(n)), shift = score;
  std::vector<double> p(experts * n), top(n), inverse(n);
  std::vector<const double*> a, b;
  Random random(3, experts);
  for (std::size_t k = 0; k < experts; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      score[k][i] = i % 4 == 0 ? 1000.0 * (random.uniform() < 0.5 ? -1 : 1) : random.normal();
      shift[k][i] = random.normal();
      if (i % 4 == 3 && k > 0) score[k][i] = -infinity;
    }
    a.push_back(score[k].data());
    b.push_back(shift[k].data());
  }
  Ahead ahead;
  softmax({a.data(), b.data(), 1.5, experts, n}, {p.data(), n, top.data(), inverse.data()}, ahead);
  for (std::size_t i = 0; i < n; ++i) {
    long double sum = 0, largest = -infinity, total = 0;
    for (std::size_t k = 0; k < experts; ++k) {
      sum += p[k * n + i];
      largest = std::max<long double>(largest, 1.5L * (score[k][i] + shift[k][i]));
    }
    for (std::size_t k = 0; k < experts; ++k) total += std::exp(1.5L * (score[k][i] + shift[k][i]) - largest);
    CHECK(sum == Approx(1.0).epsilon(1e-14));
    CHECK(top[i] - std::log(inverse[i]) == Approx(static_cast<double>(largest + std::log(total))).epsilon(1e-14));
    for (std::size_t k = 0; k < experts; ++k) {
      const auto exact = static_cast<double>(std::exp(1.5L * (score[k][i] + shift[k][i]) - largest) / total);
      CHECK(p[k * n + i] == Approx(exact).epsilon(1e-12).margin(1e-250));
    }
  }
}
