#include "catch.hpp"

#include <expertmix/expertmix.hpp>

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// A data set drawn from a mixture with Gaussian experts and its coefficients.
struct Drawn {
  Drawn(uword n, GateChoices choices, const Coefficients& truth, std::uint64_t seed)
      : mixture(std::make_shared<SoftmaxGate>(choices), std::make_shared<GaussianExperts>(), truth.sigma.n_elem),
        truth(truth),
        x(n, truth.gate.n_rows, arma::fill::ones),
        y(n, arma::fill::zeros) {
    Random random(seed, 0);
    x.tail_cols(x.n_cols - 1).imbue([&] { return random.normal(); });
    const mat pi = gate_probabilities(data(), mixture, truth), mean = expert_means(data(), mixture, truth);
    for (uword i = 0; i < n; ++i) {
      double u = random.uniform();
      uword k = 0;
      while (k + 1 < mixture.experts && u >= pi(i, k)) u -= pi(i, k++);
      y(i) = mean(i, k) + truth.sigma(k) * random.normal();
    }
  }

  Data data() const { return Data(x, y); }
  double log_likelihood(const Coefficients& at) const { return arma::accu(log_density(data(), mixture, at)); }

  Mixture mixture;
  Coefficients truth;
  mat x;
  vec y;
};

Coefficients coefficients(mat gate, mat experts) {
  Coefficients out;
  out.gate = std::move(gate);
  out.experts = std::move(experts);
  out.sigma = vec(out.experts.n_cols, arma::fill::value(0.5));
  return out;
}

/// Few starts, at the truth's origin.
Options quick() {
  Options options;
  options.starts = 20;
  options.origin = {0.0};
  return options;
}

GateChoices activated(const std::string& name, bool estimate) {
  GateChoices choices;
  choices.activation = activation_named(name);
  choices.estimate_temperature = estimate;
  return choices;
}

Mixture gaussian_mixture(const GateChoices& choices, uword experts) {
  return Mixture(std::make_shared<SoftmaxGate>(choices), std::make_shared<GaussianExperts>(), experts);
}

}  // namespace

TEST_CASE("activations and their derivatives are those of the standard library", "[gate]") {
  AlignedVector v(64), h(64), first(64), second(64);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = -8.0 + 0.26 * static_cast<double>(i);
  const std::map<std::string, std::function<double(double)>> slow{
      {"tanh", [](double x) { return std::tanh(x); }},
      {"sigmoid", [](double x) { return 1.0 / (1.0 + std::exp(-x)); }},
      {"gelu", [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }},
      {"softplus", [](double x) { return std::log1p(std::exp(x)); }},
      {"relu", [](double x) { return std::max(x, 0.0); }},
  };
  for (const auto& [name, function] : slow) {
    CAPTURE(name);
    activation_named(name).evaluate(v.data(), h.data(), first.data(), second.data(), v.size());
    for (std::size_t i = 0; i < v.size(); ++i) {
      const double step = 1e-4, up = function(v[i] + step), down = function(v[i] - step), here = function(v[i]);
      CHECK(h[i] == Approx(here).epsilon(1e-14).margin(1e-15));
      CHECK(first[i] == Approx((up - down) / (2.0 * step)).epsilon(1e-6).margin(1e-7));
      CHECK(second[i] == Approx((up - 2.0 * here + down) / (step * step)).epsilon(1e-5).margin(2e-6));
    }
  }
  CHECK_THROWS_AS(activation_named("sine"), invalid_argument);
}

TEST_CASE("experts are selected by slopes or by scores, the smaller index first", "[gate]") {
  GateChoices choices;
  choices.top_k = 1;
  const mat x{{1.0, 2.0}, {1.0, -2.0}, {1.0, 0.0}};
  const vec y(3, arma::fill::zeros);
  const Coefficients at = coefficients({{0.0, -5.0}, {0.0, 1.0}}, mat(2, 2, arma::fill::zeros));
  const mat by_slope = gate_probabilities(Data(x, y), gaussian_mixture(choices, 2), at);
  CHECK(arma::approx_equal(by_slope, mat{{0.0, 1.0}, {1.0, 0.0}, {1.0, 0.0}}, "absdiff", 0.0));
  choices.select_by_score = true;
  const mat by_score = gate_probabilities(Data(x, y), gaussian_mixture(choices, 2), at);
  CHECK(arma::approx_equal(by_score, mat{{1.0, 0.0}, {1.0, 0.0}, {1.0, 0.0}}, "absdiff", 0.0));
}

TEST_CASE("a fixed temperature rescales the softmax gate; as many active experts as there are change nothing",
          "[gate]") {
  const Drawn drawn(600, {}, coefficients({{0.0, 0.5}, {0.0, 1.0}}, {{1.0, -1.0}, {2.0, -1.0}}), 3);
  const Fit plain = fit(drawn.data(), drawn.mixture, quick());
  GateChoices warm, all;
  warm.temperature = 2.0;
  all.top_k = 2;
  const Fit tempered = fit(drawn.data(), gaussian_mixture(warm, 2), quick());
  CHECK(tempered.log_likelihood == Approx(plain.log_likelihood).epsilon(0).margin(1e-8));
  CHECK(arma::approx_equal(tempered.gate, 2.0 * plain.gate, "absdiff", 1e-5));
  const Fit dense = fit(drawn.data(), gaussian_mixture(all, 2), quick());
  CHECK(dense.log_likelihood == plain.log_likelihood);
}

TEST_CASE("a top-1 gate is found where the dense gate stops short, and is reported by its direction", "[gate][long]") {
  GateChoices choices;
  choices.top_k = 1;
  const Drawn drawn(2000, choices,
                    coefficients({{0.0, 0.0}, {0.0, 1.0}, {0.0, -1.0}}, {{0.0, 1.0}, {1.0, -1.0}, {0.5, 0.0}}), 5);
  const Fit found = fit(drawn.data(), drawn.mixture, quick());
  CHECK(found.record.converged);
  CHECK(found.log_likelihood > drawn.log_likelihood(drawn.truth) - 1.0);
  CHECK(found.log_likelihood == Approx(drawn.log_likelihood(found)).epsilon(1e-12));
  CHECK(arma::norm(arma::vectorise(found.gate)) == Approx(1.0));
  CHECK(found.degrees == 8.0 + 1.0);
  CHECK(std::count(found.identified.begin(), found.identified.end(), true) == 8);
  CHECK(std::is_sorted(found.record.trace.begin(), found.record.trace.end()));
}

TEST_CASE("experts selected by scores: the fit has the likelihood that it reports", "[gate][long]") {
  for (uword active : {1, 2}) {
    GateChoices choices;
    choices.top_k = active;
    choices.select_by_score = true;
    const Drawn drawn(800, choices,
                      coefficients({{0.0, 0.3, -0.3}, {0.0, 2.0, -1.0}}, {{0.0, 2.0, -2.0}, {1.0, -1.0, 0.5}}), 23);
    const Fit found = fit(drawn.data(), drawn.mixture, quick());
    CHECK(found.log_likelihood > drawn.log_likelihood(drawn.truth) - 1.0);
    CHECK(found.log_likelihood == Approx(drawn.log_likelihood(found)).epsilon(1e-12));
    CHECK(found.degrees == (active == 1 ? 9.0 + 3.0 : 13.0));
  }
}

TEST_CASE("a top-1 fit starts where two experts have the same slopes", "[gate]") {
  GateChoices choices;
  choices.top_k = 1;
  const Drawn drawn(500, choices,
                    coefficients({{0.0, 0.0, 0.0}, {0.0, 1.0, -1.0}}, {{0.0, 2.0, -2.0}, {1.0, -1.0, 0.5}}), 19);
  Start start;
  static_cast<Coefficients&>(start) = drawn.truth;
  start.gate.col(2) = start.gate.col(1);
  const Fit found = fit(drawn.data(), drawn.mixture, {}, start);
  CHECK(found.record.converged);
  CHECK(found.log_likelihood > drawn.log_likelihood(start));
}

TEST_CASE("a top-2 gate of three experts reaches the truth's likelihood, the same bits on two threads",
          "[gate][long]") {
  GateChoices choices;
  choices.top_k = 2;
  const Drawn drawn(2000, choices,
                    coefficients({{0.0, 0.3, -0.3}, {0.0, 2.0, -1.0}, {0.0, 0.5, 1.5}},
                                 {{0.0, 2.0, -2.0}, {1.0, -1.0, 0.5}, {0.5, 0.0, 1.0}}),
                    7);
  const Fit found = fit(drawn.data(), drawn.mixture, quick());
  CHECK(found.log_likelihood > drawn.log_likelihood(drawn.truth) - 1.0);
  CHECK(found.log_likelihood == Approx(drawn.log_likelihood(found)).epsilon(1e-12));
  CHECK_FALSE(found.covariance.empty());
  Context two;
  two.threads = 2;
  CHECK(arma::all(fit(drawn.data(), drawn.mixture, quick(), {}, two).parameters == found.parameters));
}

TEST_CASE("activation and temperature are recovered up to their symmetry", "[gate][long]") {
  for (const std::string name : {"tanh", "gelu"}) {
    CAPTURE(name);
    Coefficients truth = coefficients({{0.0, 0.4}, {-1.2, 0.8}, {0.5, -1.0}}, {{1.0, -1.0}, {2.0, -1.0}, {0.0, 1.0}});
    truth.temperature = 0.5;
    const Drawn drawn(8000, activated(name, true), truth, 11);
    Start start;
    static_cast<Coefficients&>(start) = truth;
    const Fit from_truth = fit(drawn.data(), drawn.mixture, {}, start),
              found = fit(drawn.data(), drawn.mixture, quick());
    CHECK(found.record.converged);
    CHECK(found.log_likelihood == Approx(from_truth.log_likelihood).epsilon(0).margin(1e-6));
    const vec errors = arma::sqrt(from_truth.covariance.diag());
    const auto& table = from_truth.parameter_table;
    const auto is_temperature = [](const Parameter& p) {
      return p.kind == Parameter::Kind::scalar && p.part == Parameter::Part::gate;
    };
    const auto at = std::find_if(table.begin(), table.end(), is_temperature) - table.begin();
    CHECK(std::abs(std::log(from_truth.temperature / 0.5)) < 4.0 * errors(at));
  }
}

TEST_CASE("of a tanh gate and its reflection one is returned, whatever the start", "[gate]") {
  const Drawn drawn(1500, activated("tanh", false), coefficients({{0.0, 0.4}, {1.2, -0.8}}, {{1.0, -1.0}, {2.0, -1.0}}),
                    13);
  const Fit found = fit(drawn.data(), drawn.mixture, quick());
  Start reflected;
  static_cast<Coefficients&>(reflected) = found;
  reflected.gate(1, 0) = -found.gate(1, 1);
  reflected.gate(1, 1) = -found.gate(1, 0);
  CHECK(drawn.log_likelihood(reflected) == Approx(found.log_likelihood).epsilon(1e-12));
  const Fit again = fit(drawn.data(), drawn.mixture, {}, reflected);
  CHECK(arma::approx_equal(again.gate, found.gate, "absdiff", 1e-3));
}

TEST_CASE("a gate that needs intercept and covariates says so", "[gate]") {
  const Drawn drawn(100, {}, coefficients({{0.0, 0.5}, {0.0, 1.0}}, {{1.0, -1.0}, {2.0, -1.0}}), 17);
  const mat slopes = drawn.x.col(1), ones = drawn.x.col(0);
  const Mixture tanh_gate = gaussian_mixture(activated("tanh", false), 2);
  CHECK_THROWS_AS(fit(Data(drawn.x, drawn.y).gate(slopes), tanh_gate, quick()), invalid_argument);
  CHECK_THROWS_AS(fit(Data(drawn.x, drawn.y).gate(ones), tanh_gate, quick()), invalid_argument);
  GateChoices cold, many;
  cold.temperature = 0.0;
  many.top_k = 3;
  CHECK_THROWS_AS(fit(drawn.data(), gaussian_mixture(cold, 2), quick()), invalid_argument);
  CHECK_THROWS_AS(fit(drawn.data(), gaussian_mixture(many, 2), quick()), invalid_argument);
}
