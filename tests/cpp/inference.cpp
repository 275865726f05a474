#include "catch.hpp"
#include "conformance.hpp"
#include "expertmix/expertmix.hpp"
#include "expertmix/inference/table.hpp"
#include "expertmix/mixture/registry.hpp"
#include "simulated.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

bool has(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

Fit fitted(const std::string& gate, const Simulated& s, uword experts) {
  return fit(Data(s.x, s.y), Mixture(gates().at(gate), families().at("gaussian"), experts));
}

}  // namespace

TEST_CASE("standard errors, intervals and criteria of a fit are those that its covariance says", "[inference]") {
  const Simulated s = simulate(300, 1, 2, 3);
  const Fit found = fitted("softmax", s, 2);
  const vec errors = standard_errors(found);
  CHECK(arma::approx_equal(arma::square(errors), vec(found.covariance.diag()), "reldiff", 1e-12));
  const mat ends = confidence_intervals(found, 0.9);
  CHECK(arma::approx_equal(ends.col(1) - ends.col(0), 2.0 * 1.6448536269514722 * errors, "reldiff", 1e-10));
  CHECK(arma::approx_equal(0.5 * (ends.col(0) + ends.col(1)), found.parameters, "absdiff", 1e-12));
  CHECK_THROWS_AS(confidence_intervals(found, 1.0), invalid_argument);
  CHECK_THROWS_AS(confidence_intervals(found, arma::datum::nan), invalid_argument);
  const InformationCriteria criteria = information_criteria(found);
  CHECK(criteria.aic == Approx(-2.0 * found.log_likelihood + 2.0 * 8.0));
  CHECK(criteria.bic == Approx(-2.0 * found.log_likelihood + 8.0 * std::log(300.0)));
}

TEST_CASE("the sandwich is its formula, and intervals by it are as wide as it says", "[inference]") {
  const Simulated s = simulate(300, 1, 2, 3);
  const Data data(s.x, s.y);
  const Fit found = fitted("softmax", s, 2);
  const mat each = scores(found, data);
  const mat expected = found.covariance * each.t() * each * found.covariance;
  const mat own = sandwich_covariance(found, data);
  CHECK(arma::approx_equal(own, expected, "reldiff", 1e-8));
  const mat ends = confidence_intervals(found, own, 0.95);
  CHECK(arma::approx_equal(ends.col(1) - ends.col(0), 2.0 * 1.959963984540054 * arma::sqrt(expected.diag()), "reldiff",
                           1e-8));
  CHECK_THROWS_AS(confidence_intervals(found, mat(2, 2)), invalid_argument);
  Fit without = found;
  without.covariance.reset();
  CHECK(sandwich_covariance(without, data).has_nan());
  CHECK(confidence_intervals(without, sandwich_covariance(without, data)).has_nan());
  CHECK_THROWS_AS(Fit(found.mixture).report(), invalid_argument);
}

TEST_CASE("tests of nested fits and of contrasts are chi-squared", "[inference]") {
  const Simulated s = simulate(400, 2, 2, 5);
  const Fit large = fit(Data(s.x, s.y), 2), small = fit(Data(s.x, s.y).gate(mat(s.x.col(0))), 2);
  const ChiSquaredTest ratio = likelihood_ratio_test(small, large);
  CHECK(ratio.statistic == Approx(2.0 * (large.log_likelihood - small.log_likelihood)));
  CHECK(ratio.degrees == 2.0);
  CHECK(ratio.p == Approx(std::exp(-0.5 * ratio.statistic)));  // of two degrees of freedom
  CHECK_THROWS_AS(likelihood_ratio_test(large, small), invalid_argument);
  CHECK_THROWS_AS(likelihood_ratio_test(fit(Data(s.x, s.y), 1), large), invalid_argument);

  mat contrast(1, large.parameters.n_elem, arma::fill::zeros);
  contrast(0, 1) = 1.0;
  const ChiSquaredTest one = wald_test(large, contrast);
  const double z = large.parameters(1) / standard_errors(large)(1);
  CHECK(one.statistic == Approx(z * z));
  CHECK(one.p == Approx(std::erfc(std::abs(z) / std::sqrt(2.0))));
  // Another form of the same hypothesis
  mat two(2, large.parameters.n_elem, arma::fill::zeros);
  two(0, 1) = 1.0;
  two(1, 2) = 1.0;
  const mat mixed = mat{{1.0, 2.0}, {-3.0, 1.0}} * two;
  CHECK(wald_test(large, mixed).statistic == Approx(wald_test(large, two).statistic).epsilon(1e-8));
  CHECK_THROWS_AS(wald_test(large, arma::join_cols(contrast, contrast)), invalid_argument);
  CHECK_THROWS_AS(wald_test(large, mat(1, 2, arma::fill::ones)), invalid_argument);
  // Units do not matter.
  mat scaled = two;
  scaled.row(0) *= 1e14;
  CHECK(wald_test(large, scaled).statistic == Approx(wald_test(large, two).statistic).epsilon(1e-8));
  CHECK_THROWS_AS(wald_test(large, contrast * arma::datum::nan), invalid_argument);
}

TEST_CASE("a bootstrap has the spread of the standard errors, and every replicate stands alone", "[inference]") {
  const Simulated s = simulate(300, 1, 2, 9);
  const Data data(s.x, s.y);
  const Fit found = fit(data, 2);
  Options options;
  options.seed = 4;
  const mat draws = bootstrap(found, data, 200, options);
  CHECK(draws.is_finite());
  const vec spread = arma::stddev(draws, 0, 1), errors = standard_errors(found);
  for (uword i = 0; i < errors.n_elem; ++i) CHECK(std::abs(std::log(spread(i) / errors(i))) < 0.4);
  CHECK(arma::approx_equal(bootstrap(found, data, 3, options), draws.head_cols(3), "absdiff", 0.0));
  options.seed = 5;
  CHECK(arma::any(bootstrap(found, data, 1, options).col(0) != draws.col(0)));
  options.bounds.sigma_upper = 0.9 * found.sigma.max();
  const Fit bounded = fit(data, 2, options);
  for (uword j = 0; j < bounded.parameter_table.size(); ++j)
    if (bounded.parameter_table[j].kind == Parameter::Kind::scalar)
      CHECK(arma::max(bootstrap(bounded, data, 3, options).row(j)) <= std::log(options.bounds.sigma_upper) + 1e-8);
}

TEST_CASE("parameters that are not identified have NaN for a standard error, and a tied one that is fixed 0",
          "[inference]") {
  const Simulated s = simulate(200, 1, 2, 3);
  const Fit found = fitted("top-1 by slope", s, 2);
  const vec errors = standard_errors(found);
  uword unknown = 0;
  for (uword i = 0; i < errors.n_elem; ++i) {
    CHECK(std::isnan(errors(i)) == !(found.identified[i] && found.estimable[i]));
    unknown += !found.identified[i];
  }
  CHECK(unknown > 0);
  CHECK(confidence_intervals(found).has_nan());
  Fit nowhere = found;
  nowhere.covariance.reset();
  CHECK(standard_errors(nowhere).has_nan());
  CHECK(arma::find_finite(standard_errors(nowhere)).is_empty());
  const Parameter slope{Parameter::Part::experts, Parameter::Kind::coefficient, 0, 0, 1};
  const Mixture held(gates().at("softmax"), families().at("gaussian"), 2, {held_at(slope, 0.25)});
  const Fit tied = fit(Data(s.x, s.y), held);
  const auto place = std::find(tied.parameter_table.begin(), tied.parameter_table.end(), slope);
  const auto at = static_cast<uword>(place - tied.parameter_table.begin());
  CHECK(tied.parameters(at) == Approx(0.25));
  CHECK(standard_errors(tied)(at) == Approx(0.0).margin(1e-12));
}

TEST_CASE("classes, experts of rows and prediction intervals", "[inference]") {
  const Simulated s = simulate(200, 1, 2, 3);
  const Fit lines = fitted("softmax", s, 2);
  const Data data(s.x, s.y);
  const uvec experts = likeliest_experts(lines, data);
  const mat r = posterior(data, lines.mixture, lines);
  for (uword i = 0; i < 200; ++i) CHECK(r(i, experts(i)) == r.row(i).max());
  CHECK_THROWS_AS(classes(lines, data), invalid_argument);
  const mat ends = prediction_intervals(lines, data, 0.8);
  CHECK(arma::approx_equal(ends, quantiles(lines, data, vec{0.1, 0.9}), "absdiff", 1e-9));
  CHECK_THROWS_AS(prediction_intervals(lines, data, 0.0), invalid_argument);
  const vec y = arma::conv_to<vec>::from(s.y > 0.0) + arma::conv_to<vec>::from(s.y > 2.0);
  const Mixture three(gates().at("softmax"), families().at("multinomial"), 1);
  const Fit logistic = fit(Data(s.x, y), three);
  const mat p = predict(logistic, Data(s.x));
  const uvec likely = classes(logistic, Data(s.x));
  for (uword i = 0; i < 200; ++i) CHECK(p(i, likely(i)) == p.row(i).max());
}

TEST_CASE("a report says what a fit is, with the numbers that it has", "[inference]") {
  const Simulated s = simulate(300, 1, 2, 3);
  const Fit found = fitted("softmax", s, 2);
  const std::string text = report(found, {{"(Intercept)", "x"}, {"(Intercept)", "z\xc3\xa4"}, {}});
  INFO(text);
  for (const char* words :
       {"Mixture of 2 experts", "Gate, expert 2 against expert 1:", "Expert 1:", "z\xc3\xa4",
        "sigma:", "Rows held by each expert", "on 8 parameters, 300 observations", "a maximum", "Status: converged"})
    CHECK(has(text, words));
  const auto shown = [](double value) { return detail::shown(value); };
  const vec errors = standard_errors(found);
  for (uword i = 0; i + 4 < found.parameters.n_elem; ++i) CHECK(has(text, shown(found.parameters(i))));
  CHECK(has(text, shown(errors(0))));
  CHECK(has(text, shown(found.sigma(0))));
  CHECK(has(text, detail::shown(information_criteria(found).bic, 7)));
  CHECK_FALSE(has(text, "Warning"));
  CHECK(has(report(found), "x2"));
  CHECK(found.report() == report(found));
  CHECK_THROWS_AS(report(found, {{"one"}, {}, {}}), invalid_argument);
}

TEST_CASE("every family and gate has a report", "[inference]") {
  Options options;
  options.starts = 1;
  options.iterations = 5;
  options.search = Thoroughness::quick;
  conformance::Sample rows = conformance::random_rows(120, 5);
  const mat x = arma::join_rows(vec(120, arma::fill::ones), rows.covariates.col(0));
  for (const auto& [name, family] : families()) {
    Random random(5, 1);
    const mat y = conformance::random_responses(*family, 120, random);
    const Fit found = fit(Data(x, y), Mixture(gates().at("softmax"), family, 2), options);
    const std::string text = report(found);
    INFO(name << '\n' << text);
    CHECK(has(text, "Expert 2"));
    CHECK(has(text, found.record.converged ? "converged" : "did not converge"));
    CHECK_FALSE(has(text, "nan"));
  }
  for (const auto& [name, gate] : gates()) {
    const Fit found = fit(Data(x, rows.y), Mixture(gate, families().at("gaussian"), 3), options);
    INFO(name << '\n' << report(found));
    CHECK(has(report(found), "Gate, expert 3"));
  }
}

TEST_CASE("predictions at sparse designs are those at the same dense ones", "[inference][sparse]") {
  Random random(1, 1);
  const uword n = 300, p = 40;
  mat x(n, p, arma::fill::zeros), z(n, 5, arma::fill::zeros);
  x.imbue([&] { return random.uniform() < 0.2 ? random.normal() : 0.0; });
  z.imbue([&] { return random.uniform() < 0.5 ? random.normal() : 0.0; });
  x.col(0).ones(), z.col(0).ones();
  vec y(n), offset(n);
  y.imbue([&] { return random.normal(); }), offset.imbue([&] { return random.normal(); });
  const arma::sp_mat sparse_x(x), sparse_z(z);
  for (const char* name : {"softmax", "tanh", "top-2 by slope"}) {
    const Mixture mixture(gates().at(name), families().at("gaussian"), 3);
    Coefficients at;
    at.gate.zeros(5, 3), at.experts.zeros(p, 3), at.sigma = {0.5, 1.0, 2.0};
    at.gate.cols(1, 2).imbue([&] { return random.normal(); });
    at.gate.row(3).zeros();
    at.gate_intercept = 0;
    if (std::string(name) != "softmax") at.origin = {0.0, 0.1, 0.2, 0.3, 0.4};
    for (uword j : {0, 7, 22}) at.experts.row(j).imbue([&] { return random.normal(); });
    const Data dense = Data(x, y).gate(z).offset(offset);
    const SparseData sparse = SparseData(sparse_x, y).gate(sparse_z).offset(offset);
    const auto close = [](const mat& a, const mat& b) { return arma::approx_equal(a, b, "absdiff", 1e-10); };
    CHECK(close(predict(sparse, mixture, at), predict(dense, mixture, at)));
    CHECK(close(gate_probabilities(sparse, mixture, at), gate_probabilities(dense, mixture, at)));
    CHECK(close(expert_means(sparse, mixture, at), expert_means(dense, mixture, at)));
    CHECK(close(posterior(sparse, mixture, at), posterior(dense, mixture, at)));
    CHECK(close(log_density(sparse, mixture, at), log_density(dense, mixture, at)));
    CHECK(close(distribution(sparse, mixture, at), distribution(dense, mixture, at)));
    CHECK(close(quantiles(sparse, mixture, at, vec{0.2}), quantiles(dense, mixture, at, vec{0.2})));
    Coefficients none = at;
    none.experts.zeros(), none.gate.zeros();
    CHECK(close(predict(sparse, mixture, none), predict(dense, mixture, none)));
    none.experts.set_size(p + 1, 3);
    CHECK_THROWS_AS(predict(sparse, mixture, none), invalid_argument);
  }
}
