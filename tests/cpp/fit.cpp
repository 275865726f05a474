#include "catch.hpp"

#include <expertmix/expertmix.hpp>

#include "simulated.hpp"

using namespace expertmix;

namespace {

Options quick(uword starts = 30) {
  Options options;
  options.starts = starts;
  return options;
}

double log_likelihood(const Fit& fit, const Data& data) { return arma::accu(log_density(data, fit.mixture, fit)); }

}  // namespace

TEST_CASE("one expert is least squares", "[fit]") {
  const Simulated s = simulate(80, 3, 1, 4);
  const Fit fit = expertmix::fit(Data(s.x, s.y), 1);
  const vec b = arma::solve(s.x, s.y);
  const double variance = arma::mean(arma::square(s.y - s.x * b));
  CHECK(arma::approx_equal(vec(fit.experts.col(0)), b, "both", 1e-10, 1e-10));
  CHECK(fit.sigma(0) == Approx(std::sqrt(variance)).epsilon(1e-10));
  CHECK(fit.log_likelihood == Approx(-40.0 * (std::log(2.0 * arma::datum::pi * variance) + 1.0)).epsilon(1e-12));
  CHECK(arma::approx_equal(mat(fit.covariance.submat(0, 0, 3, 3)), mat(variance * (s.x.t() * s.x).i()), "both", 1e-9,
                           1e-9));
  CHECK(fit.covariance(4, 4) == Approx(0.5 / 80).epsilon(1e-9));
}

TEST_CASE("the truth is recovered and the fit beats it", "[fit][long]") {
  const Simulated s = simulate(5000, 2, 3, 21);
  const Data data(s.x, s.y);
  const Fit fit = expertmix::fit(data, 3, quick());
  CHECK(fit.record.converged);
  CHECK(fit.log_likelihood > slow_log_likelihood(s.x, s.x, s.y, s.gate, s.experts, s.sigma));
  const vec error = arma::sqrt(fit.covariance.diag());
  for (uword k = 0; k < 3; ++k) {
    const uword truth = arma::index_min(arma::sum(arma::square(s.experts.each_col() - fit.experts.col(k)), 0));
    const vec z = (fit.experts.col(k) - s.experts.col(truth)) / error.subvec(6 + 4 * k, 8 + 4 * k);
    CHECK(arma::abs(z).max() < 4.5);
  }
  CHECK(fit.gate_mass.is_sorted("descend"));
  CHECK(arma::accu(fit.mass) == Approx(5000.0).epsilon(1e-10));
}

TEST_CASE("the log-likelihood, the densities and a slow computation agree", "[fit]") {
  const Simulated s = simulate(300, 2, 2, 7);
  const mat z = s.x.head_cols(2);
  const Data data = Data(s.x, s.y).gate(z);
  const Fit fit = expertmix::fit(data, 2, quick());
  CHECK(log_likelihood(fit, data) == Approx(fit.log_likelihood).epsilon(1e-11));
  CHECK(slow_log_likelihood(s.x, z, s.y, fit.gate, fit.experts, fit.sigma) ==
        Approx(fit.log_likelihood).epsilon(1e-11));
}

TEST_CASE("predictions are what their names say", "[fit]") {
  const Simulated s = simulate(200, 2, 3, 7);
  const Data data(s.x, s.y);
  const Fit fit = expertmix::fit(data, 3, quick());
  const mat pi = gate_probabilities(data, fit.mixture, fit);
  const mat means = expert_means(data, fit.mixture, fit);
  mat scores = arma::exp(s.x * fit.gate);
  CHECK(arma::approx_equal(pi, mat(scores.each_col() / vec(arma::sum(scores, 1))), "absdiff", 1e-12));
  CHECK(arma::approx_equal(means, mat(s.x * fit.experts), "absdiff", 1e-10));
  CHECK(arma::approx_equal(predict(fit, data), vec(arma::sum(pi % means, 1)), "absdiff", 1e-12));
  const mat r = posterior(data, fit.mixture, fit);
  CHECK(arma::approx_equal(vec(arma::sum(r, 1)), vec(200, arma::fill::ones), "absdiff", 1e-12));
  CHECK(arma::approx_equal(vec(arma::sum(r, 0).t()), fit.mass, "reldiff", 1e-8));
}

TEST_CASE("the covariance is the inverse of the observed information on the user's scale", "[fit]") {
  Simulated s = simulate(400, 1, 2, 31);
  s.x.col(1) = 20.0 + 3.0 * s.x.col(1);
  const Data data(s.x, s.y);
  const Fit fit = expertmix::fit(data, 2, quick());
  REQUIRE(fit.parameters.n_elem == 8);
  const auto value = [&](const vec& q) {
    return slow_log_likelihood(s.x, s.x, s.y, mat{{0.0, q(0)}, {0.0, q(1)}}, mat{{q(2), q(5)}, {q(3), q(6)}},
                               vec{std::exp(q(4)), std::exp(q(7))});
  };
  CHECK(value(fit.parameters) == Approx(fit.log_likelihood).epsilon(1e-11));
  mat information(8, 8);
  const vec h = 1e-3 * arma::sqrt(fit.covariance.diag());
  const auto shifted = [&](uword i, double a, uword j, double b) {
    vec q = fit.parameters;
    q(i) += a * h(i);
    q(j) += b * h(j);
    return value(q);
  };
  for (uword i = 0; i < 8; ++i)
    for (uword j = 0; j < 8; ++j)
      information(i, j) = -(shifted(i, 1, j, 1) - shifted(i, 1, j, -1) - shifted(i, -1, j, 1) + shifted(i, -1, j, -1)) /
                          (4.0 * h(i) * h(j));
  const vec scale = arma::sqrt(fit.covariance.diag());
  CHECK(arma::abs(arma::diagmat(scale) * (information - fit.covariance.i()) * arma::diagmat(scale)).max() < 1e-3);
}

TEST_CASE("the same bits for any number of threads, another optimum for no seed", "[fit]") {
  const Simulated s = simulate(700, 2, 3, 5);
  const Data data(s.x, s.y);
  Context two;
  two.threads = 2;
  const Fit a = expertmix::fit(data, 3, quick()), b = expertmix::fit(data, 3, quick(), {}, two);
  CHECK(arma::approx_equal(a.parameters, b.parameters, "absdiff", 0.0));
  CHECK(a.log_likelihood == b.log_likelihood);
  CHECK(arma::approx_equal(a.covariance, b.covariance, "absdiff", 0.0));
  Options other = quick();
  other.seed = 99;
  CHECK(expertmix::fit(data, 3, other).log_likelihood == Approx(a.log_likelihood).margin(1e-6).epsilon(0));
}

TEST_CASE("recoding covariates and response changes the likelihood by its Jacobian only", "[fit]") {
  const Simulated s = simulate(300, 2, 2, 15);
  const Fit fit = expertmix::fit(Data(s.x, s.y), 2, quick());
  mat x = s.x;
  x.col(1) = 1e4 + 1e6 * x.col(1);
  x.col(2) = -3.0 + 1e-5 * x.col(2);
  const vec y = 7.0 + 1e3 * s.y;
  const Fit recoded = expertmix::fit(Data(x, y), 2, quick());
  CHECK(recoded.log_likelihood == Approx(fit.log_likelihood - 300.0 * std::log(1e3)).epsilon(1e-10));
  CHECK(arma::approx_equal(recoded.sigma, vec(1e3 * fit.sigma), "reldiff", 1e-6));
  CHECK(recoded.experts(2, 0) == Approx(1e3 * fit.experts(2, 0) / 1e-5).epsilon(1e-6));
  CHECK(recoded.gate(1, 1) == Approx(fit.gate(1, 1) / 1e6).epsilon(1e-5));
}

TEST_CASE("weights count repeated rows, and rows of weight zero do not count", "[fit]") {
  const Simulated s = simulate(150, 1, 2, 16);
  vec weight(150, arma::fill::ones);
  weight.head(40).fill(3.0);
  weight.tail(10).zeros();
  const mat x = arma::join_cols(arma::repmat(s.x.head_rows(40), 3, 1), s.x.rows(40, 139));
  const vec y = arma::join_cols(arma::repmat(s.y.head(40), 3, 1), s.y.subvec(40, 139));
  const Fit weighted = expertmix::fit(Data(s.x, s.y).weights(weight), 2, quick());
  const Fit repeated = expertmix::fit(Data(x, y), 2, quick());
  CHECK(weighted.weight == 220.0);
  CHECK(weighted.log_likelihood == Approx(repeated.log_likelihood).epsilon(1e-9));
  CHECK(arma::approx_equal(weighted.parameters, repeated.parameters, "both", 1e-5, 1e-5));
  CHECK(arma::approx_equal(weighted.covariance, repeated.covariance, "both", 1e-6, 1e-4));
}

TEST_CASE("an offset is subtracted from the response", "[fit]") {
  const Simulated s = simulate(200, 1, 2, 18);
  const vec offset = arma::square(s.x.col(1));
  const Fit plain = expertmix::fit(Data(s.x, s.y), 2, quick());
  const Fit with = expertmix::fit(Data(s.x, s.y + offset).offset(offset), 2, quick());
  CHECK(with.log_likelihood == Approx(plain.log_likelihood).epsilon(1e-10));
  CHECK(arma::approx_equal(with.parameters, plain.parameters, "both", 1e-6, 1e-6));
}

TEST_CASE("a fit started at coefficients keeps their labels, one started at responsibilities finds them", "[fit]") {
  const Simulated s = simulate(500, 2, 3, 23);
  const Data data(s.x, s.y);
  const Fit fit = expertmix::fit(data, 3, quick());
  Start start;
  const uvec order{2, 0, 1};
  start.gate = fit.gate.cols(order);
  start.experts = fit.experts.cols(order);
  start.sigma = fit.sigma.elem(order);
  const Fit again = expertmix::fit(data, 3, {}, start);
  CHECK(again.log_likelihood == Approx(fit.log_likelihood).margin(1e-7).epsilon(0));
  CHECK(arma::approx_equal(again.sigma, vec(fit.sigma.elem(order)), "reldiff", 1e-4));
  CHECK(again.record.starts == 1);
  Start rows;
  rows.responsibilities = posterior(data, fit.mixture, fit);
  CHECK(expertmix::fit(data, 3, {}, rows).log_likelihood == Approx(fit.log_likelihood).margin(1e-7).epsilon(0));
}

TEST_CASE("aliased columns are flagged and change nothing else", "[fit]") {
  const Simulated s = simulate(200, 2, 2, 8);
  const mat x = arma::join_rows(s.x, vec(200, arma::fill::value(4.0)), vec(s.x.col(1) - 2.0 * s.x.col(2)));
  const Fit fit = expertmix::fit(Data(s.x, s.y), 2, quick()), aliased = expertmix::fit(Data(x, s.y), 2, quick());
  CHECK(aliased.experts_aliased == std::vector<bool>{false, false, false, true, true});
  CHECK(aliased.gate_aliased == aliased.experts_aliased);
  CHECK(aliased.log_likelihood == Approx(fit.log_likelihood).epsilon(1e-9));
  CHECK(aliased.parameters.n_elem == fit.parameters.n_elem);
  CHECK(arma::all(aliased.experts.row(4) == 0.0));
}

TEST_CASE("designs without an intercept are fitted as they stand", "[fit]") {
  const Simulated s = simulate(200, 2, 2, 10);
  const mat x = s.x.tail_cols(2) + 1.0;
  const Data data = Data(x, s.y).gate(s.x);
  const Fit fit = expertmix::fit(data, 2, quick());
  CHECK(fit.record.converged);
  CHECK(slow_log_likelihood(x, s.x, s.y, fit.gate, fit.experts, fit.sigma) ==
        Approx(fit.log_likelihood).epsilon(1e-11));
}

TEST_CASE("a separated gate is bounded and named", "[fit]") {
  Random random(3, 0);
  mat x(200, 2, arma::fill::ones);
  vec y(200);
  for (uword i = 0; i < 200; ++i) {
    x(i, 1) = random.normal();
    y(i) = (x(i, 1) > 0 ? 5.0 + x(i, 1) : -5.0 - x(i, 1)) + 0.3 * random.normal();
  }
  const Fit fit = expertmix::fit(Data(x, y), 2, quick());
  CHECK(fit.record.separated == std::vector<uword>{1});
  CHECK(fit.record.objective == "log-likelihood with bounded gate");
  CHECK(fit.record.converged);
  CHECK(fit.parameters.is_finite());
  double split = 0.0;  // the log-likelihood of two regressions, each on its side
  for (const uvec& side : {uvec(arma::find(x.col(1) > 0.0)), uvec(arma::find(x.col(1) <= 0.0))}) {
    const mat own = x.rows(side);
    const vec response = y(side);
    const double square = arma::mean(arma::square(response - own * arma::solve(own, response)));
    split -= 0.5 * side.n_elem * (std::log(2.0 * arma::datum::pi * square) + 1.0);
  }
  CHECK(fit.log_likelihood == Approx(split).margin(0.01));
  CHECK(fit.experts.row(0).max() == Approx(5.0).margin(0.3));
}

TEST_CASE("a collapsing expert is held by the guard and named", "[fit]") {
  Simulated s = simulate(200, 1, 2, 2);
  s.y(17) = 1e6;
  const Fit fit = expertmix::fit(Data(s.x, s.y), 2, quick());
  CHECK_FALSE(fit.record.collapsed.empty());
  CHECK(fit.record.objective == "log-likelihood with variance guard");
  CHECK(fit.record.converged);
  CHECK(fit.parameters.is_finite());
}

TEST_CASE("more experts than the data can bear still give finite estimates", "[fit]") {
  const Simulated s = simulate(12, 1, 2, 2);
  for (uword experts : {4, 12}) {
    const Fit fit = expertmix::fit(Data(s.x, s.y), experts, quick(10));
    CHECK(fit.parameters.is_finite());
    CHECK(std::isfinite(fit.log_likelihood));
    CHECK_FALSE(fit.record.collapsed.empty());
  }
  const Simulated wide = simulate(20, 30, 1, 2);
  const Fit fit = expertmix::fit(Data(wide.x, wide.y), 2, quick(10));
  CHECK(fit.parameters.is_finite());
  CHECK_FALSE(fit.record.collapsed.empty());
}

TEST_CASE("a response that is constant or exactly linear has no maximum", "[fit]") {
  const Simulated s = simulate(50, 1, 2, 2);
  CHECK_THROWS_AS(expertmix::fit(Data(s.x, vec(50, arma::fill::value(0.1))), 2), degenerate_error);
  const vec exact = s.x * vec{1.0, 2.0};
  CHECK_THROWS_AS(expertmix::fit(Data(s.x, exact), 2), degenerate_error);
}

TEST_CASE("bad arguments are named before anything is computed", "[fit]") {
  const Simulated s = simulate(50, 1, 2, 2);
  const auto argument = [](const Data& data, uword experts) -> std::string {
    try {
      expertmix::fit(data, experts);
    } catch (const invalid_argument& failure) {
      return failure.argument;
    }
    return "";
  };
  vec y = s.y;
  y(3) = arma::datum::nan;
  CHECK(argument(Data(s.x, y), 2) == "y");
  mat x = s.x;
  x(4, 1) = arma::datum::inf;
  CHECK(argument(Data(x, s.y), 2) == "x");
  CHECK(argument(Data(s.x, s.y).gate(x), 2) == "z");
  CHECK(argument(Data(s.x, s.y), 0) == "experts");
  CHECK(argument(Data(s.x, s.y), 51) == "experts");
  vec weight(50, arma::fill::ones);
  weight(0) = -1.0;
  CHECK(argument(Data(s.x, s.y).weights(weight), 2) == "weights");
  weight.zeros();
  CHECK(argument(Data(s.x, s.y).weights(weight), 2) == "weights");
  const vec few(49, arma::fill::ones);
  CHECK(argument(Data(s.x, s.y).weights(few), 2) == "weights");
}

TEST_CASE("a fit stops when asked to, and within its time", "[fit]") {
  const Simulated s = simulate(20000, 5, 3, 2);
  Context context;
  int polls = 0;
  context.stop = [&polls] { return ++polls > 2; };
  CHECK_THROWS_AS(expertmix::fit(Data(s.x, s.y), 3, {}, {}, context), interrupted);
  Options options;
  options.time_limit = 0.0;
  const Fit fit = expertmix::fit(Data(s.x, s.y), 3, options);
  CHECK(fit.record.status == "time limit");
  CHECK_FALSE(fit.record.converged);
  CHECK(fit.parameters.is_finite());
}
