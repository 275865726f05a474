#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/families/multinomial.hpp>

#include <algorithm>

using namespace expertmix;

namespace {

/// Classes drawn from a softmax-gated mixture of multinomial-logistic experts, and what they were drawn from.
struct Classes {
  mat x, y;
  Coefficients truth;
};

Mixture mixture(uword classes, uword experts, bool counts = false) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(classes, counts), experts};
}

uword draw(arma::rowvec score, Random& random) {
  score = arma::exp(score - score.max());
  double u = random.uniform() * arma::accu(score);
  uword k = 0;
  while (k + 1 < score.n_elem && u > score(k)) u -= score(k++);
  return k;
}

/// Standard normal covariates; coefficients normal with standard deviation `spread`, those of class 0 zero.
Classes simulate(uword n, uword p, uword classes, uword experts, std::uint64_t seed, double spread = 1.5) {
  Random random(seed, 0);
  Classes out;
  out.x.ones(n, p + 1);
  out.y.set_size(n, 1);
  out.x.tail_cols(p).imbue([&] { return random.normal(); });
  out.truth.gate.zeros(p + 1, experts);
  out.truth.experts.set_size(p + 1, classes * experts);
  if (experts > 1) out.truth.gate.tail_cols(experts - 1).imbue([&] { return random.normal(); });
  out.truth.experts.imbue([&] { return spread * random.normal(); });
  for (uword k = 0; k < experts; ++k) out.truth.experts.col(k * classes).zeros();
  for (uword i = 0; i < n; ++i) {
    const uword k = draw(out.x.row(i) * out.truth.gate, random);
    out.y(i) = draw(out.x.row(i) * out.truth.experts.cols(k * classes, k * classes + classes - 1), random);
  }
  return out;
}

vec softmax_of(const arma::rowvec& score) {
  const vec e = arma::exp(score - score.max()).t();
  return e / arma::accu(e);
}

/// log f of a row of counts, written out.
double slow_log_density(const arma::rowvec& x, const vec& counts, const Coefficients& at, uword classes) {
  const vec pi = softmax_of(x * at.gate);
  double density = 0.0;
  for (uword k = 0; k < pi.n_elem; ++k) {
    const vec p = softmax_of(x * at.experts.cols(k * classes, k * classes + classes - 1));
    double log_f = std::lgamma(arma::accu(counts) + 1.0);
    for (uword c = 0; c < classes; ++c) log_f += counts(c) * std::log(p(c)) - std::lgamma(counts(c) + 1.0);
    density += pi(k) * std::exp(log_f);
  }
  return std::log(density);
}

mat indicators(const mat& y, uword classes) { return MultinomialExperts(classes).features(y); }

Options quick() {
  Options options;
  options.starts = 30;
  return options;
}

double log_likelihood(const Data& data, const Mixture& model, const Coefficients& at) {
  return arma::accu(log_density(data, model, at));
}

}  // namespace

TEST_CASE("log-density of classes and of counts, multinomial coefficient included", "[multinomial]") {
  const uword classes = GENERATE(2, 3, 5), experts = GENERATE(1, 3);
  const Classes s = simulate(50, 2, classes, experts, 3);
  const vec of_class = log_density(Data(s.x, s.y), mixture(classes, experts), s.truth);
  Random random(4, 0);
  mat counts(50, classes);
  counts.imbue([&] { return static_cast<double>(random.index(4)); });
  counts.row(0).zeros();
  counts(1, 0) = 700.0;
  const vec of_counts = log_density(Data(s.x, counts), mixture(classes, experts, true), s.truth);
  const mat one = indicators(s.y, classes);
  double worst = 0.0;
  for (uword i = 0; i < 50; ++i) {
    worst = std::max(worst, std::abs(of_class(i) - slow_log_density(s.x.row(i), one.row(i).t(), s.truth, classes)));
    const double slow = slow_log_density(s.x.row(i), counts.row(i).t(), s.truth, classes);
    if (std::isfinite(slow)) worst = std::max(worst, std::abs(of_counts(i) - slow) / std::max(1.0, std::abs(slow)));
  }
  CHECK(worst < 1e-11);
  CHECK(of_counts(0) == Approx(0.0).margin(1e-13));
  CHECK(of_counts.is_finite());
}

TEST_CASE("probabilities are finite and sum to one at logits of +-1000", "[multinomial]") {
  Classes s = simulate(40, 2, 4, 2, 5);
  s.truth.experts = 1000.0 * arma::sign(s.truth.experts);
  const Data data(s.x, s.y);
  const mat p = expert_means(data, mixture(4, 2), s.truth), mean = predict(data, mixture(4, 2), s.truth);
  REQUIRE(p.n_cols == 8);
  CHECK(arma::approx_equal(vec(arma::sum(p.head_cols(4), 1)), vec(40, arma::fill::ones), "absdiff", 1e-14));
  CHECK(arma::approx_equal(vec(arma::sum(mean, 1)), vec(40, arma::fill::ones), "absdiff", 1e-14));
  CHECK(log_density(data, mixture(4, 2), s.truth).is_finite());
}

TEST_CASE("one expert is multinomial logistic regression", "[multinomial]") {
  const uword n = 400, p = 3, classes = 3;
  const Classes s = simulate(n, p - 1, classes, 1, 6, 0.8);
  Options options;
  options.tolerance = 1e-13;
  const Fit fit = expertmix::fit(Data(s.x, s.y), mixture(classes, 1), options);
  mat b(p, 2, arma::fill::zeros), information;
  const mat t = indicators(s.y, classes).tail_cols(2);
  for (int step = 0; step < 30; ++step) {
    mat e = arma::exp(s.x * b);
    e.each_col() /= vec(1.0 + arma::sum(e, 1));
    information.zeros(2 * p, 2 * p);
    for (uword i = 0; i < n; ++i) {
      const vec q = e.row(i).t();
      information += arma::kron(mat(arma::diagmat(q) - q * q.t()), mat(s.x.row(i).t() * s.x.row(i)));
    }
    b += arma::reshape(arma::solve(information, arma::vectorise(s.x.t() * (t - e))), p, 2);
  }
  CHECK(arma::abs(fit.experts.tail_cols(2) - b).max() < 1e-7);
  CHECK(arma::all(fit.experts.col(0) == 0.0));
  CHECK(fit.sigma.empty());
  CHECK(arma::abs(fit.covariance * information - arma::eye(2 * p, 2 * p)).max() < 1e-6);
  CHECK(fit.parameter_table[3].expert == 0);
  CHECK(fit.parameter_table[3].outcome == 2);
  CHECK(fit.record.converged);
}

TEST_CASE("the truth is recovered and the fit beats it: some expert depends on x, or none does",
          "[multinomial][long]") {
  const bool constant = GENERATE(false, true);
  Classes s = simulate(8000, 2, 3, 2, 8);
  if (constant) {
    Random random(9, 0);
    s.truth.experts = mat{{0.0, 2.0, -1.0, 0.0, -1.0, 1.5}, {0, 0, 0, 0, 1, -1}, {0, 0, 0, 0, 0.5, 1}};
    for (uword i = 0; i < 8000; ++i) {
      const uword k = draw(s.x.row(i) * s.truth.gate, random);
      s.y(i) = draw(s.x.row(i) * s.truth.experts.cols(3 * k, 3 * k + 2), random);
    }
  }
  const Data data(s.x, s.y);
  Start start;
  static_cast<Coefficients&>(start) = s.truth;
  const Fit fit = expertmix::fit(data, mixture(3, 2), {}, start);
  CHECK(fit.record.converged);
  CHECK(fit.parameters.is_finite());
  CHECK(fit.log_likelihood > log_likelihood(data, fit.mixture, s.truth));
  CHECK(expertmix::fit(data, mixture(3, 2), quick()).log_likelihood > fit.log_likelihood - 1e-6);
  const vec error = arma::sqrt(fit.covariance.diag());
  for (uword k = 0; k < 2; ++k) {
    const mat own = fit.experts.cols(3 * k, 3 * k + 2);
    const mat difference = own - s.truth.experts.cols(3 * k, 3 * k + 2);
    CHECK(arma::abs(arma::vectorise(difference.tail_cols(2)) / error.subvec(3 + 6 * k, 8 + 6 * k)).max() < 4.5);
  }
}

TEST_CASE("an expert without slopes split in two with one gate slope has the same likelihood", "[multinomial]") {
  const Classes s = simulate(100, 1, 3, 2, 10);
  const vec p = {0.5, 0.3, 0.2}, p1 = {0.8, 0.1, 0.1}, p2 = (p - 0.4 * p1) / 0.6;
  Coefficients one = s.truth, two;
  one.experts.head_cols(3).zeros();
  one.experts(0, 1) = std::log(p(1) / p(0));
  one.experts(0, 2) = std::log(p(2) / p(0));
  two.gate = arma::join_rows(mat(one.gate.col(0)), one.gate);
  two.gate(0, 0) += std::log(0.4);
  two.gate(0, 1) += std::log(0.6);
  two.experts = arma::join_rows(mat(2, 3, arma::fill::zeros), one.experts);
  for (uword c = 1; c < 3; ++c) {
    two.experts(0, c) = std::log(p1(c) / p1(0));
    two.experts(0, 3 + c) = std::log(p2(c) / p2(0));
  }
  const Data data(s.x, s.y);
  CHECK(log_likelihood(data, mixture(3, 3), two) == Approx(log_likelihood(data, mixture(3, 2), one)).epsilon(1e-13));
}

TEST_CASE("the order of the classes does not matter", "[multinomial]") {
  const Classes s = simulate(800, 2, 3, 2, 11);
  mat turned = s.y;
  turned.transform([](double c) { return c == 2.0 ? 0.0 : c + 1.0; });
  const Fit a = expertmix::fit(Data(s.x, s.y), mixture(3, 2), quick()),
            b = expertmix::fit(Data(s.x, turned), mixture(3, 2), quick());
  CHECK(b.log_likelihood == Approx(a.log_likelihood).margin(1e-7).epsilon(0));
  const mat pa = predict(a, Data(s.x, s.y)), pb = predict(b, Data(s.x, s.y));
  CHECK(arma::approx_equal(mat(pb.cols(uvec{1, 2, 0})), pa, "absdiff", 1e-5));
}

TEST_CASE("weights count repeated rows, and a row of one count is a class", "[multinomial]") {
  const Classes s = simulate(300, 1, 3, 2, 12);
  vec weight(300, arma::fill::ones);
  weight.head(60).fill(3.0);
  const mat x = arma::join_cols(arma::repmat(s.x.head_rows(60), 3, 1), s.x.tail_rows(240));
  const mat y = arma::join_cols(arma::repmat(s.y.head_rows(60), 3, 1), s.y.tail_rows(240));
  Options options = quick();
  options.tolerance = 1e-13;
  const Fit weighted = expertmix::fit(Data(s.x, s.y).weights(weight), mixture(3, 2), options),
            repeated = expertmix::fit(Data(x, y), mixture(3, 2), options),
            counted = expertmix::fit(Data(x, indicators(y, 3)), mixture(3, 2, true), options);
  CHECK(weighted.log_likelihood == Approx(repeated.log_likelihood).margin(1e-7).epsilon(0));
  CHECK(arma::approx_equal(weighted.parameters, repeated.parameters, "absdiff", 3e-3));
  CHECK(counted.log_likelihood == Approx(repeated.log_likelihood).margin(1e-7).epsilon(0));
}

TEST_CASE("with one expert a row of counts is its units one by one, up to the coefficient", "[multinomial]") {
  const mat x = {{1, -1}, {1, 0}, {1, 2}}, counts = {{3, 1, 2}, {2, 2, 0}, {0, 1, 4}};
  mat rows, classes;
  double coefficient = 0.0;
  for (uword i = 0; i < 3; ++i) {
    coefficient += std::lgamma(arma::accu(counts.row(i)) + 1.0);
    for (uword c = 0; c < 3; ++c) {
      coefficient -= std::lgamma(counts(i, c) + 1.0);
      for (uword m = 0; m < counts(i, c); ++m)
        rows = arma::join_cols(rows, x.row(i)), classes = arma::join_cols(classes, mat{double(c)});
    }
  }
  const Fit grouped = expertmix::fit(Data(x, counts), mixture(3, 1, true)),
            single = expertmix::fit(Data(rows, classes), mixture(3, 1));
  CHECK(grouped.log_likelihood == Approx(single.log_likelihood + coefficient).epsilon(1e-10));
  CHECK(arma::approx_equal(grouped.experts, single.experts, "absdiff", 1e-6));
}

TEST_CASE("separated classes are named and bounded", "[multinomial]") {
  Random random(13, 0);
  mat x(200, 2, arma::fill::ones), y(200, 1);
  x.col(1).imbue([&] { return random.normal(); });
  for (uword i = 0; i < 200; ++i) y(i) = x(i, 1) > 1.0 ? 3.0 : static_cast<double>(random.index(3));
  const Fit fit = expertmix::fit(Data(x, y), mixture(4, 1));
  REQUIRE(fit.record.runaways.size() == 1);
  CHECK(fit.record.runaways[0].outcome == 3);
  CHECK(fit.record.objective == "log-likelihood with bounded experts");
  CHECK(fit.record.converged);
  CHECK(fit.parameters.is_finite());
  CHECK(arma::abs(fit.experts).max() < 1000.0);
  CHECK(fit.log_likelihood > fit.record.optima[0].value);

  y = arma::clamp(y, 0.0, 2.0);  // class 3 never occurs: its intercept goes to minus infinity
  const Fit absent = expertmix::fit(Data(x, y), mixture(4, 1));
  REQUIRE(absent.record.runaways.size() == 1);
  CHECK(absent.record.runaways[0].outcome == 3);
  CHECK(absent.parameters.is_finite());
  CHECK(predict(absent, Data(x, y)).col(3).max() < 1e-5);
}

TEST_CASE("a climb from far beyond reason comes back", "[multinomial]") {
  const Classes s = simulate(500, 2, 3, 1, 14, 1.0);
  const Data data(s.x, s.y);
  const double best = expertmix::fit(data, mixture(3, 1)).log_likelihood;
  Start wild;
  static_cast<Coefficients&>(wild) = s.truth;
  wild.experts *= -60.0;
  const Fit fit = expertmix::fit(data, mixture(3, 1), {}, wild);
  CHECK(fit.record.converged);
  CHECK(fit.log_likelihood == Approx(best).margin(1e-7).epsilon(0));
}

TEST_CASE("more experts and classes than the data can bear still give finite estimates", "[multinomial][long]") {
  const Classes s = simulate(40, 2, 4, 2, 15);
  for (uword experts : {3, 8}) {
    const Fit fit = expertmix::fit(Data(s.x, s.y), mixture(4, experts), quick());
    CHECK(fit.parameters.is_finite());
    CHECK(std::isfinite(fit.log_likelihood));
    CHECK(predict(fit, Data(s.x, s.y)).is_finite());
  }
}

TEST_CASE("the same bits for any number of threads", "[multinomial]") {
  const Classes s = simulate(600, 2, 3, 2, 16);
  Context two;
  two.threads = 2;
  const Fit a = expertmix::fit(Data(s.x, s.y), mixture(3, 2), quick()),
            b = expertmix::fit(Data(s.x, s.y), mixture(3, 2), quick(), {}, two);
  CHECK(arma::approx_equal(a.parameters, b.parameters, "absdiff", 0.0));
  CHECK(a.log_likelihood == b.log_likelihood);
}

TEST_CASE("responses that are no classes or counts are named", "[multinomial]") {
  const Classes s = simulate(30, 1, 3, 2, 17);
  const auto argument = [](const Data& data, const Mixture& model) -> std::string {
    try {
      expertmix::fit(data, model);
    } catch (const invalid_argument& failure) {
      return failure.argument;
    }
    return "";
  };
  mat y = s.y;
  y(4) = 3.0;
  CHECK(argument(Data(s.x, y), mixture(3, 2)) == "y");
  y(4) = 0.5;
  CHECK(argument(Data(s.x, y), mixture(3, 2)) == "y");
  CHECK(argument(Data(s.x, y), mixture(3, 2, true)) == "y");
  CHECK(argument(Data(s.x, mat(30, 3, arma::fill::value(-1.0))), mixture(3, 2, true)) == "y");
  const vec offset(30, arma::fill::ones);
  CHECK(argument(Data(s.x, s.y).offset(offset), mixture(3, 2)) == "offset");
  CHECK(argument(Data(s.x, s.y), mixture(1002, 1)) == "experts");
  CHECK_THROWS_AS(mixture(1, 2), invalid_argument);
}

TEST_CASE("many classes, separated in part: few passes to a certified maximum near the climb's", "[multinomial]") {
  const Classes s = simulate(1500, 2, 20, 2, 7);
  const Data data(s.x, s.y);
  Start start;
  static_cast<Coefficients&>(start) = s.truth;
  const Fit fit = expertmix::fit(data, mixture(20, 2), {}, start);
  CHECK(fit.record.objective == "log-likelihood with bounded experts");
  CHECK_FALSE(fit.record.runaways.empty());
  CHECK(fit.record.status == "converged");
  CHECK(fit.record.certificate.maximum);
  CHECK(fit.record.certificate.decrement < 1e-8);
  CHECK(fit.record.passes < 200);
  CHECK(fit.log_likelihood > log_likelihood(data, mixture(20, 2), s.truth));
}
