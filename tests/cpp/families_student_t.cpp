#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/families/gaussian.hpp>
#include <expertmix/families/student_t.hpp>

#include "expertmix/mixture/registry.hpp"

using namespace expertmix;

namespace {

Mixture student_t(uword experts, double degrees_of_freedom = 0.0, bool common = false) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<StudentTExperts>(degrees_of_freedom, common), experts};
}

double slow_log_density(double y, double location, double sigma, double nu) {
  const double z = (y - location) / sigma;
  return std::lgamma(0.5 * (nu + 1.0)) - std::lgamma(0.5 * nu) - 0.5 * std::log(nu * arma::datum::pi) -
         std::log(sigma) - 0.5 * (nu + 1.0) * std::log1p(z * z / nu);
}

Coefficients truth() {
  Coefficients out{mat{{0.0, 0.2}, {0.0, 1.5}}, mat{{2.0, -2.0}, {1.0, -0.5}}, vec{0.4, 0.7}};
  out.scalars = vec{3.0, 6.0};
  return out;
}

mat covariates(uword n) {
  Random random(4, 0);
  mat x(n, 2, arma::fill::ones);
  x.col(1).imbue([&] { return 4.0 * random.uniform() - 2.0; });
  return x;
}

}  // namespace

TEST_CASE("its density is the formula, far out as well", "[student_t]") {
  const mat x(7, 1, arma::fill::ones), y = mat{-1e200, -1e80, -4.0, 0.5, 0.6, 9.0, 1e9}.t();
  for (double nu : {0.5, 1.0, 3.7, 40.0, 999.0}) {
    Coefficients at{mat(1, 1, arma::fill::zeros), mat(1, 1, arma::fill::value(0.5)), vec{2.0}};
    at.scalars = mat(1, 1, arma::fill::value(nu));
    const vec found = log_density(Data(x, y), student_t(1), at);
    for (uword i = 1; i < y.n_elem; ++i) CHECK(found(i) == Approx(slow_log_density(y(i), 0.5, 2.0, nu)).epsilon(1e-12));
    CHECK(std::isfinite(found(0)));
    const vec below = distribution(Data(x, y), student_t(1), at), above = survival(Data(x, y), student_t(1), at);
    CHECK(arma::abs(below + above - 1.0).max() < 1e-14);
    CHECK(below(3) == Approx(0.5));
  }
}

TEST_CASE("with a million degrees of freedom it is Gaussian", "[student_t]") {
  const mat x = covariates(500);
  const Draws rows = draw(Data(x), student_t(2), truth(), 7);
  Coefficients at = truth();
  at.scalars.reset();
  const Mixture gaussian{std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), 2};
  const mat y = arma::clamp(rows.y, -4.0, 4.0);
  const vec own = log_density(Data(x, y), student_t(2, 1e6), at), normal = log_density(Data(x, y), gaussian, at);
  CHECK(arma::accu(own) == Approx(arma::accu(normal)).epsilon(1e-5));
  const Fit found = fit(Data(x, y), student_t(2, 1e6)), like = fit(Data(x, y), gaussian);
  CHECK(found.log_likelihood == Approx(like.log_likelihood).epsilon(1e-6));
}

TEST_CASE("a mixture of Student-t regressions is recovered", "[student_t]") {
  const uword n = 4000;
  const mat x = covariates(n);
  const Draws rows = draw(Data(x), student_t(2), truth(), 5);
  const Fit found = fit(Data(x, rows.y), student_t(2));
  CHECK(found.record.converged);
  CHECK(found.log_likelihood > arma::accu(log_density(Data(x, rows.y), student_t(2), truth())));
  const uword first = found.experts(0, 0) > 0.0 ? 0 : 1;
  CHECK(found.experts(0, first) == Approx(2.0).margin(0.1));
  CHECK(found.experts(1, 1 - first) == Approx(-0.5).margin(0.1));
  CHECK(found.sigma(first) == Approx(0.4).epsilon(0.15));
  CHECK(found.scalars(first) == Approx(3.0).epsilon(0.4));
  CHECK(found.scalars(1 - first) == Approx(6.0).epsilon(0.5));
  const Fit common = fit(Data(x, rows.y), student_t(2, 0.0, true));
  CHECK(common.sigma(0) == common.sigma(1));
  CHECK(common.log_likelihood < found.log_likelihood);
}

TEST_CASE("degrees of freedom at their upper bound are named", "[student_t]") {
  const uword n = 400;
  mat x(n, 2, arma::fill::ones), y(n, 1);
  for (uword i = 0; i < n; ++i) {
    x(i, 1) = static_cast<double>((7 * i) % n) / n;
    y(i) = 2.0 * i / n - 1.0;
  }
  const Fit found = fit(Data(x, y), student_t(1));
  REQUIRE(found.record.scalars.size() == 1);
  CHECK(found.record.scalars[0].scalar == 1);
  CHECK(found.record.scalars[0].upper);
  CHECK(found.scalars(0) == Approx(1e3));
  CHECK(found.covariance.is_finite());
  CHECK(found.estimable.back() == false);
}

TEST_CASE("degrees of freedom are positive and finite", "[student_t]") {
  CHECK_THROWS_AS(StudentTExperts(-1.0), invalid_argument);
  CHECK_THROWS_AS(StudentTExperts(arma::datum::inf), invalid_argument);
  CHECK_THROWS_AS(StudentTExperts(arma::datum::nan), invalid_argument);
}
