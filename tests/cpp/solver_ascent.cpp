#include "catch.hpp"

#include <expertmix/families/gaussian.hpp>
#include <expertmix/gates/softmax.hpp>
#include <expertmix/solver/relabel.hpp>
#include <expertmix/solver/run.hpp>
#include <expertmix/solver/smooth_rule.hpp>
#include <expertmix/source/design.hpp>
#include <expertmix/source/fold.hpp>
#include <expertmix/source/memory.hpp>

#include "simulated.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// A simulated problem with everything that a climb needs.
struct Problem {
  Problem(uword n, uword p, uword experts, std::uint64_t seed, double spread, bool common = false)
      : truth(simulate(n, p, experts, seed, spread)),
        data(truth.x, truth.y),
        design(union_design(data)),
        mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(common), experts),
        layout(mixture.layout(design.columns)),
        source(data, design.pointers, standardising(data, design)),
        fold(source, mixture, layout, context) {}

  Pass pass() {
    return [this](const Request& request) { return fold(request); };
  }
  Statistics at(const vec& point, Needs needs = {true, true, true}) { return fold({point, needs, {}})[0]; }
  vec random_point(std::uint64_t seed) const {
    Random random(seed, 1);
    vec point(layout.parameters);
    point.imbue([&] { return 0.3 * random.normal(); });
    return point;
  }
  AscentState climb(const vec& from, SmoothSettings settings, Objective objective = {}) {
    SmoothRule rule(mixture, layout, objective, settings);
    return ascend(layout, rule, settings, from, pass());
  }

  Simulated truth;
  Data data;
  UnionDesign design;
  Mixture mixture;
  Layout layout;
  Memory source;
  Context context;
  Fold fold;
};

SmoothSettings with(Method method) {
  SmoothSettings settings;
  settings.method = method;
  return settings;
}

bool rising(const std::vector<double>& trace) { return std::is_sorted(trace.begin(), trace.end()); }

}  // namespace

TEST_CASE("every method rises at every step and ends at the same certified maximum", "[solver]") {
  const bool common = GENERATE(false, true);
  Problem problem(1500, 3, 3, 11, 1.0, common);
  const vec start = problem.random_point(5);
  const AscentState newton = problem.climb(start, with(Method::newton));
  for (Method method : {Method::automatic, Method::lbfgs, Method::newton, Method::em}) {
    SmoothSettings settings = with(method);
    settings.iterations = 20000;
    const AscentState state = problem.climb(start, settings);
    CHECK(state.converged);
    CHECK(rising(state.trace));
    CHECK(state.certificate.maximum);
    CHECK(state.certificate.decrement < 1e-8);
    CHECK(state.at.log_likelihood == Approx(newton.at.log_likelihood).margin(1e-6).epsilon(0));
  }
}

TEST_CASE("an EM step is weighted least squares, weighted variances and one Newton step of the gate", "[solver]") {
  Problem problem(300, 2, 2, 3, 1.5);
  const vec point = problem.random_point(8);
  const Statistics at = problem.at(point);
  const vec target = em_point(problem.mixture, problem.layout, point, at);

  const Scaling scaling = standardising(problem.data, problem.design);
  mat x = problem.truth.x;
  for (uword j = 1; j < x.n_cols; ++j) x.col(j) = (x.col(j) - scaling.centre[j]) / scaling.scale[j];
  const vec y = (problem.truth.y - scaling.response_centre) / scaling.response_scale;
  const Layout& layout = problem.layout;
  mat joint(x.n_rows, 2), pi(x.n_rows, 2);
  const vec score = x * point(layout.span(0));
  pi.col(1) = 1.0 / (1.0 + arma::exp(-score));
  pi.col(0) = 1.0 - pi.col(1);
  for (uword k = 0; k < 2; ++k) {
    const double s = std::exp(point(layout.offset[3 + k]));
    joint.col(k) = pi.col(k) % arma::exp(-0.5 * arma::square((y - x * point(layout.span(1 + k))) / s)) / s;
  }
  const mat r = joint.each_col() / vec(arma::sum(joint, 1));
  for (uword k = 0; k < 2; ++k) {
    const mat weighted = x.each_col() % r.col(k);
    const vec b = arma::solve(x.t() * weighted, weighted.t() * y);
    const double variance = arma::dot(r.col(k), arma::square(y - x * b)) / arma::accu(r.col(k));
    CHECK(arma::approx_equal(vec(target(layout.span(1 + k))), b, "absdiff", 1e-10));
    CHECK(target(layout.offset[3 + k]) == Approx(0.5 * std::log(variance)).epsilon(1e-10));
  }
  const vec w = pi.col(0) % pi.col(1);
  const mat weighted = x.each_col() % w;
  const vec step = arma::solve(x.t() * weighted, x.t() * vec(r.col(1) - pi.col(1)));
  CHECK(arma::approx_equal(vec(target(layout.span(0))), vec(point(layout.span(0)) + step), "absdiff", 1e-10));
}

TEST_CASE("derivatives of guard and bound agree with finite differences", "[solver]") {
  const bool common = GENERATE(false, true);
  Problem problem(50, 2, 3, 2, 1.0, common);
  const Objective objective{0.7, 1.3, 0.4};
  const vec point = problem.random_point(1);
  const auto at = [&](const vec& parameters) {
    Statistics statistics;
    statistics.score.zeros(problem.layout.parameters);
    statistics.observed.first = {0};
    statistics.observed.block.emplace_back(problem.layout.parameters, problem.layout.parameters, arma::fill::zeros);
    objective.add(problem.layout, parameters, statistics);
    return statistics;
  };
  const Statistics here = at(point);
  for (uword j = 0; j < point.n_elem; ++j) {
    vec up = point, down = point;
    up(j) += 1e-5;
    down(j) -= 1e-5;
    const double slope = (objective.value(problem.layout, up) - objective.value(problem.layout, down)) / 2e-5;
    CHECK(here.score(j) == Approx(slope).epsilon(1e-7).margin(1e-8));
    const vec curvature = (at(up).score - at(down).score) / 2e-5;
    CHECK(arma::approx_equal(vec(here.observed.block[0].col(j)), vec(-curvature), "both", 1e-7, 1e-7));
  }
}

TEST_CASE("the bound of a temperature agrees with finite differences", "[solver]") {
  GateChoices choices;
  choices.activation = activation_named("tanh");
  choices.estimate_temperature = true;
  const Mixture mixture(std::make_shared<SoftmaxGate>(choices), std::make_shared<GaussianExperts>(), 2);
  const Layout layout = mixture.layout({2, {0, 1}, {0, 1}});
  const Objective objective{0.0, 1.0, 0.4};
  const uword scalar = layout.gate_scalars()[0];
  const auto at = [&](double step, bool derivatives) {
    vec point(layout.parameters, arma::fill::value(0.3));
    point(scalar) = -0.7 + step;
    Statistics out;
    if (derivatives) out.score.zeros(layout.parameters);
    if (derivatives) out.observed = {{0}, {mat(layout.parameters, layout.parameters, arma::fill::zeros)}};
    objective.add(layout, point, out);
    return out;
  };
  const Statistics here = at(0.0, true);
  const double slope = (at(1e-5, false).steering - at(-1e-5, false).steering) / 2e-5;
  CHECK(here.score(scalar) == Approx(slope).epsilon(1e-7));
  const double curvature = (at(1e-5, true).score(scalar) - at(-1e-5, true).score(scalar)) / 2e-5;
  CHECK(here.observed.block[0](scalar, scalar) == Approx(-curvature).epsilon(1e-7));
}

TEST_CASE("the bound does not depend on the reference expert", "[solver]") {
  Problem problem(50, 2, 3, 2, 1.0);
  const vec point = problem.random_point(4);
  const vec renamed = relabelling(problem.layout, uvec{2, 0, 1}) * point;
  const Objective objective{0.7, 1.3, 0.4};
  CHECK(objective.value(problem.layout, renamed) == Approx(objective.value(problem.layout, point)).epsilon(1e-13));
}

TEST_CASE("relabelling leaves the likelihood and permutes the masses", "[solver]") {
  const bool common = GENERATE(false, true);
  Problem problem(200, 2, 3, 6, 1.0, common);
  const vec point = problem.random_point(3);
  const uvec order{1, 2, 0};
  const Statistics before = problem.at(point), after = problem.at(relabelling(problem.layout, order) * point);
  CHECK(after.log_likelihood == Approx(before.log_likelihood).epsilon(1e-13));
  CHECK(arma::approx_equal(after.mass, vec(before.mass.elem(order)), "reldiff", 1e-12));
}

TEST_CASE("a climb leaves the saddle where all experts are equal", "[solver]") {
  Problem problem(500, 1, 2, 9, 3.0);
  const vec equal(problem.layout.parameters, arma::fill::zeros);
  const AscentState state = problem.climb(equal, with(Method::newton));
  const AscentState other = problem.climb(problem.random_point(2), with(Method::newton));
  CHECK(state.escapes > 0);
  CHECK(state.certificate.maximum);
  CHECK(rising(state.trace));
  CHECK(state.at.log_likelihood == Approx(other.at.log_likelihood).epsilon(1e-9));
}

TEST_CASE("a stored state takes the climb up where it stood", "[solver]") {
  Problem problem(400, 2, 3, 12, 1.0);
  const SmoothSettings settings = with(Method::automatic);
  SmoothRule rule(problem.mixture, problem.layout, {}, settings);
  Ascent whole(problem.layout, rule, settings);
  whole.start(problem.random_point(1));
  const Pass pass = problem.pass();
  for (int step = 0; step < 7; ++step) whole.tell(pass(whole.ask())[0]);
  const AscentState stored = whole.state;
  run(whole, pass);
  SmoothRule anew(problem.mixture, problem.layout, {}, settings);
  Ascent resumed(problem.layout, anew, settings);
  resumed.state = stored;
  run(resumed, pass);
  CHECK(arma::approx_equal(resumed.state.point, whole.state.point, "absdiff", 0.0));
  CHECK(resumed.state.trace == whole.state.trace);
}

TEST_CASE("a climb that starts at its end comes to an end", "[solver]") {
  Problem problem(300, 2, 2, 15, 2.0);
  SmoothSettings settings = with(Method::automatic);
  settings.tolerance = 1e-12;
  const vec end = problem.climb(problem.random_point(1), settings).point;
  for (Method method : {Method::automatic, Method::newton, Method::lbfgs, Method::em}) {
    SmoothSettings again = with(method);
    const AscentState state = problem.climb(end, again);
    CHECK(state.converged);
    CHECK(state.passes < 200);
  }
}

TEST_CASE("a start that is not finite ends at once, in words", "[solver]") {
  Problem problem(100, 1, 2, 1, 1.0);
  vec point = problem.random_point(1);
  point(0) = arma::datum::nan;
  const AscentState state = problem.climb(point, with(Method::automatic));
  CHECK_FALSE(state.converged);
  CHECK(state.passes == 1);
  CHECK(state.status == "the objective is not finite at the start");
}

TEST_CASE("the iteration limit is kept and named", "[solver]") {
  Problem problem(400, 2, 3, 12, 0.4);
  SmoothSettings settings = with(Method::em);
  settings.iterations = 5;
  const AscentState state = problem.climb(problem.random_point(1), settings);
  CHECK(state.iterations == 5);
  CHECK(state.status == "iteration limit");
  CHECK_FALSE(state.converged);
}

TEST_CASE("regularised makes a singular block solvable and leaves a good one alone", "[solver]") {
  Information information;
  information.first = {0, 2};
  information.block = {mat(2, 2, arma::fill::ones), mat(1, 1, arma::fill::value(2.0))};
  CHECK_FALSE(CholeskyFactor::of(information));
  const CholeskyFactor factor = CholeskyFactor::of(regularised(information)).value();
  CHECK(factor.solve(vec{1.0, 1.0, 4.0})(2) == Approx(2.0));
  CHECK(arma::approx_equal(factor.inverse() * vec{0.0, 0.0, 4.0}, factor.solve(vec{0.0, 0.0, 4.0}), "absdiff", 1e-12));
}

TEST_CASE("a climb ends where two ways to compute the decrement fall on either side of the tolerance", "[solver]") {
  Problem problem(50, 1, 2, 1, 1.0);
  const uword size = problem.layout.parameters;
  Random random(7, 0);
  Statistics at;
  double solved, forward;
  do {
    mat root(size, size);
    root.imbue([&] { return random.normal(); });
    at.observed = {{0}, {mat(root * root.t() + 0.1 * arma::eye(size, size))}};
    at.score.set_size(size);
    at.score.imbue([&] { return random.normal(); });
    const CholeskyFactor factor = CholeskyFactor::of(at.observed).value();
    const vec half = factor.forward(at.score);
    solved = 0.5 * arma::dot(at.score, factor.solve(at.score));
    forward = 0.5 * arma::dot(half, half);
  } while (solved >= forward);
  at.em.first = problem.layout.em_first;
  for (uword n : problem.layout.em_size) at.em.block.push_back(arma::eye(n, n));
  at.weight = 50.0, at.mass = {25.0, 25.0}, at.gate_mass = at.mass;

  SmoothSettings settings = with(Method::newton);
  settings.warm = 0;
  settings.tolerance = forward;
  SmoothRule rule(problem.mixture, problem.layout, {}, settings);
  Ascent climb(problem.layout, rule, settings);
  climb.start(vec(size, arma::fill::zeros));
  climb.tell(at);
  CHECK(climb.finished());
  CHECK(climb.state.converged);
  CHECK(climb.state.certificate.decrement == Approx(forward));
}
