#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/mixture/registry.hpp>

#include <boost/math/tools/minima.hpp>

#include "simulated.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

using Part = Parameter::Part;
using Kind = Parameter::Kind;

Parameter of_expert(uword k, uword column) { return {Part::experts, Kind::coefficient, k, 0, column}; }
Parameter of_gate(uword k, uword column) { return {Part::gate, Kind::coefficient, k, 0, column}; }
Parameter log_sigma(uword k) { return {Part::experts, Kind::scalar, k}; }

/// Two lines in two covariates, of which the second has the same slope in both.
struct Lines {
  explicit Lines(uword n, std::uint64_t seed = 1) : x(n, 3), y(n) {
    Random random(seed, 0);
    for (uword i = 0; i < n; ++i) {
      x.row(i) = arma::rowvec{1.0, random.normal(), random.normal()};
      const bool first = random.uniform() < 1.0 / (1.0 + std::exp(-2.0 * x(i, 1)));
      const double mean = first ? 2.0 + x(i, 1) : -1.0 - x(i, 1);
      y(i) = mean + 0.5 * x(i, 2) + (first ? 0.3 : 0.6) * random.normal();
    }
  }
  mat x;
  vec y;
};

Mixture gaussians(uword experts, std::vector<Tie> ties = {}, bool common_sigma = false) {
  return {std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(common_sigma), experts, std::move(ties)};
}

/// The largest log-likelihood over a coefficient of column 2 that all experts have, given as an offset.
double best_over_offsets(const Lines& rows, const Fit& near) {
  const auto height = [&](double slope) {
    Start start;
    static_cast<Coefficients&>(start) = near;
    start.experts.shed_row(2);
    const mat x = rows.x.head_cols(2);
    const Data data = Data(x, rows.y).gate(rows.x).offset(slope * rows.x.col(2));
    return -fit(data, gaussians(2), {}, start).log_likelihood;
  };
  return -boost::math::tools::brent_find_minima(height, 0.3, 0.7, 40).second;
}

}  // namespace

TEST_CASE("ties are an affine map from the first parameters of each", "[ties]") {
  const std::vector<Parameter> table = {of_gate(1, 0), of_expert(0, 0), of_expert(0, 1), of_expert(1, 0),
                                        of_expert(1, 1)};
  const AffineMap map = affine_map({held_at(of_gate(1, 0), 3.0),
                                    tied(of_expert(0, 1), of_expert(1, 1)),
                                    {{{of_expert(0, 0), 1.0}, {of_expert(1, 0), 2.0}}, 4.0}},
                                   table);
  REQUIRE(map.free.n_elem == 2);
  CHECK(map.free(0) == 1);
  CHECK(map.free(1) == 2);
  const vec all = map.slope * vec{1.0, 7.0} + map.origin;
  CHECK(arma::approx_equal(all, vec{3.0, 1.0, 7.0, 1.5, 7.0}, "absdiff", 1e-14));
}

TEST_CASE("ties that contradict or repeat others, or are of nothing, are refused", "[ties]") {
  const Lines rows(50);
  const Data data(rows.x, rows.y);
  const Parameter a = of_expert(0, 1), b = of_expert(1, 1);
  CHECK_THROWS_WITH(fit(data, gaussians(2, {held_at(a, 1.0), held_at(b, 2.0), tied(a, b)})),
                    Catch::Contains("tie 3 contradicts"));
  CHECK_THROWS_WITH(fit(data, gaussians(2, {tied(a, b), tied(b, a)})), Catch::Contains("tie 2 repeats"));
  CHECK_THROWS_WITH(fit(data, gaussians(2, {tied(a, a)})), Catch::Contains("tie 1 repeats"));
  CHECK_THROWS_WITH(fit(data, gaussians(2, {held_at(of_expert(0, 3), 0.0)})), Catch::Contains("not there"));
  CHECK_THROWS_WITH(fit(data, gaussians(2, {held_at(of_gate(0, 1), 0.0)})), Catch::Contains("not there"));
  CHECK_THROWS_AS(fit(data, gaussians(2, {held_at(a, arma::datum::nan)})), invalid_argument);
  const Mixture topk(gate_named("identity", "softmax", detail::selecting(1)), std::make_shared<GaussianExperts>(), 2,
                     {held_at(a, 1.0)});
  CHECK_THROWS_WITH(fit(data, topk), Catch::Contains("top-K"));
}

TEST_CASE("a common slope is the best of those given as an offset", "[ties]") {
  const Lines rows(400);
  const Fit found = fit(Data(rows.x, rows.y), gaussians(2, common_to_all(of_expert(0, 2), 2)));
  CHECK(found.record.converged);
  CHECK(found.experts(2, 0) == found.experts(2, 1));
  CHECK(found.degrees == 10.0);
  CHECK(found.gate_mass(0) >= found.gate_mass(1));
  CHECK(found.log_likelihood == Approx(best_over_offsets(rows, found)).epsilon(1e-10));
}

TEST_CASE("equal log sigmas are a common sigma", "[ties]") {
  const Lines rows(300);
  const Fit equal = fit(Data(rows.x, rows.y), gaussians(2, {tied(log_sigma(0), log_sigma(1))}));
  const Fit common = fit(Data(rows.x, rows.y), gaussians(2, {}, true));
  CHECK(equal.log_likelihood == Approx(common.log_likelihood).epsilon(1e-10));
  CHECK(equal.degrees == common.degrees);
  CHECK(arma::approx_equal(equal.sigma, common.sigma, "reldiff", 1e-5));
  const vec expected = common.covariance.diag();
  const vec own = equal.covariance.diag();
  CHECK(own(own.n_elem - 1) == Approx(expected(expected.n_elem - 1)).epsilon(1e-5));
  CHECK(own(0) == Approx(expected(0)).epsilon(1e-5));
}

TEST_CASE("a slope held at zero, or at a number, is a column less, or an offset", "[ties]") {
  const Lines rows(300);
  const Data data(rows.x, rows.y);
  const mat narrow = rows.x.head_cols(2);
  const Fit held = fit(data, gaussians(2, {held_at(of_gate(1, 2), 0.0)}));
  CHECK(held.log_likelihood ==
        Approx(fit(Data(rows.x, rows.y).gate(narrow), gaussians(2)).log_likelihood).epsilon(1e-10));
  CHECK(held.gate(2, 1) == 0.0);

  const Fit numbers = fit(data, gaussians(2, {held_at(of_expert(0, 2), 0.5), held_at(of_expert(1, 2), 0.5)}));
  const Fit offset = fit(Data(narrow, rows.y).gate(rows.x).offset(0.5 * rows.x.col(2)), gaussians(2));
  CHECK(numbers.log_likelihood == Approx(offset.log_likelihood).epsilon(1e-10));
  CHECK(numbers.degrees == offset.degrees);
  const uword last = numbers.covariance.n_rows - 1, last_of_offset = offset.covariance.n_rows - 1;
  CHECK(numbers.covariance(last, last) == Approx(offset.covariance(last_of_offset, last_of_offset)).epsilon(1e-5));
}

TEST_CASE("an expert that a tie names keeps its label, whichever of them it is", "[ties]") {
  const Lines rows(300);
  const Data data(rows.x, rows.y);
  for (uword k : {0, 1}) {
    const Fit found = fit(data, gaussians(2, {held_at(of_expert(k, 1), -1.0)}));
    CHECK(found.experts(1, k) == -1.0);
    CHECK(found.experts(1, 1 - k) == Approx(1.0).margin(0.15));
    CHECK(found.log_likelihood > fit(data, gaussians(2)).log_likelihood - 3.0);
  }
}

TEST_CASE("an expert may be held altogether, and all of them", "[ties]") {
  const Lines rows(300);
  std::vector<Tie> ties;
  const vec known{-1.0, -1.0, 0.5};
  for (uword j = 0; j < 3; ++j) ties.push_back(held_at(of_expert(1, j), known(j)));
  ties.push_back(held_at(log_sigma(1), std::log(0.6)));
  const Fit one = fit(Data(rows.x, rows.y), gaussians(2, ties));
  CHECK(one.record.converged);
  CHECK(arma::approx_equal(one.experts.col(1), known, "absdiff", 1e-12));
  CHECK(one.sigma(1) == Approx(0.6).epsilon(1e-12));
  CHECK(one.degrees == 7.0);

  const vec other{2.0, 1.0, 0.5}, gate{0.0, -2.0, 0.0};
  for (uword j = 0; j < 3; ++j) ties.push_back(held_at(of_expert(0, j), other(j)));
  for (uword j = 0; j < 3; ++j) ties.push_back(held_at(of_gate(1, j), gate(j)));
  ties.push_back(held_at(log_sigma(0), std::log(0.3)));
  const Fit all = fit(Data(rows.x, rows.y), gaussians(2, ties));
  CHECK(all.degrees == 0.0);
  CHECK(all.log_likelihood == Approx(arma::accu(log_density(Data(rows.x, rows.y), gaussians(2), all))).epsilon(1e-12));
  CHECK(all.experts(0, 0) == 2.0);
}

TEST_CASE("profiles keep the ties", "[ties]") {
  const Lines rows(300);
  const Data data(rows.x, rows.y), plain = Data(rows.x, rows.y);
  const Fit equal = fit(data, gaussians(2, {tied(log_sigma(0), log_sigma(1))}));
  const Fit common = fit(data, gaussians(2, {}, true));
  const mat own = profile_intervals(equal, data).ends, expected = profile_intervals(common, data).ends;
  for (uword j = 0; j < 6; ++j)
    for (uword side : {0, 1}) CHECK(own(j, side) == Approx(expected(j, side)).epsilon(1e-4));
  CHECK(own(own.n_rows - 1, 0) == Approx(expected(expected.n_rows - 1, 0)).epsilon(1e-4));
}

TEST_CASE("counts with a common slope, one expert of which is all zero, are bounded and named", "[ties]") {
  Random random(3, 0);
  const uword n = 300;
  mat x(n, 2);
  vec y(n);
  for (uword i = 0; i < n; ++i) {
    x.row(i) = arma::rowvec{1.0, random.normal()};
    y(i) = random.uniform() < 0.5 ? 0.0 : random.poisson(std::exp(2.0 + 0.3 * x(i, 1)));
  }
  const Mixture counts(std::make_shared<SoftmaxGate>(), std::make_shared<PoissonExperts>(), 2,
                       common_to_all(of_expert(0, 1), 2));
  const Fit found = fit(Data(x, y), counts);
  CHECK(std::isfinite(found.log_likelihood));
  CHECK(found.experts(1, 0) == found.experts(1, 1));
  CHECK(found.experts(1, 0) == Approx(0.3).margin(0.1));
  REQUIRE(found.record.runaways.size() == 1);
}

TEST_CASE("ties hold within bounds, which must leave them room", "[ties]") {
  const Lines rows(200);
  Options options;
  options.bounds.experts_lower = -5.0;
  options.bounds.experts_upper = 1.5;
  const Fit found = fit(Data(rows.x, rows.y), gaussians(2, common_to_all(of_expert(0, 2), 2)), options);
  CHECK(found.experts(2, 0) == Approx(found.experts(2, 1)).epsilon(1e-12));
  CHECK(found.experts.max() <= 1.5 + 1e-6);
  CHECK_THROWS_WITH(fit(Data(rows.x, rows.y), gaussians(2, {held_at(of_expert(0, 2), 2.0)}), options),
                    Catch::Contains("leave no room"));
}
