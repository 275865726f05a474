#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/solver/constrained_step.hpp>

#include "simulated.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// A positive definite matrix.
mat definite(uword n, Random& random) {
  mat root(n, n);
  root.imbue([&] { return random.normal(); });
  return root * root.t() + 0.1 * arma::eye(n, n);
}

double model(const mat& h, const vec& score, const vec& step) {
  return arma::dot(score, step) - 0.5 * arma::dot(step, h * step);
}

/// The best of the maxima over all faces (each condition at its lower bound, its upper one, or free) that lie in the
/// set.
double brute(const mat& h, const vec& score, const ParameterSet& set) {
  const uword m = set.count(), n = score.n_elem;
  double best = -arma::datum::inf;
  for (uword code = 0; code < std::pow(3, m); ++code) {
    std::vector<uword> active;
    std::vector<double> value;
    for (uword i = 0, rest = code; i < m; ++i, rest /= 3)
      if (rest % 3 > 0) {
        active.push_back(i);
        value.push_back(rest % 3 == 1 ? set.lower(i) : set.upper(i));
      }
    mat system = h;
    if (!active.empty()) {
      const mat a = set.normals.cols(uvec(active)), corner(active.size(), active.size(), arma::fill::zeros);
      system = arma::join_cols(arma::join_rows(h, a), arma::join_rows(mat(a.t()), corner));
    }
    vec solution;
    if (active.size() > n || !arma::solve(solution, system, arma::join_cols(score, vec(value)))) continue;
    const vec step = solution.head(n);
    if (set.contains(step)) best = std::max(best, model(h, score, step));
  }
  return best;
}

ParameterSet random_set(uword n, uword m, Random& random) {
  ParameterSet set;
  set.inside = vec(n, arma::fill::zeros);
  for (uword i = 0; i < m; ++i) {
    vec normal(n);
    normal.imbue([&] { return random.normal(); });
    set.add(normal, -random.uniform(), i % 4 == 3 ? arma::datum::inf : random.uniform(), "plane");
  }
  return set;
}

Data line(uword n, std::uint64_t seed) {
  Random random(seed, 0);
  mat x(n, 2, arma::fill::ones);
  vec y(n);
  for (uword i = 0; i < n; ++i) {
    x(i, 1) = 10.0 + 3.0 * random.normal();
    const bool first = random.uniform() < 1.0 / (1.0 + std::exp(2.0 * (10.0 - x(i, 1))));
    y(i) = (first ? 5.0 + x(i, 1) : -2.0 * x(i, 1)) + random.normal();
  }
  return Data(std::move(x), std::move(y));
}

}  // namespace

TEST_CASE("a constrained step is the best of the maxima over all faces", "[solver][bounds]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed, 0);
    const uword n = 2 + seed % 3;
    const mat h = definite(n, random);
    vec score(n);
    score.imbue([&] { return 3.0 * random.normal(); });
    const ParameterSet set = random_set(n, 5, random);
    const vec step = ConstrainedStep(h, score, set, set.inside).solve();
    REQUIRE(step.n_elem == n);
    CHECK(set.contains(step));
    CHECK(model(h, score, step) == Approx(brute(h, score, set)).epsilon(1e-8));
  }
}

TEST_CASE("a constrained step at a vertex where more conditions meet than there are parameters", "[solver][bounds]") {
  ParameterSet set;
  set.inside = {0.0, 0.0};
  set.add({1.0, 0.0}, -1.0, 1.0, "a");
  set.add({0.0, 1.0}, -1.0, 1.0, "b");
  set.add({1.0, -1.0}, -1.0, 1.0, "difference");
  set.add({1.0, 1.0}, -2.0, 2.0, "sum");
  const vec vertex{1.0, 1.0};
  const mat h = arma::eye(2, 2);
  CHECK(arma::norm(ConstrainedStep(h, vec{5.0, 5.0}, set, vertex).solve()) < 1e-12);
  CHECK(arma::approx_equal(ConstrainedStep(h, vec{-0.5, 5.0}, set, vertex).solve(), vec{-0.5, 0.0}, "absdiff", 1e-12));
}

TEST_CASE("the point of a set that is nearest", "[solver][bounds]") {
  ParameterSet set;
  set.inside = {0.0, 0.0};
  set.add({1.0, 1.0}, -1.0, 1.0, "sum");
  CHECK(arma::approx_equal(nearest(set, {2.0, 2.0}), vec{0.5, 0.5}, "absdiff", 1e-12));
  CHECK(arma::approx_equal(nearest(set, {0.2, 0.1}), vec{0.2, 0.1}, "absdiff", 0.0));
}

TEST_CASE("bounds that do not bind change nothing", "[fit][bounds]") {
  const Data data = line(300, 4);
  const Fit free = fit(data, 2);
  Options options;
  options.bounds.gate = 1e4;
  options.bounds.experts_upper = 1e4;
  const Fit bounded = fit(data, 2, options);
  CHECK(bounded.log_likelihood == Approx(free.log_likelihood).epsilon(1e-10));
  CHECK(arma::approx_equal(bounded.experts, free.experts, "absdiff", 1e-5));
  CHECK(bounded.record.at_bounds.empty());
  CHECK_FALSE(bounded.covariance.empty());
}

TEST_CASE("a bounded maximum lies in the set, whatever the units and the experts' names", "[fit][bounds]") {
  const Data data = line(300, 4);
  Options options;
  options.bounds.gate = 8.0;
  options.bounds.sigma_lower = 1.2;
  options.bounds.sigma_upper = 3.0;
  const Fit found = fit(data, 2, options);
  CHECK(found.record.converged);
  CHECK(found.record.certificate.maximum);
  CHECK(arma::abs(found.gate).max() == Approx(8.0));
  CHECK(found.sigma.min() >= 1.2 * (1.0 - 1e-8));
  CHECK(found.record.at_bounds == std::vector<std::string>{"gate", "sigma"});
  CHECK(found.covariance.empty());

  Start swapped;
  static_cast<Coefficients&>(swapped) = found;
  swapped.gate = arma::fliplr(found.gate);
  swapped.gate.each_col() -= vec(swapped.gate.col(0));
  swapped.experts = arma::fliplr(found.experts);
  swapped.sigma = arma::flipud(found.sigma);
  CHECK(fit(data, 2, options, swapped).log_likelihood == Approx(found.log_likelihood).epsilon(1e-9));

  Options tenfold = options;
  tenfold.bounds.sigma_lower *= 10.0;
  tenfold.bounds.sigma_upper *= 10.0;
  const Fit scaled = fit(Data(data.x(), mat(10.0 * data.y())), 2, tenfold);
  CHECK(scaled.log_likelihood == Approx(found.log_likelihood - 300.0 * std::log(10.0)).epsilon(1e-9));
}

TEST_CASE("with a lower bound of sigma the likelihood is bounded, and a spike may be the maximum", "[fit][bounds]") {
  mat x(40, 1, arma::fill::ones);
  vec y(40);
  for (uword i = 0; i < 40; ++i) y(i) = i < 6 ? 3.0 : 0.05 * static_cast<double>(i);
  Options options;
  options.bounds.sigma_lower = 1e-3;
  options.bounds.sigma_upper = 10.0;
  const Fit found = fit(Data(x, y), 2, options);
  CHECK(found.sigma.min() == Approx(1e-3));
  CHECK(found.record.collapsed.empty());
  CHECK(found.record.objective == "log-likelihood");
}

TEST_CASE("empty bounds, and a start outside, are refused", "[fit][bounds]") {
  const Data data = line(100, 1);
  const auto argument = [&](const Bounds& bounds, const Start& start = {}) -> std::string {
    Options options;
    options.bounds = bounds;
    try {
      fit(data, 2, options, start);
    } catch (const invalid_argument& error) {
      return error.argument;
    }
    return "";
  };
  Bounds bounds;
  bounds.gate = 0.0;
  CHECK(argument(bounds) == "bounds");
  bounds = {};
  bounds.experts_lower = bounds.experts_upper = 1.0;
  CHECK(argument(bounds) == "bounds");
  bounds = {};
  bounds.sigma_lower = 2.0;
  bounds.sigma_upper = 1.0;
  CHECK(argument(bounds) == "bounds");
  bounds = {};
  bounds.sigma_upper = 0.1;
  Start start;
  static_cast<Coefficients&>(start) = fit(data, 2);
  CHECK(argument(bounds, start) == "start");
}
