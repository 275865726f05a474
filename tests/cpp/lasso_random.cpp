#include <expertmix/families/multinomial.hpp>

#include "catch.hpp"
#include "sparse_design.hpp"

using namespace expertmix;

namespace {

/// Some mixture, penalty and data set.
struct RandomPath {
  SparseDesign design;
  Lasso lasso;
  Mixture mixture;

  explicit RandomPath(std::uint64_t seed) : RandomPath(seed, Random(seed, 1)) {}

 private:
  RandomPath(std::uint64_t seed, Random random)
      : design(40 + random.index(120), 6 + random.index(60), seed), mixture(random_mixture(random)) {
    lasso.gate = random.uniform() < 0.3 ? 0.3 : 1.0;
    lasso.ridge = random.uniform() < 0.2 ? 0.1 : 0.0;
    if (random.uniform() < 0.4) lasso.reference = {random.index(mixture.experts)};
    if (!mixture.family->recodes())
      design.y.transform([](double y) { return static_cast<double>(y > 1.0) + static_cast<double>(y > -1.0); });
  }

  static Mixture random_mixture(Random& random) {
    GateChoices choices;
    if (random.uniform() < 0.3) choices.activation = activation_named("tanh");
    std::shared_ptr<const Experts> family = std::make_shared<GaussianExperts>(random.uniform() < 0.3);
    if (random.uniform() < 0.3) family = std::make_shared<MultinomialExperts>(3);
    return Mixture(std::make_shared<SoftmaxGate>(choices), family, 1 + random.index(4));
  }
};

}  // namespace

TEST_CASE("paths of any mixture: finite coefficients, optimality, the density that they say, zero slopes first",
          "[lasso][long]") {
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    const RandomPath some(seed);
    const Data data(some.design.x, some.design.y);
    PathOptions options;
    options.count = 10;
    options.seed = seed;
    options.starts = 6;
    const LassoPath path = lasso_path(data, some.mixture, some.lasso, options);
    INFO("seed " << seed);
    CHECK(path.fits[0].slopes == 0.0);
    for (const LassoFit& fit : path.fits) {
      CHECK((fit.gate.is_finite() && fit.experts.is_finite() && fit.sigma.is_finite()));
      CHECK(fit.violation < 1e-6);
      CHECK(arma::accu(log_density(data, path.mixture, fit)) == Approx(fit.log_likelihood).epsilon(1e-8));
    }
  }
}

TEST_CASE("an expert without rows keeps moderate coefficients along a path") {
  const auto largest = [](uword rows, uword covariates, std::uint64_t seed, uword experts) {
    const SparseDesign design(rows, covariates, seed);
    PathOptions options;
    options.ratio = 0.3;
    options.count = 20;
    double out = 0.0;
    for (const LassoFit& fit : lasso_path(Data(design.x, design.y), gaussian_mixture(experts), {}, options).fits)
      out = std::max({out, fit.sigma.max(), arma::abs(fit.gate).max(), arma::abs(fit.experts).max()});
    return out;
  };
  CHECK(largest(100, 60, 5, 3) < 100.0);
  CHECK(largest(300, 20, 13, 2) < 100.0);
}
