#include "catch.hpp"

#include <expertmix/families/multinomial.hpp>
#include <expertmix/fit.hpp>
#include <expertmix/theory/distance.hpp>
#include <expertmix/theory/rbar.hpp>
#include <expertmix/theory/rbar_system.hpp>

using namespace expertmix;

namespace {

Mixture gaussian(uword experts) {
  return Mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), experts);
}

/// One expert N(mean, sigma^2), whatever x is.
Coefficients normal(double mean, double sigma) {
  return {mat(1, 1, arma::fill::zeros), mat(1, 1).fill(mean), vec{sigma}, 1.0, 0};
}

}  // namespace

TEST_CASE("distances of two normal distributions are the closed forms", "[theory]") {
  const mat one(3, 1, arma::fill::ones);
  const Divergence d = divergence({one, one, gaussian(1), normal(0.0, 1.0)}, {one, one, gaussian(1), normal(1.0, 2.0)});
  const double overlap = std::sqrt(2.0 * 2.0 / 5.0) * std::exp(-0.25 / 5.0);
  CHECK(d.hellinger == Approx(std::sqrt(1.0 - overlap)).epsilon(1e-8));
  CHECK(d.kullback_leibler == Approx(std::log(2.0) + (1.0 + 1.0) / 8.0 - 0.5).epsilon(1e-8));
  const Divergence shift =
      divergence({one, one, gaussian(1), normal(0.0, 1.0)}, {one, one, gaussian(1), normal(1.0, 1.0)});
  CHECK(shift.total_variation == Approx(std::erf(0.5 / std::sqrt(2.0))).epsilon(1e-7));
  const Divergence none =
      divergence({one, one, gaussian(1), normal(0.0, 1.0)}, {one, one, gaussian(1), normal(0.0, 1.0)});
  CHECK(none.hellinger == 0.0);
  CHECK(none.kullback_leibler == 0.0);
}

TEST_CASE("quadrature and draws agree; narrow and far experts are found", "[theory]") {
  const mat x = arma::join_rows(vec(20, arma::fill::ones), arma::linspace(0.0, 1.0, 20));
  const Coefficients p{mat{{-8.0, 0.0}, {25.0, 0.0}}, mat{{15.0, -5.0}, {-20.0, 20.0}}, vec{0.3, 0.4}, 1.0, 0};
  Coefficients q = p;
  q.experts(0, 0) = 15.2;
  q.sigma(1) = 0.5;
  q.gate(0, 0) = -7.5;
  const Divergence exact = divergence({x, x, gaussian(2), p}, {x, x, gaussian(2), q});
  const Divergence drawn = sampled_divergence({x, x, gaussian(2), p}, {x, x, gaussian(2), q}, 20000, 1);
  CHECK(drawn.hellinger == Approx(exact.hellinger).epsilon(0.02));
  CHECK(drawn.total_variation == Approx(exact.total_variation).epsilon(0.02));
  CHECK(drawn.kullback_leibler == Approx(exact.kullback_leibler).epsilon(0.03));
  q.sigma(0) = 1e-3;
  const Divergence far = divergence({x, x, gaussian(2), p}, {x, x, gaussian(2), q});
  CHECK(far.hellinger < 1.0);
  CHECK(far.total_variation < 1.0);
  CHECK(far.kullback_leibler > 10.0);
}

TEST_CASE("classes are summed over", "[theory]") {
  const mat one(1, 1, arma::fill::ones);
  const auto choice = [&](double log_odds) {
    return Conditional{one,
                       one,
                       Mixture(std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(2), 1),
                       {mat(1, 1, arma::fill::zeros), mat{{0.0, log_odds}}, vec(), 1.0, 0}};
  };
  const Divergence d = divergence(choice(0.0), choice(std::log(3.0)));
  CHECK(d.total_variation == Approx(0.25).epsilon(1e-12));
  CHECK(d.kullback_leibler == Approx(0.5 * std::log(0.5 / 0.25) + 0.5 * std::log(0.5 / 0.75)).epsilon(1e-12));
  CHECK(d.hellinger == Approx(std::sqrt(1.0 - std::sqrt(0.125) - std::sqrt(0.375))).epsilon(1e-12));
}

TEST_CASE("the polynomial system is solvable below rbar, and is not seen to be at rbar", "[theory]") {
  for (const auto& [m, limit] : std::vector<std::pair<uword, uword>>{{2, 4}, {3, 6}}) {
    INFO("m = " << m);
    const RbarCheck below = rbar_check(m, limit - 1, 30, 1), at = rbar_check(m, limit, 10, 1);
    CHECK(below.residual < 1e-10);
    CHECK(arma::abs(below.solution.col(2)).max() == Approx(1.0));
    CHECK(arma::square(below.solution.col(4)).min() >= 0.1);
    CHECK(at.residual > 1e-7);
  }
  // t3 = (1, -1), t4 = (-1/2, -1/2) solves m = 2, r = 3.
  const mat known = {{0.0, 0.0, 1.0, -0.5, 1.0}, {0.0, 0.0, -1.0, -0.5, 1.0}};
  CHECK(arma::abs(detail::RbarSystem(2, 3, 0.1).equations(known)).max() < 1e-15);
  CHECK(arma::abs(detail::RbarSystem(2, 4, 0.1).equations(known)).max() == Approx(1.0 / 6.0));
}
