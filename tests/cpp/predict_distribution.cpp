#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/mixture/registry.hpp>

#include "scalars.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// Two experts on an intercept and one covariate.
Coefficients some(const Experts& family) {
  Coefficients out;
  out.gate = mat{{0.0, 0.4}, {0.0, -1.0}};
  out.experts.zeros(2, family.outcomes().columns(2));
  for (uword j = 0; j < out.experts.n_elem; ++j) out.experts(j) = 0.3 + 0.2 * static_cast<double>(j % 5);
  set_scalars(family, 2, 0.7, 3.0, out);
  return out;
}

vec at(const mat& x, const Mixture& mixture, const Coefficients& from, double y) {
  return distribution(Data(x, mat(x.n_rows, 1).fill(y)), mixture, from);
}

/// A column of ones and one from -reach to reach.
mat line(uword rows, double reach) {
  mat x(rows, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-reach, reach, rows);
  return x;
}

/// A few responses that a family can have.
std::vector<double> responses_of(const Experts& family) {
  if (family.response() == "0 or 1") return {0.0, 1.0};
  return {family.response() == "a positive number" ? 0.5 : 0.0, 1.0, 2.0};
}

/// visit(mixture, coefficients) for every family whose responses have an order.
template <class Visit>
void for_each_ordered(Visit visit) {
  for (const auto& [name, family] : families()) {
    CAPTURE(name);
    if (family->responses() == 1) visit(Mixture(gate_named("identity", "softmax"), family, 2), some(*family));
  }
}

}  // namespace

TEST_CASE("a distribution function's increments are the density", "[predict]") {
  const mat x = line(20, 1.0);
  for_each_ordered([&](const Mixture& mixture, const Coefficients& from) {
    const auto& family = mixture.family;
    const double step = family->discrete() ? 1.0 : 1e-4;
    for (double y : responses_of(*family)) {
      const double middle = family->discrete() ? y : y - 0.5 * step;
      const vec density = arma::exp(log_density(Data(x, mat(20, 1).fill(middle)), mixture, from));
      vec before(20, arma::fill::zeros);
      if (!family->discrete() || y > 0.0) before = at(x, mixture, from, y - step);
      CHECK(arma::approx_equal((at(x, mixture, from, y) - before) / step, density, "absdiff", 1e-6));
    }
  });
}

TEST_CASE("distribution and survival sum to one, which keeps its digits far out", "[predict]") {
  const mat x = line(20, 1.0);
  for_each_ordered([&](const Mixture& mixture, const Coefficients& from) {
    const auto& family = mixture.family;
    for (double y : responses_of(*family)) {
      const mat response = mat(20, 1).fill(y);
      const Data data(x, response);
      CHECK(arma::abs(distribution(data, mixture, from) + survival(data, mixture, from) - 1.0).max() < 1e-14);
    }
    if (family->outcomes().count > 1 || family->response() == "0 or 1") return;
    const double far = family->discrete() ? 60.0 : 8.0;
    const mat at_far = mat(20, 1).fill(far), farther = at_far + 1.0;
    const Data beyond(x, at_far), next(x, farther);
    CHECK(survival(beyond, mixture, from).min() > 0.0);
    CHECK(arma::all(survival(next, mixture, from) < survival(beyond, mixture, from)));
  });
}

TEST_CASE("quantiles invert the distribution function", "[predict]") {
  const mat x = line(300, 3.0);
  const vec probabilities{1e-10, 0.025, 0.5, 0.9, 1.0 - 1e-10};
  for_each_ordered([&](const Mixture& mixture, Coefficients from) {
    const auto& family = mixture.family;
    if (family->outcomes().count == 1) from.experts(1, 1) = 2.0;
    const mat q = quantiles(Data(x, mat()), mixture, from, probabilities);
    for (uword j = 0; j < q.n_cols; ++j) {
      const vec reached = distribution(Data(x, q.col(j)), mixture, from);
      if (family->discrete()) {
        CHECK(arma::all(reached >= probabilities(j)));
        CHECK(arma::all(q.col(j) == arma::floor(q.col(j))));
        for (uword i = 0; i < x.n_rows; ++i)
          if (q(i, j) > 0.0)
            CHECK(distribution(Data(x.row(i), mat(1, 1).fill(q(i, j) - 1.0)), mixture, from)(0) < probabilities(j));
      } else {
        CHECK(arma::abs(reached - probabilities(j)).max() < 1e-13);
      }
    }
  });
}

TEST_CASE("a quantile of one normal expert is the closed form, far from zero too", "[predict]") {
  const Mixture one(gate_named("identity", "softmax"), std::make_shared<GaussianExperts>(), 1);
  Coefficients from;
  from.gate.zeros(1, 1);
  from.experts = mat{1e6};
  from.sigma = {1e-3};
  const mat q = quantiles(Data(mat(1, 1, arma::fill::ones), mat()), one, from, vec{0.975, 1e-100});
  CHECK(q(0, 0) == Approx(1e6 + 1e-3 * 1.959963984540054).epsilon(1e-14));
  CHECK(q(0, 1) == Approx(1e6 - 1e-3 * 21.273453560965331).epsilon(1e-14));
}

TEST_CASE("quantiles ask for probabilities between zero and one", "[predict]") {
  const Mixture one(gate_named("identity", "softmax"), std::make_shared<GaussianExperts>(), 2);
  const mat x(3, 2, arma::fill::ones), none;
  const Data data(x, none);
  for (double p : {0.0, 1.0, -0.1, std::nan("")})
    CHECK_THROWS_AS(quantiles(data, one, some(*one.family), vec{0.5, p}), invalid_argument);
}

TEST_CASE("distributions that have no order are refused", "[predict]") {
  const Mixture counts(gate_named("identity", "softmax"), std::make_shared<MultinomialExperts>(3, true), 2);
  const mat x(2, 2, arma::fill::ones), y{{1.0, 0.0, 2.0}, {0.0, 1.0, 0.0}};
  CHECK_THROWS_AS(distribution(Data(x, y), counts, some(*counts.family)), invalid_argument);
}
