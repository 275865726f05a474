#include <expertmix/families/multinomial.hpp>
#include <expertmix/path.hpp>

#include "catch.hpp"
#include "sparse_design.hpp"

using namespace expertmix;

namespace {

/// Penalised objective over n at coefficients on the user's scale, columns standardised, by the prediction code alone.
double objective(const Data& data, const Mixture& mixture, const Coefficients& at, double experts, double gate) {
  const double n = static_cast<double>(data.rows());
  const arma::rowvec scale = arma::stddev(data.x(), 1, 0);
  const arma::colvec sizes = scale.t();
  return arma::accu(log_density(data, mixture, at)) / n - gate * arma::accu(arma::abs(at.gate.each_col() % sizes)) -
         experts * arma::accu(arma::abs(at.experts.each_col() % sizes));
}

}  // namespace

TEST_CASE("a penalised fit is no worse than its neighbours, by an objective computed another way") {
  const SparseDesign design(300, 6, 1);
  const Data data(design.x, design.y);
  Lasso lasso;
  lasso.experts = 0.02;
  lasso.gate = 0.03;
  lasso.response_unit = true;
  PathOptions options;
  options.lambda = {1.0};
  const LassoPath path = lasso_path(data, gaussian_mixture(2), lasso, options);
  REQUIRE(path.fits.size() == 1);
  const LassoFit& fit = path.fits[0];
  CHECK(fit.converged);
  CHECK(fit.violation < 1e-6);
  const double best = objective(data, path.mixture, fit, 0.02, 0.03);
  CHECK(best == Approx(fit.objective).epsilon(1e-10));
  Random random(2, 0);
  for (int trial = 0; trial < 200; ++trial) {
    Coefficients near = fit;
    for (double& value : near.gate) value += random.uniform() < 0.3 ? 1e-4 * random.normal() : 0.0;
    for (double& value : near.experts) value += random.uniform() < 0.3 ? 1e-4 * random.normal() : 0.0;
    for (double& value : near.sigma) value *= std::exp(1e-4 * random.normal());
    CHECK(objective(data, path.mixture, near, 0.02, 0.03) < best);
  }
}

TEST_CASE("every fit of a path meets the optimality conditions, and slopes come in as the penalty falls",
          "[lasso][long]") {
  const SparseDesign design(300, 60, 3);
  for (const bool common : {false, true})
    for (const bool reference : {false, true}) {
      Lasso lasso;
      if (reference) lasso.reference = {1};
      PathOptions options;
      options.count = 25;
      options.ratio = 0.25;
      const LassoPath path = lasso_path(Data(design.x, design.y), gaussian_mixture(2, common), lasso, options);
      REQUIRE(path.fits.size() > 15);
      for (const LassoFit& fit : path.fits) {
        CHECK(fit.violation < 1e-6);
        CHECK(fit.experts.is_finite());
        if (reference) CHECK(arma::accu(arma::abs(fit.gate.col(1))) == 0.0);
        if (!reference) CHECK(arma::all(arma::min(arma::abs(fit.gate), 1) == 0.0));
        CHECK(fit.slopes == arma::accu(fit.gate.rows(1, 60) != 0.0) + arma::accu(fit.experts.rows(1, 60) != 0.0));
        CHECK(fit.degrees == fit.slopes + 3.0 + (common ? 1.0 : 2.0));
      }
      CHECK(path.slopes == 3.0 * 60.0);
      CHECK(path.fits[0].degrees <= path.fits.back().degrees);
    }
}

TEST_CASE("above the largest lambda all slopes are zero, and just below one is not") {
  const SparseDesign design(200, 10, 4);
  PathOptions options;
  options.count = 2;
  options.ratio = 0.9;
  const LassoPath path = lasso_path(Data(design.x, design.y), gaussian_mixture(1), {}, options);
  REQUIRE(path.fits.size() == 2);
  CHECK(arma::accu(path.fits[0].experts.rows(1, 10) != 0.0) == 0);
  CHECK(arma::accu(path.fits[1].experts.rows(1, 10) != 0.0) >= 1);
  CHECK(path.fits[0].lambda == Approx(path.largest_lambda));
}

TEST_CASE("a path of several experts begins where all slopes are zero, though another maximum may outlive theirs",
          "[lasso][long]") {
  uword outlived = 0;
  for (std::uint64_t seed : {3, 5, 12})
    for (uword experts : {2, 3}) {
      const SparseDesign design(200, 40, seed);
      const Data data(design.x, design.y);
      PathOptions options;
      options.ratio = 0.3;
      const LassoPath path = lasso_path(data, gaussian_mixture(experts), {}, options);
      CHECK(path.fits[0].slopes == 0.0);
      CHECK(path.fits[0].lambda == Approx(path.largest_lambda));
      options.lambda = {0.99 * path.largest_lambda};
      Start start;
      static_cast<Coefficients&>(start) = path.fits[0];
      outlived += lasso_path(data, gaussian_mixture(experts), {}, options, start).fits[0].slopes == 0.0;
    }
  CHECK(outlived > 0);
}

TEST_CASE("where a path ends early its lambdas are spread over what there is of it, unless the user says how far") {
  const SparseDesign design(80, 120, 8);
  const Data data(design.x, design.y);
  PathOptions options;
  options.count = 20;
  const LassoPath spread = lasso_path(data, gaussian_mixture(2), {}, options);
  options.ratio = 0.05;
  const LassoPath given = lasso_path(data, gaussian_mixture(2), {}, options);
  CHECK(spread.status == "an expert's variance collapses");
  CHECK(given.status == spread.status);
  REQUIRE(spread.fits.size() == 20);
  REQUIRE(given.fits.size() < 20);
  CHECK(spread.fits.back().lambda == Approx(given.fits.back().lambda).epsilon(0.2));
  const double step = spread.fits[1].lambda / spread.fits[0].lambda;
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(spread.fits[i].violation < 1e-6);
    CHECK_FALSE(spread.fits[i].guarded);
    if (i > 0) CHECK(spread.fits[i].lambda / spread.fits[i - 1].lambda == Approx(step));
  }
}

TEST_CASE("a sparse design gives the fits of the same design made dense") {
  SparseDesign design(260, 30, 5);
  design.x.tail_cols(design.x.n_cols - 1).transform([](double value) { return std::abs(value) < 1.0 ? 0.0 : value; });
  const arma::sp_mat sparse(design.x);
  PathOptions options;
  options.count = 8;
  options.ratio = 0.2;
  const Data data(design.x, design.y);
  for (const bool activated : {false, true}) {
    GateChoices choices;
    if (activated) choices.activation = activation_named("tanh");
    const Mixture mixture(std::make_shared<SoftmaxGate>(choices), std::make_shared<GaussianExperts>(), 2);
    const LassoPath dense = lasso_path(data, mixture, {}, options);
    const LassoPath thin = lasso_path(SparseData(sparse, design.y), mixture, {}, options);
    REQUIRE(dense.fits.size() == thin.fits.size());
    for (std::size_t i = 0; i < dense.fits.size(); ++i) {
      CHECK(thin.fits[i].violation < 1e-6);
      CHECK(dense.fits[i].objective == Approx(thin.fits[i].objective).epsilon(1e-8));
    }
  }
}

TEST_CASE("the path does not depend on the units of response and covariates") {
  const SparseDesign design(250, 8, 6);
  mat x = design.x;
  x.col(3) = 100.0 * x.col(3) + 7.0;
  const mat y = 1000.0 * design.y + 5.0;
  PathOptions options;
  options.count = 10;
  options.ratio = 0.1;
  Start start;
  start.responsibilities = design.responsibilities;
  const LassoPath plain = lasso_path(Data(design.x, design.y), gaussian_mixture(2), {}, options, start);
  const LassoPath other = lasso_path(Data(x, y), gaussian_mixture(2), {}, options, start);
  REQUIRE(plain.fits.size() == other.fits.size());
  for (std::size_t i = 0; i < plain.fits.size(); ++i) {
    CHECK(plain.fits[i].lambda == Approx(other.fits[i].lambda).epsilon(1e-6));
    CHECK(arma::approx_equal(1000.0 * plain.fits[i].experts.row(2), other.fits[i].experts.row(2), "absdiff", 1e-2));
    CHECK(arma::approx_equal(10.0 * plain.fits[i].experts.row(3), other.fits[i].experts.row(3), "absdiff", 1e-2));
  }
}

TEST_CASE("symmetric experts of a categorical response: certificate, gauge and order of the classes") {
  Random random(7, 0);
  mat x(300, 9, arma::fill::ones), y(300, 1), reversed(300, 1);
  for (uword i = 0; i < 300; ++i) {
    for (uword j = 1; j < 9; ++j) x(i, j) = random.normal();
    const double u = x(i, 1) > 0.0 ? 2.0 * x(i, 2) : -2.0 * x(i, 3);
    const vec score{0.0, u, -u + x(i, 4)};
    uword c = 0;
    double top = -arma::datum::inf;
    for (uword k = 0; k < 3; ++k) {
      const double value = score(k) - std::log(-std::log(random.uniform()));
      if (value > top) {
        top = value;
        c = k;
      }
    }
    y(i) = static_cast<double>(c);
    reversed(i) = static_cast<double>(2 - c);
  }
  const Mixture mixture(std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(3), 2);
  PathOptions options;
  options.count = 12;
  options.ratio = 0.1;
  const LassoPath one = lasso_path(Data(x, y), mixture, {}, options),
                  other = lasso_path(Data(x, reversed), mixture, {}, options);
  REQUIRE(one.fits.size() == other.fits.size());
  for (std::size_t i = 0; i < one.fits.size(); ++i) {
    CHECK(one.fits[i].violation < 1e-6);
    CHECK(one.fits[i].experts(0, 0) == 0.0);
    for (uword j = 1; j < 9; ++j) CHECK(arma::abs(one.fits[i].experts.row(j).head(3)).min() == 0.0);
    CHECK(one.fits[i].objective == Approx(other.fits[i].objective).epsilon(1e-6));
  }
}

TEST_CASE("a refit keeps the zeros and has no penalty") {
  const SparseDesign design(300, 20, 8);
  const Data data(design.x, design.y);
  PathOptions options;
  options.count = 20;
  options.ratio = 0.1;
  const LassoPath path = lasso_path(data, gaussian_mixture(2), {}, options);
  const LassoFit& fit = path.fits[path.fits.size() / 2];
  Start start;
  static_cast<Coefficients&>(start) = fit;
  Lasso refit;
  refit.refit = true;
  const LassoFit again = lasso_path(data, gaussian_mixture(2), refit, options, start).fits[0];
  CHECK(again.violation < 1e-6);
  CHECK(again.log_likelihood > fit.log_likelihood);
  for (uword j = 1; j <= 20; ++j)
    for (uword k = 0; k < 2; ++k)
      if (fit.experts(j, k) == 0.0) CHECK(again.experts(j, k) == 0.0);
}

TEST_CASE("what a penalised fit cannot use is named") {
  const SparseDesign design(50, 6, 9);
  const Data data(design.x, design.y);
  PathOptions options;
  const auto fails = [&](const Mixture& mixture, const Lasso& lasso, const PathOptions& settings) {
    CHECK_THROWS_AS(lasso_path(data, mixture, lasso, settings), invalid_argument);
  };
  PathOptions rising = options, negative = options;
  rising.lambda = {0.1, 0.2}, negative.lambda = {-0.1};
  fails(gaussian_mixture(2), {}, rising), fails(gaussian_mixture(2), {}, negative);
  Lasso factors;
  factors.expert_factors = {1.0};
  fails(gaussian_mixture(2), factors, options);
  GateChoices top, tempered;
  top.top_k = 1;
  tempered.activation = activation_named("tanh");
  tempered.estimate_temperature = true;
  for (const GateChoices& choices : {top, tempered})
    fails(Mixture(std::make_shared<SoftmaxGate>(choices), std::make_shared<GaussianExperts>(), 2), {}, options);
  mat constant = design.x;
  constant.col(2).fill(3.0);
  CHECK_THROWS_AS(lasso_path(Data(constant, design.y), gaussian_mixture(2)), invalid_argument);
}

TEST_CASE("a scaled penalty is times sigma in another unit of the response, and refits keep the support") {
  const SparseDesign design(300, 20, 5);
  Lasso lasso;
  lasso.scaled = true;
  lasso.gate = 0.5;
  PathOptions options;
  options.count = 12;
  options.refit = true;
  const LassoPath one = lasso_path(Data(design.x, design.y), gaussian_mixture(2), lasso, options);
  const vec large = 1e6 * design.y;
  const LassoPath many = lasso_path(Data(design.x, large), gaussian_mixture(2), lasso, options);
  REQUIRE(many.fits.size() == one.fits.size());
  for (std::size_t i = 0; i < one.fits.size(); ++i) {
    const LassoFit &a = one.fits[i], &b = many.fits[i];
    CHECK(a.violation < 1e-6);
    CHECK(b.lambda == Approx(a.lambda));
    CHECK(arma::approx_equal(b.experts / 1e6, a.experts, "both", 1e-6, 1e-6));
    CHECK(arma::approx_equal(b.gate, a.gate, "both", 1e-5, 1e-5));
    REQUIRE(one.refits[i].has_value());
    CHECK(one.refits[i]->log_likelihood >= a.log_likelihood - 1e-8);
    CHECK(arma::accu((one.refits[i]->experts != 0.0) != (a.experts != 0.0)) == 0);
  }
}

TEST_CASE("slopes of infinite factor are left out, by expert's label, and families without a scale are refused") {
  const SparseDesign design(300, 6, 6);
  const Data data(design.x, design.y);
  Lasso lasso;
  lasso.scaled = true;
  lasso.expert_factors = mat(7, 2, arma::fill::ones);
  lasso.expert_factors(2, 0) = lasso.expert_factors(3, 1) = arma::datum::inf;
  PathOptions options;
  options.count = 8;
  for (const LassoFit& fit : lasso_path(data, gaussian_mixture(2), lasso, options).fits) {
    CHECK(fit.violation < 1e-6);
    CHECK(fit.experts(2, 0) == 0.0);
    CHECK(fit.experts(3, 1) == 0.0);
  }
  const vec classes = arma::conv_to<vec>::from(design.y > 0.0);
  const Mixture categorical(std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(2), 2);
  CHECK_THROWS_AS(lasso_path(Data(design.x, classes), categorical, lasso, options), invalid_argument);
}
