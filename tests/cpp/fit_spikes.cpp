#include "catch.hpp"

#include <expertmix/expertmix.hpp>

#include "simulated.hpp"
#include "sparse_design.hpp"

using namespace expertmix;

namespace {

/// Two regressions, and `few` rows that lie nearly on a line of their own, `far` off.
Simulated with_spike(uword few, std::uint64_t seed, double far, double noise) {
  Simulated s = simulate(200, 1, 2, seed);
  for (uword i = 0; i < few; ++i) s.y(i) = far + 0.5 * s.x(i, 1) + noise * (i % 2 ? 1.0 : -1.0);
  return s;
}

mat labels(const uvec& label, uword experts) {
  mat out(label.n_elem, experts);
  out.fill(0.02 / static_cast<double>(experts));
  for (uword i = 0; i < label.n_elem; ++i) out(i, label(i)) += 0.98;
  return out;
}

}  // namespace

TEST_CASE("an expert on a few rows is a spike, and they are named", "[spikes]") {
  const Simulated s = with_spike(5, 2, 40.0, 1e-3);
  uvec label(200);
  for (uword i = 0; i < 200; ++i) label(i) = i < 5 ? 2 : i % 2;
  Start start;
  start.responsibilities = labels(label, 3);
  const mat constant(200, 1, arma::fill::ones);
  const Fit found = fit(Data(s.x, s.y).gate(constant), gaussian_mixture(3), {}, start);
  REQUIRE(found.record.spikes.size() == 1);
  CHECK(found.record.spikes[0].rows == std::vector<uword>{0, 1, 2, 3, 4});
  CHECK(found.mass(found.record.spikes[0].expert) == Approx(5.0).margin(0.2));
}

TEST_CASE("two regressions of enough rows are no spikes", "[spikes]") {
  const Simulated s = simulate(300, 1, 2, 4);
  CHECK(fit(Data(s.x, s.y), 2).record.spikes.empty());
}

TEST_CASE("rows that are equal count once", "[spikes]") {
  // Five points, twenty times each, on a line: mass 100, but five distinct rows.
  Simulated s = simulate(300, 1, 1, 6);
  for (uword i = 0; i < 100; ++i) {
    s.x(i, 1) = static_cast<double>(i % 5);
    s.y(i) = 100.0 + 2.0 * s.x(i, 1) + (i % 5 == 2 ? 0.04 : 0.0);
  }
  uvec label(300);
  for (uword i = 0; i < 300; ++i) label(i) = i < 100;
  Start start;
  start.responsibilities = labels(label, 2);
  const Fit found = fit(Data(s.x, s.y), 2, {}, start);
  CHECK(found.record.spikes.size() == 1);
}

TEST_CASE("a response of two values is one spike beside another", "[spikes]") {
  const Simulated s = simulate(200, 1, 1, 9);
  const vec y = arma::conv_to<vec>::from(s.y > 0.0);
  const Fit found = fit(Data(s.x, y), 2);
  CHECK_FALSE(found.record.spikes.empty());
  CHECK(found.sigma.min() > 0.0);
}

TEST_CASE("a search prefers fits without a spike", "[spikes]") {
  uword spiked = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Simulated s = with_spike(4, 20 + seed, 0.0, 1e-7);
    Options options;
    options.seed = seed;
    spiked +=
        !fit(Data(s.x, s.y).gate(mat(200, 1, arma::fill::ones)), gaussian_mixture(2), options).record.spikes.empty();
  }
  CHECK(spiked == 0);
}

TEST_CASE("estimates do not depend on the scale of the weights", "[weights][long]") {
  const Simulated s = simulate(250, 2, 2, 12);
  vec w(250);
  Random random(3, 0);
  w.imbue([&] { return random.uniform() < 0.1 ? 0.0 : 0.2 + random.uniform(); });
  const Fit plain = fit(Data(s.x, s.y).weights(w), gaussian_mixture(2));
  for (double scale : {1.0 / 250.0, 1e-9, 1e7}) {
    const vec scaled = scale * w;
    const Fit other = fit(Data(s.x, s.y).weights(scaled), gaussian_mixture(2));
    CHECK(arma::approx_equal(other.parameters, plain.parameters, "absdiff", 1e-7));
    CHECK(other.log_likelihood == Approx(scale * plain.log_likelihood).epsilon(1e-10));
    CHECK(other.weight == Approx(scale * plain.weight).epsilon(1e-12));
    CHECK(arma::approx_equal(mat(scale * other.covariance), plain.covariance, "both", 1e-9, 1e-8));
    CHECK(arma::approx_equal(other.mass, vec(scale * plain.mass), "both", 1e-8, 1e-8));
    CHECK(other.record.status == plain.record.status);
  }
  PathOptions options;
  options.count = 8;
  const LassoPath path = lasso_path(Data(s.x, s.y).weights(w), gaussian_mixture(2), {}, options);
  const vec tiny = 1e-6 * w;
  const LassoPath other = lasso_path(Data(s.x, s.y).weights(tiny), gaussian_mixture(2), {}, options);
  REQUIRE(other.fits.size() == path.fits.size());
  for (std::size_t i = 0; i < path.fits.size(); ++i) {
    CHECK(arma::approx_equal(other.fits[i].experts, path.fits[i].experts, "both", 1e-7, 1e-7));
    CHECK(other.fits[i].objective == Approx(path.fits[i].objective).epsilon(1e-9));
  }
}

TEST_CASE("the rule for spikes is an option", "[fit]") {
  const Simulated s = simulate(60, 1, 2, 3);
  Options options;
  options.starts = 4;
  options.spike = {1000.0, 0.0};
  const Fit all = fit(Data(s.x, s.y), 2, options);
  CHECK(all.record.spikes.size() == 2);
  CHECK(all.record.spike_rule.rows == 1000.0);
  options.spike = {0.0, 0.0};
  CHECK(fit(Data(s.x, s.y), 2, options).record.spikes.empty());
  for (const SpikeRule& wrong : {SpikeRule{-1.0, 0.0}, SpikeRule{2.0, 1.0}, SpikeRule{arma::datum::nan, 0.0}}) {
    options.spike = wrong;
    CHECK_THROWS_AS(fit(Data(s.x, s.y), 2, options), invalid_argument);
  }
}
