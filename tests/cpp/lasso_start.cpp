#include <expertmix/families/multinomial.hpp>

#include "catch.hpp"
#include "sparse_design.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

Start start_at(const LassoFit& fit, const uvec& order) {
  Start start;
  start.gate = fit.gate.cols(order);
  start.experts = fit.experts.cols(order);
  start.sigma = fit.sigma(order);
  return start;
}

LassoPath path_of(const SparseDesign& design, uword experts, const Lasso& lasso, const vec& lambda,
                  const Start& start = {}, int threads = 1) {
  PathOptions options;
  options.lambda = lambda;
  options.count = 15;
  options.ratio = 0.2;
  Context context;
  context.threads = threads;
  return lasso_path(Data(design.x, design.y), gaussian_mixture(experts), lasso, options, start, context);
}

}  // namespace

TEST_CASE("from a start and at one penalty a fit stays beside the start, with its labels") {
  const SparseDesign design(300, 12, 3);
  const LassoPath path = path_of(design, 3, {}, {});
  for (std::size_t i : {std::size_t{4}, std::size_t{9}}) {
    const LassoFit& fit = path.fits[i];
    for (const uvec& order : {uvec{0, 1, 2}, uvec{2, 0, 1}}) {
      const LassoPath again = path_of(design, 3, {}, {fit.lambda}, start_at(fit, order));
      CHECK(again.starts == 0);
      CHECK(again.fits[0].began == "start");
      CHECK(again.fits[0].objective == Approx(fit.objective).epsilon(1e-10));
      CHECK(arma::approx_equal(again.fits[0].experts, mat(fit.experts.cols(order)), "absdiff", 1e-4));
    }
  }
}

TEST_CASE("the expert without a gate is the same in a start, a fit from it and a refit") {
  const SparseDesign design(400, 12, 5);
  Lasso lasso;
  lasso.reference = {2};
  const LassoPath path = path_of(design, 3, lasso, {});
  const LassoFit& fit = path.fits[7];
  const uvec same{0, 1, 2};
  const LassoFit again = path_of(design, 3, lasso, {fit.lambda}, start_at(fit, same)).fits[0];
  CHECK(arma::accu(again.gate.col(2) != 0.0) == 0);
  CHECK(again.objective == Approx(fit.objective).epsilon(1e-10));
  CHECK(arma::approx_equal(again.gate, fit.gate, "absdiff", 1e-4));
  lasso.refit = true;
  const LassoFit refit = path_of(design, 3, lasso, {}, start_at(fit, same)).fits[0];
  CHECK(arma::accu(refit.gate != 0.0) == arma::accu(fit.gate != 0.0));
  CHECK(arma::accu((refit.gate != 0.0) != (fit.gate != 0.0)) == 0);
  CHECK(refit.log_likelihood > fit.log_likelihood);
}

TEST_CASE("labels of experts do not change along a path in reference form") {
  const SparseDesign design(400, 12, 5);
  Lasso lasso;
  lasso.reference = {1};
  const LassoPath path = path_of(design, 3, lasso, {});
  for (std::size_t i = 1; i < path.fits.size(); ++i) {
    const mat &now = path.fits[i].experts, &before = path.fits[i - 1].experts;
    const auto between = [&](uword to, uword from) { return arma::norm(now.col(to) - before.col(from)); };
    // Of the two whose labels are free the nearest pair keeps its label, at a jump to another maximum, too
    CHECK(std::min(between(0, 0), between(2, 2)) <= std::min(between(0, 2), between(2, 0)) + 1e-12);
  }
}

TEST_CASE("a path is the same bits for any number of threads", "[lasso][long]") {
  const SparseDesign design(20000, 30, 6);
  const LassoPath one = path_of(design, 2, {}, {0.1, 0.05}), two = path_of(design, 2, {}, {0.1, 0.05}, {}, 2);
  for (std::size_t i = 0; i < one.fits.size(); ++i) {
    CHECK(one.fits[i].objective == two.fits[i].objective);
    CHECK(arma::all(arma::vectorise(one.fits[i].experts == two.fits[i].experts)));
  }
}

TEST_CASE("a start of another shape is named") {
  const SparseDesign design(60, 6, 9);
  Start few, many, nameless;
  few.responsibilities = mat(59, 2, arma::fill::value(0.5));
  many.gate = mat(7, 3, arma::fill::zeros), many.experts = mat(7, 3, arma::fill::zeros), many.sigma = {1, 1, 1};
  nameless.gate = nameless.experts = mat(7, 2, arma::fill::zeros);
  for (const Start& start : {few, many, nameless})
    CHECK_THROWS_AS(path_of(design, 2, {}, {0.1}, start), invalid_argument);
}

TEST_CASE("one standard deviation is enough in a start of experts that share it") {
  const SparseDesign design(120, 6, 9);
  const Data data(design.x, design.y);
  Start start;
  start.gate = start.experts = mat(7, 2, arma::fill::zeros);
  start.experts(2, 0) = 1.5, start.experts(5, 1) = 2.0, start.sigma = {1.0};
  CHECK(fit(data, gaussian_mixture(2, true), {}, start).record.starts == 1);
  PathOptions options;
  options.lambda = {0.05};
  CHECK(lasso_path(data, gaussian_mixture(2, true), {}, options, start).fits[0].violation < 1e-6);
}

TEST_CASE("coefficients of classes alike are the same density in the form with a reference") {
  const Mixture mixture(std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(3), 2);
  Random random(4, 0);
  mat x(40, 3, arma::fill::ones), y(40, 1);
  for (uword i = 0; i < 40; ++i) x(i, 1) = random.normal(), x(i, 2) = random.normal(), y(i) = i % 3;
  const Data data(x, y);
  Coefficients alike;
  alike.gate = arma::join_rows(mat(3, 1, arma::fill::zeros), vec{0.3, -1.0, 0.5});
  alike.experts = mat(3, 6);
  for (double& value : alike.experts) value = random.normal();
  Mixture symmetric = mixture;
  symmetric.family = mixture.family->without_reference();
  Columns columns;
  columns.count = 3, columns.gate = columns.experts = {0, 1, 2};
  const Layout layout = mixture.layout(columns);
  const KeptColumns all = KeptColumns::all(3, 3);
  const Coefficients referred = coefficients_of(layout, all, 3, 3, parameters_of(layout, all, alike));
  CHECK(
      arma::approx_equal(log_density(data, symmetric, alike), log_density(data, mixture, referred), "absdiff", 1e-12));
}
