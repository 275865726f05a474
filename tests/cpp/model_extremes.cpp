#include "catch.hpp"

#include <expertmix/families/multinomial.hpp>
#include <expertmix/mixture/registry.hpp>
#include <expertmix/predict.hpp>

#include "scalars.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

const double infinity = arma::datum::inf;

Mixture gaussian(uword experts) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), experts};
}

/// Posterior at responses y under two Gaussian experts of the given means and standard deviations, pi = (1/4, 3/4).
mat posterior_at(const vec& y, double mean_1, double mean_2, double sigma_1, double sigma_2) {
  const mat one(y.n_elem, 1, arma::fill::ones), response = y;
  const Coefficients at{mat{{0.0, std::log(3.0)}}, mat{{mean_1, mean_2}}, vec{sigma_1, sigma_2}, 1.0, 0};
  return posterior(Data(one, response), gaussian(2), at);
}

}  // namespace

TEST_CASE("responsibilities have their limit where all densities underflow", "[model]") {
  const vec far{1e200, -1e200, 1e308, -1e308};
  const mat wider = posterior_at(far, 0.0, 0.0, 1.0, 1.1), tied = posterior_at(far, 2.0, 2.0, 1.0, 1.0),
            shifted = posterior_at(far, -1.0, 1.0, 1.0, 1.0);
  for (uword i = 0; i < far.n_elem; ++i) {
    INFO(far(i));
    CHECK(wider(i, 1) == 1.0);
    CHECK(tied(i, 0) == Approx(0.25).epsilon(1e-14));
    CHECK(shifted(i, far(i) > 0.0 ? 1 : 0) == 1.0);
    CHECK(shifted(i, far(i) > 0.0 ? 0 : 1) == 0.0);
  }
  // log f_k = -1e318 / 2 s_k^2 and means of the response's own size
  CHECK(posterior_at(vec{2e159}, 1e159, -1e159, 1.0, 1.0)(0, 0) == 1.0);
  CHECK(posterior_at(vec{2e159}, 1e159, -1e159, 1.0, 10.0)(0, 1) == 1.0);
}

TEST_CASE("infinite responses have the same limits, or are refused", "[model]") {
  for (double y : {infinity, -infinity}) try {
      const mat r = posterior_at(vec{y}, -1.0, 1.0, 1.0, 1.0);
      CHECK(r(0, y > 0.0 ? 1 : 0) == 1.0);
    } catch (const invalid_argument& refused) {
      CHECK(refused.argument == "y");
    }
}

TEST_CASE("log-densities are finite or -infinity, and exact beside large scores", "[model]") {
  const mat one(3, 1, arma::fill::ones), y = vec{1e200, -1e308, 1e150};
  const Coefficients at{mat{{0.0, 1.0}}, mat{{0.0, 1.0}}, vec{1.0, 2.0}, 1.0, 0};
  const vec log_f = log_density(Data(one, y), gaussian(2), at);
  CHECK(log_f(0) == -infinity);
  CHECK(log_f(1) == -infinity);
  CHECK(log_f(2) == Approx(-1e300 / 8.0).epsilon(1e-12));
  const mat z = arma::join_rows(vec(2, arma::fill::ones), vec{1e20, -1e280}), x(2, 1, arma::fill::ones);
  const mat zero(2, 1, arma::fill::zeros);
  const Coefficients steep{mat{{0.0, 0.0}, {0.0, 1.0}}, mat{{3.0, 2.0}}, vec{1.0, 1.0}, 1.0, 0};
  const vec beside = log_density(Data(x, zero).gate(z), gaussian(2), steep);
  CHECK(beside(0) == Approx(-2.0 - 0.5 * std::log(2.0 * arma::datum::pi)).epsilon(1e-14));
  CHECK(beside(1) == Approx(-4.5 - 0.5 * std::log(2.0 * arma::datum::pi)).epsilon(1e-14));
}

TEST_CASE("narrow and wide experts do not overflow", "[model]") {
  const mat one(2, 1, arma::fill::ones), y = vec{0.0, 1.0};
  for (double sigma : {1e-300, 1e-160, 1e160, 1e300}) {
    INFO(sigma);
    const Coefficients at{mat{{0.0, 0.0}}, mat{{0.0, 0.0}}, vec{sigma, sigma}, 1.0, 0};
    const vec log_f = log_density(Data(one, y), gaussian(2), at);
    CHECK(log_f(0) == Approx(-std::log(sigma) - 0.5 * std::log(2.0 * arma::datum::pi)).epsilon(1e-14));
    CHECK_FALSE(std::isnan(log_f(1)));
    CHECK(posterior(Data(one, y), gaussian(2), at).is_finite());
  }
}

TEST_CASE("a predictor that overflows is an error that names the row", "[model]") {
  const mat x = arma::join_rows(vec(2, arma::fill::ones), vec{1.0, 1e308}), y(2, 1, arma::fill::zeros);
  const Coefficients at{mat(2, 2, arma::fill::zeros), mat{{0.0, 0.0}, {10.0, -10.0}}, vec{1.0, 1.0}, 1.0, 0};
  using Rows = mat (*)(const Data&, const Mixture&, const Coefficients&);
  for (Rows rows : std::initializer_list<Rows>{gate_probabilities, expert_means, posterior, expertmix::predict})
    CHECK_THROWS_WITH(rows(Data(x, y), gaussian(2), at), Catch::Contains("row 2"));
  CHECK_THROWS_AS(log_density(Data(x, y), gaussian(2), at), invalid_argument);
}

TEST_CASE("every gate and family: large covariates give probabilities, never NaN", "[model]") {
  for (const auto& [gate_name, gate] : gates())
    for (const auto& [family_name, family] : families())
      for (double size : {1e10, 1e100, 1e290}) {
        INFO(gate_name << ", " << family_name << ", " << size);
        const uword experts = 3, outcomes = family->outcomes().count;
        const mat x = arma::join_rows(vec(4, arma::fill::ones), size * vec{1.0, -1.0, 0.5, 0.0});
        mat y(4, family->responses(), arma::fill::ones);
        mat b(2, experts * outcomes);
        for (uword i = 0; i < b.n_elem; ++i) b(i) = std::sin(1.0 + i);
        Coefficients at{mat{{0.0, 0.3, -0.2}, {0.5, -1.0, 2.0}}, b, vec(), 1.0, 0};
        set_scalars(*family, experts, 2.0, 3.0, at);
        const Data data(x, y);
        const Mixture mixture(gate, family, experts);
        const mat pi = gate_probabilities(data, mixture, at), r = posterior(data, mixture, at);
        CHECK(arma::abs(arma::sum(pi, 1) - 1.0).max() < 1e-12);
        CHECK(arma::abs(arma::sum(r, 1) - 1.0).max() < 1e-12);
        CHECK_FALSE(log_density(data, mixture, at).has_nan());
        CHECK(expertmix::predict(data, mixture, at).is_finite());
      }
}

TEST_CASE("rows of huge counts have the limit of their experts' shares", "[model]") {
  const mat one(1, 1, arma::fill::ones), y{{1e300, 2e300}};
  const Mixture counts(std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(2, true), 2);
  const Coefficients at{mat(1, 2, arma::fill::zeros), mat{{0.0, 1e10, 0.0, 2e9}}, vec(), 1.0, 0};
  const mat r = posterior(Data(one, y), counts, at);
  CHECK(r(0, 1) == 1.0);
  CHECK_FALSE(std::isnan(log_density(Data(one, y), counts, at)(0)));
}
