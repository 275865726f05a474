#include "catch.hpp"
#include "simulated.hpp"

#include <expertmix/expertmix.hpp>

using namespace expertmix;

namespace {

Mixture alone(const std::string& activation, uword top_k = 0, bool estimate = false) {
  GateChoices choices;
  choices.activation = activation_named(activation);
  choices.top_k = top_k;
  choices.estimate_temperature = estimate;
  return Mixture(std::make_shared<SoftmaxGate>(choices), std::make_shared<GaussianExperts>(), 2);
}

Options quick() {
  Options options;
  options.starts = 6;
  return options;
}

/// Columns moved by 3, 4, ... but for the constant.
mat moved(mat x) {
  for (uword j = 1; j < x.n_cols; ++j) x.col(j) += 2.0 + j;
  return x;
}

}  // namespace

TEST_CASE("a fit does not depend on where a gate's covariates are measured from", "[gates]") {
  const auto [activation, top_k, estimate] = GENERATE(table<std::string, uword, bool>(
      {{"tanh", 0, false}, {"softplus", 0, true}, {"identity", 1, false}, {"gelu", 1, false}}));
  const bool share = GENERATE(true, false);
  CAPTURE(activation, top_k, estimate, share);
  const Simulated truth = simulate(120, 2, 2, 5);
  const mat x = share ? truth.x : truth.x.tail_cols(1), z = moved(truth.x);
  const Mixture mixture = alone(activation, top_k, estimate);
  const Data data = Data(x, truth.y).gate(truth.x), away = Data(share ? z : x, truth.y).gate(z);
  const Fit here = fit(data, mixture, quick()), there = fit(away, mixture, quick());
  CHECK(there.log_likelihood == Approx(here.log_likelihood).epsilon(1e-7));
  CHECK(arma::approx_equal(here.origin, arma::mean(truth.x, 0).t() - vec{1.0, 0.0, 0.0}, "absdiff", 1e-12));
  CHECK(arma::approx_equal(there.origin, arma::mean(z, 0).t() - vec{1.0, 0.0, 0.0}, "absdiff", 1e-12));
  CHECK(arma::approx_equal(gate_probabilities(away, mixture, there), gate_probabilities(data, mixture, here), "absdiff",
                           1e-3));
  CHECK(arma::accu(log_density(away, mixture, there)) == Approx(there.log_likelihood).epsilon(1e-9));
}

TEST_CASE("an origin is given by options, or inherited from a start's coefficients", "[gates]") {
  const Simulated truth = simulate(120, 2, 2, 5);
  const Mixture mixture = alone("tanh");
  const Data data(truth.x, truth.y);
  Options options = quick();
  options.origin = {0.0};
  Start start;
  static_cast<Coefficients&>(start) = fit(data, mixture, options);
  CHECK(arma::all(start.origin == 0.0));
  CHECK(arma::all(fit(data, mixture, quick(), start).origin == 0.0));
  options.origin = {0.0, 1.0, -1.0};
  const Fit given = fit(data, mixture, options);
  CHECK(arma::approx_equal(given.origin, options.origin, "absdiff", 0.0));
  CHECK_THROWS_AS(fit(data, mixture, options, start), invalid_argument);
  options.origin = {0.0, 1.0};
  CHECK_THROWS_AS(fit(data, mixture, options), invalid_argument);
  options.origin = {arma::datum::nan};
  CHECK_THROWS_AS(fit(data, mixture, options), invalid_argument);
}

TEST_CASE("coefficients with an origin are those of moved covariates", "[gates]") {
  const Simulated truth = simulate(50, 2, 2, 7);
  const Mixture mixture = alone("sigmoid");
  Coefficients here;
  here.gate = truth.gate;
  here.experts = truth.experts;
  here.sigma = truth.sigma;
  Coefficients there = here;
  there.origin = {0.0, 3.0, 4.0};
  const vec density = log_density(Data(truth.x, truth.y), mixture, here);
  const vec same = log_density(Data(truth.x, truth.y).gate(moved(truth.x)), mixture, there);
  CHECK(arma::approx_equal(same, density, "absdiff", 1e-10));
  there.origin(0) = 1.0;
  CHECK_THROWS_AS(log_density(Data(truth.x, truth.y), mixture, there), invalid_argument);
  there.origin = {0.0, 1.0, 1.0};
  const Mixture softmax(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), 2);
  CHECK_THROWS_AS(log_density(Data(truth.x, truth.y), softmax, there), invalid_argument);
  there.origin.shed_row(0);
  CHECK_THROWS_AS(log_density(Data(truth.x, truth.y), mixture, there), invalid_argument);
}

TEST_CASE("a column that x and two of z share has an origin of its own in each", "[gates]") {
  const Simulated truth = simulate(80, 1, 2, 3);
  const mat z = arma::join_rows(truth.x, truth.x.col(1));
  const Mixture mixture = alone("tanh");
  Options options = quick();
  options.origin = {0.0, 0.0, 1.5};
  const Data data = Data(truth.x, truth.y).gate(z);
  const Fit found = fit(data, mixture, options);
  CHECK(arma::accu(log_density(data, mixture, found)) == Approx(found.log_likelihood).epsilon(1e-9));
}
