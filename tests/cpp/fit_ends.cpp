#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/search/explore.hpp>
#include <expertmix/solver/smooth_rule.hpp>

#include "simulated.hpp"
#include "sparse_design.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

Mixture with_gate(GateChoices choices, uword experts) {
  return Mixture(std::make_shared<SoftmaxGate>(std::move(choices)), std::make_shared<GaussianExperts>(), experts);
}

GateChoices tempered(const std::string& activation, uword top_k = 0) {
  GateChoices choices;
  choices.activation = activation_named(activation);
  choices.estimate_temperature = true;
  choices.top_k = top_k;
  return choices;
}

}  // namespace

TEST_CASE("a temperature at its bound does not keep a climb", "[ends]") {
  // A hard gate: the likelihood rises as the temperature falls to its bound.
  const Simulated s = simulate(120, 1, 1, 3);
  vec y = s.x.col(1);
  for (uword i = 0; i < y.n_elem; ++i) y(i) = (y(i) > 0.3 ? 2.0 : -1.0) + 0.1 * s.y(i);
  for (const char* activation : {"tanh", "sigmoid", "gelu", "softplus"})
    for (std::uint64_t seed : {1, 2, 3}) {
      Options options;
      options.starts = 10;
      options.seed = seed;
      const Fit found = fit(Data(s.x, y), with_gate(tempered(activation), 2), options);
      CHECK(std::isfinite(found.log_likelihood));
      if (found.record.drifted) CHECK(found.record.separated.empty());
    }
}

TEST_CASE("four rows, one of them far away", "[ends]") {
  const vec y{-1.702012, -1.384866, -2.002967, 1.616119};
  mat x(4, 2, arma::fill::ones);
  x.col(1) = vec{1e100, -.7352591, -.1746597, .445828};
  GateChoices choices = tempered("gelu", 1);
  choices.select_by_score = true;
  try {
    CHECK(std::isfinite(fit(Data(x, y), with_gate(choices, 2)).log_likelihood));
  } catch (const error& reason) {
    CHECK_FALSE(std::string(reason.what()).empty());
  }
}

TEST_CASE("every stage looks at the time limit", "[ends]") {
  const Simulated s = simulate(6000, 2, 3, 5);
  const Data data(s.x, s.y);
  Options options;
  options.starts = 2000;
  options.time_limit = 1e-9;
  GateChoices top;
  top.top_k = 2;
  GateChoices hard;
  hard.top_k = 1;
  for (const GateChoices& choices : {GateChoices(), top, hard, tempered("tanh")}) {
    const Fit found = fit(data, with_gate(choices, 3), options);
    CHECK(found.record.passes < 40);
    CHECK_FALSE(found.record.converged);
    CHECK(std::isfinite(found.log_likelihood));
  }
  PathOptions path;
  path.time_limit = 1e-9;
  path.starts = 500;
  const LassoPath found = lasso_path(data, gaussian_mixture(3), {}, path);
  CHECK(found.status == "time limit");
  CHECK(found.passes < 400);
}

TEST_CASE("EM alone ends with every gate, whether its end is a maximum or not", "[ends]") {
  const Simulated s = simulate(150, 1, 2, 8);
  Options options;
  options.method = Method::em;
  options.starts = 5;
  GateChoices fixed;
  fixed.activation = activation_named("tanh");
  GateChoices sigmoid = tempered("identity");
  sigmoid.normaliser = normaliser_named("sigmoid");
  for (const GateChoices& choices : {fixed, sigmoid, tempered("tanh"), tempered("softplus")})
    for (uword iterations : {20, 300}) {
      options.iterations = iterations;
      CHECK(std::isfinite(fit(Data(s.x, s.y), with_gate(choices, 2), options).log_likelihood));
    }
}

TEST_CASE("no factor of what has none", "[ends]") {
  CHECK_FALSE(CholeskyFactor::of({}));
  CHECK_FALSE(CholeskyFactor::of({{0}, {mat{{1.0, 0.0}, {0.0, arma::datum::nan}}}}));
  CHECK_FALSE(CholeskyFactor::of({{0}, {mat{{1.0, 2.0}, {2.0, 1.0}}}}));
  CHECK(CholeskyFactor::of({{0}, {mat{{2.0, 1.0}, {1.0, 2.0}}}}));
}

TEST_CASE("an exploration keeps to the bounds of scalars", "[ends]") {
  ExploreSettings settings;
  settings.bounds = {{0, -1.0, 2.0}};
  Exploration exploration(settings, {0, 1}, arma::eye(2, 2), Random(1, 0));
  exploration.start({0.0, 0.0}, 0.0);
  while (!exploration.finished()) {
    const mat candidates = exploration.ask().parameters;
    std::vector<Statistics> at(candidates.n_cols);
    for (uword i = 0; i < candidates.n_cols; ++i) at[i].log_likelihood = -candidates(0, i);
    exploration.tell(at);
  }
  CHECK(exploration.state.best(0) >= -1.0);
  CHECK(exploration.state.best(0) < -0.9);
}

TEST_CASE("Newton's step and an exploration end on numbers that are not finite", "[ends]") {
  Statistics at;
  at.score = {1.0, 1.0};
  at.observed = {{0}, {mat(2, 2, arma::fill::value(arma::datum::nan))}};
  CHECK(newton_step(at, {{0}, {arma::eye(2, 2)}}, 0.0).direction.empty());
  CHECK_FALSE(certificate(at, {{0}, {arma::eye(2, 2)}}).maximum);
  Exploration exploration({}, {0, 1}, mat(2, 2, arma::fill::value(arma::datum::nan)), Random(1, 0));
  exploration.start({0.0, 0.0}, 0.0);
  while (!exploration.finished()) exploration.tell(std::vector<Statistics>(16));
  CHECK(exploration.state.best.is_finite());
}

TEST_CASE("progress is told in the user's units", "[ends]") {
  const Simulated s = simulate(300, 1, 2, 11);
  const vec y = 1000.0 * s.y + 5e4;
  double highest = -arma::datum::inf;
  Context context;
  context.progress = [&](const Progress& now) {
    if (std::isfinite(now.log_likelihood)) highest = std::max(highest, now.log_likelihood);
  };
  const Fit found = fit(Data(s.x, y), gaussian_mixture(2), {}, {}, context);
  CHECK(highest == Approx(found.log_likelihood).epsilon(1e-6));
  highest = -arma::datum::inf;
  PathOptions options;
  options.count = 10;
  const LassoPath path = lasso_path(Data(s.x, y), gaussian_mixture(2), {}, options, {}, context);
  double best = -arma::datum::inf;
  for (const LassoFit& one : path.fits) best = std::max(best, one.log_likelihood);
  CHECK(highest >= best - 1.0);
  CHECK(highest <= found.log_likelihood + 1.0);
}
