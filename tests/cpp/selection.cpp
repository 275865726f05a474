#include "catch.hpp"
#include "expertmix/expertmix.hpp"
#include "expertmix/mixture/registry.hpp"
#include "simulated.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

struct Case {
  Case() : s(simulate(150, 5, 2, 4)), mixture(gates().at("softmax"), families().at("gaussian"), 2) {
    options.count = 8;
    options.starts = 2;
  }
  Data data() const { return Data(s.x, s.y); }

  Simulated s;
  Mixture mixture;
  PathOptions options;
  Lasso lasso;
};

/// A path of fits with given log-likelihoods and slopes.
LassoPath made(const std::vector<double>& values, const std::vector<double>& slopes) {
  LassoPath out(Case().mixture);
  out.weight = 100.0;
  out.slopes = 20.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    LassoFit fit;
    fit.log_likelihood = values[i];
    fit.slopes = slopes[i];
    fit.degrees = slopes[i] + 5.0;
    out.fits.push_back(fit);
  }
  return out;
}

}  // namespace

TEST_CASE("criteria of a path are their formulas, and faulty fits are passed over", "[selection]") {
  LassoPath path = made({-200.0, -180.0, -150.0, -149.0}, {0.0, 2.0, 4.0, 10.0});
  const PathCriteria of = path_criteria(path);
  CHECK(of.bic(1) == Approx(360.0 + 7.0 * std::log(100.0)));
  CHECK(of.ebic(1) == Approx(of.bic(1) + 2.0 * std::log(190.0)));
  CHECK(of.mbic(1) == Approx(360.0 + 2.0 * std::log(100.0)));
  CHECK(path_criteria(path, 0.0).ebic(3) == Approx(of.bic(3)));
  CHECK(select_fit(path) == 2);
  CHECK(select_fit(path, Criterion::mbic) == 2);
  path.fits[2].spikes = {1};
  CHECK(select_fit(path, Criterion::bic) == 3);
  path.fits[3].guarded = true;
  CHECK(select_fit(path) == 1);
  path.refits.resize(4);
  path.refits[3] = path.fits[3];
  CHECK(select_fit(path) == 3);
  path.refits[0] = path.fits[0];
  CHECK(select_fit(path) == 0);
  CHECK_THROWS_AS(path_criteria(path, 2.0), invalid_argument);
  CHECK_THROWS_AS(select_fit(made({}, {})), invalid_argument);
}

TEST_CASE("folds have sizes that differ by one, and are a function of their seed", "[selection]") {
  const uvec folds = folds_of_rows(103, 10, 7);
  const uvec sizes = arma::hist(folds, arma::regspace<uvec>(0, 9));
  CHECK(sizes.min() == 10);
  CHECK(sizes.max() == 11);
  CHECK(arma::all(folds == folds_of_rows(103, 10, 7)));
  CHECK_FALSE(arma::all(folds == folds_of_rows(103, 10, 8)));
  CHECK_THROWS_AS(folds_of_rows(5, 6, 1), invalid_argument);
  CHECK_THROWS_AS(folds_of_rows(5, 1, 1), invalid_argument);
}

TEST_CASE("a fold's losses are those of a path of the other rows", "[selection]") {
  const Case rows;
  const LassoPath path = lasso_path(rows.data(), rows.mixture, rows.lasso, rows.options);
  const uvec folds = folds_of_rows(150, 3, 1);
  const vec losses = fold_losses(rows.data(), rows.mixture, rows.lasso, path, folds, 1, rows.options);
  const uvec kept = arma::find(folds != 1), left = arma::find(folds == 1);
  const mat x = rows.s.x.rows(kept), x_left = rows.s.x.rows(left);
  const vec y = rows.s.y(kept), y_left = rows.s.y(left);
  Lasso lasso;
  lasso.experts = 1.0 / path.response_scale;
  lasso.response_unit = true;
  PathOptions options = rows.options;
  options.lambda.set_size(path.fits.size());
  for (uword i = 0; i < options.lambda.n_elem; ++i) options.lambda(i) = path.fits[i].lambda;
  Start start;
  static_cast<Coefficients&>(start) = path.fits[select_fit(path)];
  const LassoPath own = lasso_path(Data(x, y), rows.mixture, lasso, options, start);
  for (const LassoFit& fit : own.fits) {
    const uword i = arma::index_min(arma::abs(options.lambda - fit.lambda));
    CHECK(losses(i) == Approx(-arma::mean(log_density(Data(x_left, y_left), own.mixture, fit))).epsilon(1e-10));
  }
  CHECK(arma::find_finite(losses).eval().n_elem == own.fits.size());
}

TEST_CASE("a cross-validation is a mean over its folds", "[selection]") {
  const Case rows;
  const LassoPath path = lasso_path(rows.data(), rows.mixture, rows.lasso, rows.options);
  const CrossValidation found = cross_validate(rows.data(), rows.mixture, rows.lasso, path, 3, 1, rows.options);
  CHECK(found.losses.n_cols == 3);
  CHECK(found.loss(0) == Approx(arma::mean(found.losses.row(0))));
  CHECK(found.error(0) == Approx(arma::stddev(found.losses.row(0)) / std::sqrt(3.0)));
  CHECK(found.loss(found.best) == arma::min(vec(found.loss(arma::find_finite(found.loss)))));
  CHECK(found.simple <= found.best);
  CHECK(found.loss(found.simple) <= found.loss(found.best) + found.error(found.best));
  const uvec folds = folds_of_rows(150, 3, 1);
  CHECK_THROWS_AS(cross_validation(rows.data(), path, folds, mat(2, 3)), invalid_argument);
  mat none(path.fits.size(), 3);
  none.fill(arma::datum::nan);
  CHECK_THROWS_AS(cross_validation(rows.data(), path, folds, none), invalid_argument);
}

TEST_CASE("a column that is constant without a fold has no slope there", "[selection]") {
  Case rows;
  const uvec folds = folds_of_rows(150, 3, 1);
  rows.s.x.col(5).zeros();
  for (uword i : arma::find(folds == 2).eval()) rows.s.x(i, 5) = rows.s.y(i);
  const LassoPath path = lasso_path(rows.data(), rows.mixture, rows.lasso, rows.options);
  CHECK(fold_losses(rows.data(), rows.mixture, rows.lasso, path, folds, 2, rows.options).is_finite());
  CHECK_THROWS_AS(fold_losses(rows.data(), rows.mixture, rows.lasso, path, folds, 3, rows.options), invalid_argument);
}
