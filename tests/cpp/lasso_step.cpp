#include <expertmix/base/random.hpp>
#include <expertmix/solver/lasso_step.hpp>

#include "catch.hpp"

using namespace expertmix;
using namespace expertmix::detail;

TEST_CASE("the quadratic Lasso's step meets its optimality conditions") {
  Random random(1, 0);
  for (int trial = 0; trial < 50; ++trial) {
    const uword d = 1 + random.index(40);
    mat root(d + 2, d);
    for (double& value : root) value = random.normal();
    const mat h = root.t() * root;
    vec score(d), weight(d), point(d, arma::fill::zeros);
    for (uword j = 0; j < d; ++j) {
      score(j) = 10.0 * random.normal();
      weight(j) = random.uniform() < 0.2 ? 0.0 : 8.0 * random.uniform();
      if (random.uniform() < 0.5) point(j) = random.normal();
    }
    const vec step = LassoStep(h, score, weight, point).solve();
    REQUIRE(step.n_elem == d);
    const vec end = point + step, slope = score - h * step;
    for (uword j = 0; j < d; ++j) {
      if (end(j) != 0.0) CHECK(slope(j) == Approx(weight(j) * arma::sign(end(j))).margin(1e-7));
      if (end(j) == 0.0) CHECK(std::abs(slope(j)) <= weight(j) + 1e-7);
    }
  }
}

TEST_CASE("the quadratic Lasso's step crosses many signs among columns that are nearly one") {
  Random random(2, 0);
  for (int trial = 0; trial < 20; ++trial) {
    constexpr uword d = 80;
    mat x(100, d);
    for (double& value : x) value = 0.1 * random.normal();
    vec shared(100), truth(d, arma::fill::zeros), point(d);
    for (double& value : shared) value = random.normal();
    x.each_col() += shared;
    truth.head(5).fill(1.0);
    for (double& value : point) value = random.normal();
    const mat h = x.t() * x;
    const vec weight(d, arma::fill::value(2.0)), score = h * (truth - point);
    const vec step = LassoStep(h, score, weight, point).solve();
    REQUIRE(step.n_elem == d);
    const vec end = point + step, slope = score - h * step;
    CHECK(arma::accu(end == 0.0) > 20);
    for (uword j = 0; j < d; ++j) {
      if (end(j) != 0.0) CHECK(slope(j) == Approx(weight(j) * arma::sign(end(j))).margin(1e-7));
      if (end(j) == 0.0) CHECK(std::abs(slope(j)) <= weight(j) + 1e-7);
    }
  }
}

TEST_CASE("a quadratic model without a maximum has no step") {
  const mat h{{1.0, 2.0}, {2.0, 1.0}};
  CHECK(LassoStep(h, vec{5.0, 5.0}, vec{0.0, 0.0}, vec{1.0, 1.0}).solve().empty());
  CHECK(LassoStep(-arma::eye(1, 1), vec{1.0}, vec{0.5}, vec{0.0}).solve().empty());
}

TEST_CASE("the gauge of a symmetric fit: the middle one, most zeros, the smallest shift") {
  Penalty penalty;
  penalty.lasso = vec(4, arma::fill::ones);
  penalty.shifts = {uvec{0, 1, 2}};
  vec odd{3.0, 1.0, 2.0};
  penalty.recentre(odd);
  CHECK(arma::approx_equal(odd, vec{1.0, -1.0, 0.0}, "absdiff", 0.0));
  penalty.shifts = {uvec{0, 1, 2, 3}};
  vec even{-1.0, 0.0, 1.0, 1.0};
  penalty.recentre(even);
  CHECK(arma::approx_equal(even, vec{-2.0, -1.0, 0.0, 0.0}, "absdiff", 0.0));
  vec tie{-2.0, -2.0, 1.0, 1.0};
  penalty.recentre(tie);
  CHECK(arma::approx_equal(tie, vec{-3.0, -3.0, 0.0, 0.0}, "absdiff", 0.0));
}

TEST_CASE("the gauge under factors is the weighted median") {
  Penalty penalty;
  penalty.lasso = {5.0, 1.0, 1.0};
  penalty.shifts = {uvec{0, 1, 2}};
  vec values{3.0, 1.0, 2.0};
  penalty.recentre(values);
  CHECK(arma::approx_equal(values, vec{0.0, -2.0, -1.0}, "absdiff", 0.0));
}
