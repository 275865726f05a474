#include "catch.hpp"

#include <expertmix/expertmix.hpp>

using namespace expertmix;

namespace {

/// Two lines, the gate at 0 with slope 3.
struct Lines {
  explicit Lines(uword n = 300, std::uint64_t seed = 1) : x(n, 2, arma::fill::ones), y(n) {
    Random random(seed, 0);
    for (uword i = 0; i < n; ++i) {
      const double t = x(i, 1) = 4.0 * random.uniform() - 2.0;
      const bool first = random.uniform() < 1.0 / (1.0 + std::exp(3.0 * t));
      y(i) = (first ? -1.0 - t : 1.0 + 2.0 * t) + 0.4 * random.normal();
    }
  }
  Data data() const { return Data(x, y); }

  mat x;
  vec y;
};

Coefficients two_lines() { return {mat{{0.0, 0.2}, {0.0, 3.0}}, mat{{-1.0, 1.0}, {-1.0, 2.0}}, vec{0.4, 0.6}}; }

Mixture named(const char* family, uword experts, FamilyChoices choices = {}) {
  return Mixture(gate_named("identity", "softmax"), family_named(family, choices), experts);
}

}  // namespace

TEST_CASE("the number of experts is chosen, and log-likelihoods do not fall with it", "[select_experts]") {
  const Lines lines;
  SelectionOptions options;
  options.starts = 10;
  const ExpertSelection sweep = select_experts(lines.data(), 4, options);
  REQUIRE(sweep.table.size() == 4);
  CHECK(sweep.best().mass.n_elem == 2);
  CHECK(sweep.tree.empty());
  for (uword i = 0; i < 4; ++i) {
    const Candidate& one = sweep.table[i];
    CHECK(one.fit.mass.n_elem == i + 1);
    CHECK(one.criteria.bic == Approx(-2.0 * one.fit.log_likelihood + one.fit.degrees * std::log(300.0)));
    if (i > 0) CHECK(one.fit.log_likelihood > sweep.table[i - 1].fit.log_likelihood - 1e-6);
  }
  const Candidate& two = sweep.table[1];
  const mat r = posterior(lines.data(), two.fit.mixture, two.fit);
  CHECK(two.icl == Approx(two.criteria.bic - 2.0 * arma::accu(r % arma::log(r))));
  CHECK(report(sweep).find("BIC chooses 2 experts; next is 3") == 0);
  CHECK(select_fit(sweep, ExpertCriterion::icl) == 1);
  CHECK_THROWS_AS(select_fit(sweep, ExpertCriterion::cv), invalid_argument);

  options.route = ExpertSearch::path;
  options.criterion = ExpertCriterion::dsc;
  const ExpertSelection path = select_experts(lines.data(), 4, options);
  CHECK(path.best().mass.n_elem == 2);
  CHECK(path.best().log_likelihood == Approx(two.fit.log_likelihood).epsilon(1e-8));
  REQUIRE(path.tree.size() == 3);
  CHECK(path.tree[0].experts == 4);
  CHECK(path.tree[2].height > 10.0 * path.tree[1].height);
  CHECK(path.table[1].dsc == Approx(-(path.tree[2].height + std::log(300.0) * path.best().log_likelihood / 300.0)));
  CHECK(std::isnan(path.table[0].dsc));
}

TEST_CASE("distances of experts are their formula, and no recoding changes them", "[select_experts]") {
  const Lines lines(120, 3);
  const vec w = arma::linspace(0.0, 2.0, 120);
  const Coefficients at = two_lines();
  const mat d = expert_distances(lines.data().weights(w), named("gaussian", 2), at);
  const mat r = posterior(lines.data(), named("gaussian", 2), at), m = lines.x * at.experts;
  const vec both = w % arma::sum(r, 1);
  const arma::rowvec mass = w.t() * r;
  const double apart = arma::accu(both % arma::square(m.col(0) - m.col(1))) / arma::accu(both) / 0.26,
               spread = std::log(0.4 / 0.6);
  const double expected = mass(0) * mass(1) / arma::accu(mass) / arma::accu(mass) * (apart + spread * spread);
  CHECK(d(0, 1) == Approx(expected).epsilon(1e-12));
  CHECK(d(1, 0) == d(0, 1));
  CHECK(std::isinf(d(0, 0)));

  // y -> 100 y - 7, x -> 3 - 2 x
  mat x = lines.x;
  x.col(1) = 3.0 - 2.0 * lines.x.col(1);
  const mat back{{1.0, 1.5}, {0.0, -0.5}};
  const Coefficients recoded{back * at.gate, back * at.experts * 100.0 - mat{{7.0, 7.0}, {0.0, 0.0}}, 100.0 * at.sigma};
  CHECK(expert_distances(Data(x, vec(100.0 * lines.y - 7.0)).weights(w), named("gaussian", 2), recoded)(0, 1) ==
        Approx(d(0, 1)).epsilon(1e-10));
}

TEST_CASE("distances are in units of every family's standard deviation", "[select_experts]") {
  const uword n = 40;
  mat x(n, 2, arma::fill::ones);
  x.col(1) = arma::linspace(-1.0, 1.0, n);
  Coefficients at{mat(2, 2, arma::fill::zeros), mat{{0.3, 1.0}, {-0.5, 0.5}}, {}};
  const auto half_sum = [](const vec& a, const vec& b) { return vec(0.5 * (a + b)); };
  // With flat responsibilities' sums of 1 a row and equal masses: D = p_1 p_2 mean of gap.
  const auto expected = [&](const Data& data, const Mixture& mixture, const vec& gap) {
    const arma::rowvec share = arma::mean(posterior(data, mixture, at), 0);
    return share(0) * share(1) * arma::mean(gap);
  };
  const mat eta = x * at.experts;
  const vec counts(n, arma::fill::ones);

  SECTION("Poisson") {
    const mat mu = arma::exp(eta);
    const vec gap = arma::square(mu.col(0) - mu.col(1)) / half_sum(mu.col(0), mu.col(1));
    const Data data(x, counts);
    CHECK(expert_distances(data, named("poisson", 2), at)(0, 1) ==
          Approx(expected(data, named("poisson", 2), gap)).epsilon(1e-10));
  }
  SECTION("binomial") {
    const mat p = 1.0 / (1.0 + arma::exp(-eta));
    const mat v = p % (1.0 - p);
    const vec gap = arma::square(p.col(0) - p.col(1)) / half_sum(v.col(0), v.col(1));
    FamilyChoices choices;
    choices.counts = true;
    const Data data(x, mat(arma::join_rows(counts, vec(3.0 * counts))));
    CHECK(expert_distances(data, named("binomial", 2, choices), at)(0, 1) ==
          Approx(expected(data, named("binomial", 2, choices), gap)).epsilon(1e-10));
  }
  SECTION("negative binomial") {
    at.scalars = vec{2.0, 5.0};
    const mat mu = arma::exp(eta);
    const vec v0 = mu.col(0) + arma::square(mu.col(0)) / 2.0, v1 = mu.col(1) + arma::square(mu.col(1)) / 5.0;
    const vec gap = arma::square(mu.col(0) - mu.col(1)) / half_sum(v0, v1);
    const Data data(x, counts);
    CHECK(expert_distances(data, named("negative_binomial", 2), at)(0, 1) ==
          Approx(expected(data, named("negative_binomial", 2), gap)).epsilon(1e-10));
  }
  SECTION("Gamma") {
    at.sigma = {0.5, 0.5};
    const vec gap = arma::square(eta.col(0) - eta.col(1)) / 0.25;
    const Data data(x, counts);
    CHECK(expert_distances(data, named("Gamma", 2), at)(0, 1) ==
          Approx(expected(data, named("Gamma", 2), gap)).epsilon(1e-10));
  }
  SECTION("Student-t") {
    at.sigma = {0.5, 0.5};
    FamilyChoices choices;
    choices.degrees_of_freedom = 4.0;
    const vec gap = arma::square(eta.col(0) - eta.col(1)) / 0.25;
    const Data data(x, counts);
    CHECK(expert_distances(data, named("student_t", 2, choices), at)(0, 1) ==
          Approx(expected(data, named("student_t", 2, choices), gap)).epsilon(1e-10));
  }
  SECTION("classes") {
    FamilyChoices choices;
    choices.classes = 2;
    at.experts = mat{{0.0, 0.3, 0.0, 1.0}, {0.0, -0.5, 0.0, 0.5}};
    const mat p = 1.0 / (1.0 + arma::exp(-eta)), q = 1.0 - p;
    const vec square = arma::square(p.col(0) - p.col(1));
    const vec gap = square / half_sum(p.col(0), p.col(1)) + square / half_sum(q.col(0), q.col(1));
    const Data data(x, counts);
    CHECK(expert_distances(data, named("multinomial", 2, choices), at)(0, 1) ==
          Approx(expected(data, named("multinomial", 2, choices), gap)).epsilon(1e-10));
  }
}

TEST_CASE("experts are cut by their residuals and at the middle of their rows", "[select_experts]") {
  const Lines lines(101, 5);
  const Coefficients at = two_lines();
  const Mixture mixture = named("gaussian", 2);
  const mat r = posterior(lines.data(), mixture, at);
  const std::vector<mat> halves = split_responsibilities(lines.data(), mixture, at);
  REQUIRE(halves.size() == 4);
  for (uword k = 0; k < 2; ++k) {
    const mat& by_residual = halves[2 * k];
    const vec residual = lines.y - lines.x * at.experts.col(k);
    for (uword i = 0; i < 101; ++i) CHECK(by_residual(i, 2) == (residual(i) > 0.0 ? r(i, k) : 0.0));
    const mat& along_x = halves[2 * k + 1];
    CHECK(arma::approx_equal(vec(along_x.col(k) + along_x.col(2)), vec(r.col(k)), "absdiff", 1e-15));
    CHECK(std::abs(arma::accu(along_x.col(2)) - 0.5 * arma::accu(r.col(k))) <= 1.0);
    const uvec upper = arma::find(along_x.col(2) > 0.0), lower = arma::find(along_x.col(2) == 0.0);
    const vec t = lines.x.col(1);
    CHECK((t(upper).min() > t(lower).max() || t(upper).max() < t(lower).min()));
  }
  const mat uneven = split_responsibilities(lines.data(), mixture, at, 0.6)[0];
  CHECK(uneven(0, 2) == Approx(r(0, 0) * (halves[0](0, 2) > 0.0 ? 0.6 : 0.4)));
  CHECK(arma::approx_equal(merged_responsibilities(uneven, 0, 2), r, "absdiff", 1e-15));
  CHECK_THROWS_AS(split_responsibilities(lines.data(), mixture, at, 0.5), invalid_argument);
  CHECK_THROWS_AS(merged_responsibilities(r, 1, 1), invalid_argument);
}

TEST_CASE("a fold's score is the mean log-density of its rows", "[select_experts]") {
  const Lines lines(60, 7);
  const uvec folds = folds_of_rows(60, 3, 2);
  SelectionOptions options;
  options.criterion = ExpertCriterion::cv;
  options.folds = 3;
  options.seed = 2;
  options.starts = 5;
  const ExpertSelection selection = select_experts(lines.data(), 2, options);
  vec scores(3), sizes(3);
  for (uword f = 0; f < 3; ++f) {
    const uvec kept = arma::find(folds != f), left = arma::find(folds == f);
    const vec b = arma::solve(mat(lines.x.rows(kept)), vec(lines.y(kept)));
    const vec inside = lines.y(kept) - lines.x.rows(kept) * b, outside = lines.y(left) - lines.x.rows(left) * b;
    const double variance = arma::mean(arma::square(inside));
    scores(f) = -0.5 * std::log(2.0 * arma::datum::pi * variance) - 0.5 * arma::mean(arma::square(outside)) / variance;
    sizes(f) = static_cast<double>(left.n_elem);
    CHECK(fold_score(lines.data(), named("gaussian", 1), folds, f) == Approx(scores(f)).epsilon(1e-8));
  }
  CHECK(selection.table[0].cv == Approx(arma::dot(scores, sizes) / 60.0).epsilon(1e-8));
  CHECK(selection.table[0].error == Approx(arma::stddev(scores) / std::sqrt(3.0)).epsilon(1e-6));
  CHECK(selection.best().mass.n_elem == 2);
}

TEST_CASE("gates that select experts compete with fewer of them", "[select_experts]") {
  const Lines lines(150, 9);
  GateChoices choices;
  choices.top_k = 2;
  SelectionOptions options;
  options.starts = 5;
  options.route = ExpertSearch::path;
  const Mixture top(std::make_shared<SoftmaxGate>(choices), family_named("gaussian"), 3);
  const ExpertSelection selection = select_experts(lines.data(), top, options);
  REQUIRE(selection.table.size() == 3);
  CHECK(selection.best().mass.n_elem == 2);
  // Below three there is nothing to select three from.
  for (ExpertSearch route : {ExpertSearch::sweep, ExpertSearch::path}) {
    options.route = route;
    const ExpertSelection three =
        select_experts(lines.data(), Mixture(gate_topk(3), family_named("gaussian"), 4), options);
    REQUIRE(three.table.size() == 3);
    CHECK(three.table[0].fit.mass.n_elem == 1);
    CHECK(three.table[1].fit.mass.n_elem == 3);
  }
  const Fit of_three = fit(lines.data(), Mixture(gate_topk(3), family_named("gaussian"), 3), options);
  CHECK(merge_experts(of_three, lines.data(), options).mass.n_elem == 2);
  CHECK_THROWS_AS(gate_topk(0), invalid_argument);
  CHECK_THROWS_AS(gate_temperature(-1.0), invalid_argument);
}

TEST_CASE("heights of a path are those of the fits in its table", "[select_experts]") {
  Lines lines(60, 4);
  lines.y = arma::round(lines.y / 3.0);
  SelectionOptions options;
  options.starts = 3;
  options.route = ExpertSearch::path;
  const ExpertSelection path = select_experts(lines.data(), 4, options);
  for (const Merge& merge : path.tree)
    for (const Candidate& one : path.table) {
      if (one.fit.mass.n_elem != merge.experts) continue;
      const vec near =
          arma::sort(arma::vectorise(arma::unique(expert_distances(lines.data(), one.fit.mixture, one.fit))));
      CHECK(arma::min(arma::abs(near - merge.height)) <= 1e-10 * merge.height);
      CHECK(one.dsc == Approx(-(merge.height + std::log(60.0) * one.fit.log_likelihood / 60.0)));
    }
}

TEST_CASE("folds without weight do not count", "[select_experts]") {
  const Lines lines(60, 7);
  vec weights(60, arma::fill::zeros);
  weights.head(40).ones();
  const Data data = lines.data().weights(weights);
  SelectionOptions options;
  options.criterion = ExpertCriterion::cv;
  options.folds = 60;
  options.starts = 2;
  const ExpertSelection one = select_experts(data, 1, options);
  vec scores(40);
  for (uword i = 0; i < 40; ++i) {
    const uvec kept = arma::find(arma::regspace<uvec>(0, 39) != i);
    const mat x = lines.x.rows(kept);
    const vec b = arma::solve(x, vec(lines.y(kept)));
    const double variance = arma::mean(arma::square(lines.y(kept) - x * b)),
                 left = lines.y(i) - arma::dot(lines.x.row(i), b);
    scores(i) = -0.5 * std::log(2.0 * arma::datum::pi * variance) - 0.5 * left * left / variance;
  }
  CHECK(one.table[0].cv == Approx(arma::mean(scores)).epsilon(1e-8));
  CHECK(one.table[0].error == Approx(arma::stddev(scores) / std::sqrt(40.0)).epsilon(1e-6));
  options.folds = 2;
  weights.zeros();
  weights(arma::find(folds_of_rows(60, 2, options.seed) == 0)).ones();
  CHECK_THROWS_AS(select_experts(lines.data().weights(weights), 1, options), invalid_argument);
}

TEST_CASE("two experts of a fit are merged", "[select_experts]") {
  const Lines lines;
  Options options;
  options.starts = 10;
  const Fit three = fit(lines.data(), 3, options);
  const Fit two = merge_experts(three, lines.data(), options);
  CHECK(two.mass.n_elem == 2);
  CHECK(two.log_likelihood == Approx(fit(lines.data(), 2, options).log_likelihood).epsilon(1e-8));
  CHECK_THROWS_AS(merge_experts(fit(lines.data(), 1), lines.data()), invalid_argument);
}

TEST_CASE("choices that cannot be made are refused, naming the argument", "[select_experts]") {
  const Lines lines(30, 2);
  const auto refused = [&](const Mixture& mixture, const SelectionOptions& options) -> std::string {
    try {
      select_experts(lines.data(), mixture, options);
    } catch (const invalid_argument& failure) {
      return failure.argument;
    }
    return "";
  };
  SelectionOptions options;
  CHECK(refused(named("gaussian", 11), options) == "mixture");
  options.fewest = 3;
  CHECK(refused(named("gaussian", 2), options) == "fewest");
  options.fewest = 1;
  options.criterion = ExpertCriterion::dsc;
  CHECK(refused(named("gaussian", 2), options) == "criterion");
  options.route = ExpertSearch::path;
  CHECK(refused(named("gaussian", 1), options) == "fewest");
  options.criterion = ExpertCriterion::cv;
  options.folds = 1;
  CHECK(refused(named("gaussian", 2), options) == "folds");
  options.folds = 2;
  CHECK(refused(named("gaussian", 8), options) == "folds");
}
