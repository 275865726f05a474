#include <set>

#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/search/search.hpp>

#include "simulated.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// Two lines that cross, each with a narrow one of its own: K regressions without order in z.
Simulated crossing(uword n, std::uint64_t seed) {
  Random random(seed, 0);
  Simulated out;
  out.x.ones(n, 2);
  out.y.set_size(n);
  for (uword i = 0; i < n; ++i) {
    out.x(i, 1) = 4.0 * random.uniform() - 2.0;
    const uword k = random.index(3);
    const vec means = {3.0 * out.x(i, 1), -3.0 * out.x(i, 1), 4.0};
    out.y(i) = means(k) + 0.3 * random.normal();
  }
  return out;
}

EndPoint end_with(double value, const vec& mass) {
  EndPoint end;
  end.point = vec(3, arma::fill::ones);
  end.value = end.rank = value;
  end.mass = mass;
  return end;
}

}  // namespace

TEST_CASE("a tree has the leaves that are wanted, cut along its features", "[search]") {
  Random random(5, 1);
  mat features(200, 1);
  features.imbue([&] { return random.normal(); });
  for (uword leaves : {2, 3, 6}) {
    const uvec labels = tree_labels(features, leaves, random);
    const uvec by_feature = labels(uvec(arma::stable_sort_index(vec(features.col(0)))));
    uword changes = 0;
    for (uword i = 1; i < by_feature.n_elem; ++i) changes += by_feature(i) != by_feature(i - 1);
    CHECK(uvec(arma::unique(labels)).n_elem == leaves);
    CHECK(changes == leaves - 1);
  }
}

TEST_CASE("a cut leaves rows on both sides, whatever is tied", "[search]") {
  Random random(5, 2);
  for (uword n : {2, 3, 50}) {
    uvec labels(n, arma::fill::zeros);
    cut(arma::regspace<uvec>(0, n - 1), vec(n, arma::fill::ones), 1, labels, random);
    CHECK(arma::accu(labels) > 0);
    CHECK(arma::accu(labels) < n);
  }
}

TEST_CASE("every proposal and hop gives responsibilities, with few rows, constants alone and many columns",
          "[search]") {
  Random random(7, 3);
  for (uword p : {1, 2, 5})
    for (uword n : {6, 40}) {
      mat design(n, p, arma::fill::ones), response(n, 1);
      response.imbue([&] { return random.normal(); });
      for (uword j = 1; j < p; ++j) design.col(j).imbue([&] { return random.normal(); });
      Columns columns;
      columns.count = p;
      columns.gate = columns.experts = arma::conv_to<std::vector<uword>>::from(arma::regspace<uvec>(0, p - 1));
      const Features features(design, response, columns);
      const auto check = [&](const mat& r) {
        CHECK(r.n_rows == n);
        CHECK(r.min() >= 0.0);
        CHECK(arma::abs(arma::sum(r, 1) - 1.0).max() < 1e-12);
      };
      for (int how = 0; how <= static_cast<int>(Proposal::random); ++how)
        check(propose(static_cast<Proposal>(how), features, 3, random));
      const mat r = softened(tree_labels(features.all, 3, random), 3);
      for (Hop how : {Hop::region, Hop::oblique, Hop::residual, Hop::line}) check(hop(how, features, r, random));
    }
}

TEST_CASE("a hop by a cut frees one expert and halves another; the rest stay with theirs", "[search]") {
  const Simulated s = simulate(300, 2, 4, 9);
  const mat response = s.y;
  Columns columns;
  columns.count = 3;
  columns.gate = columns.experts = {0, 1, 2};
  const Features features(s.x, response, columns);
  Random random(11, 0);
  const uvec before = tree_labels(features.region(), 4, random);
  const mat r = softened(before, 4);
  for (Hop how : {Hop::region, Hop::oblique, Hop::residual}) {
    const uvec after = arma::index_max(hop(how, features, r, random), 1);
    std::set<uword> left;
    for (uword i = 0; i < after.n_elem; ++i)
      if (after(i) != before(i)) left.insert(before(i));
    CHECK(left.size() == 2);
  }
}

TEST_CASE("rows that weigh at random keep their total weight, and those without any have none", "[search]") {
  Random random(3, 0);
  const vec weights = random_weights({2.0, 0.0, 1.0, 5.0}, random);
  CHECK(arma::accu(weights) == Approx(8.0));
  CHECK(weights.min() == 0.0);
  CHECK(weights(1) == 0.0);
  CHECK(arma::accu(weights > 0.0) == 3);
}

TEST_CASE("a gate without a prior is not made soft, and every kind of hop has its turn", "[search]") {
  Random random(5, 0);
  std::set<Hop> all, without;
  for (int i = 0; i < 400; ++i) {
    all.insert(hop_kind(true, random));
    without.insert(hop_kind(false, random));
  }
  CHECK(all.size() == 6);
  CHECK(without.size() == 5);
  CHECK(without.count(Hop::reheat) == 0);
}

TEST_CASE("optima: the same up to names, order, and what starts have not seen", "[search]") {
  Optima optima(100.0);
  CHECK(optima.unseen() == 1.0);
  optima[optima.place(end_with(-10.0, {40, 60}))].starts = 3;
  optima[optima.place(end_with(-12.0, {50, 50}))].starts = 1;
  optima[optima.place(end_with(-5.0, {2, 98}))].starts = 1;
  CHECK(optima.place(end_with(-10.001, {60, 40})) == 0);
  CHECK(optima.place(end_with(-10.001, {70, 30})) == 3);
  CHECK(optima.unseen() == Approx(2.0 / 5.0));
  optima[1].hops = 1;  // a hop tells nothing of starts: it may have left from there
  CHECK(optima.unseen() == Approx(2.0 / 5.0));
  CHECK(optima.order().front() == 2);
  optima[2].spiked = true;
  CHECK(optima.order() == std::vector<std::size_t>{0, 3, 1, 2});
}

TEST_CASE("responsibilities at a point are the posterior's", "[search]") {
  const Simulated s = simulate(333, 2, 3, 4);
  Fit found = fit(Data(s.x, s.y), 3, [] {
    Options quick;
    quick.starts = 4;
    return quick;
  }());
  const Data data(s.x, s.y);
  const UnionDesign design = union_design(data);
  const Memory source(data, design.pointers, Scaling::identity(design.columns.count));
  const Layout layout = found.mixture.layout(design.columns);
  const mat r = responsibilities(source, found.mixture, layout, found.parameters, 333);
  CHECK(arma::approx_equal(r, posterior(data, found.mixture, found), "absdiff", 1e-12));
}

TEST_CASE("every seed finds the truth's optimum, and the same bits with any number of threads", "[search]") {
  const Simulated s = crossing(300, 2);
  const Data data(s.x, s.y);
  Start truth;
  truth.gate.zeros(2, 3);
  truth.experts = {{0, 0, 4}, {3, -3, 0}};
  truth.sigma = {0.3, 0.3, 0.3};
  const Mixture mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), 3);
  const double best = fit(data, mixture, {}, truth).log_likelihood;
  for (std::uint64_t seed : {1, 2, 3, 4, 5}) {
    Options options;
    options.seed = seed;
    const Fit one = fit(data, mixture, options);
    CHECK(one.log_likelihood > best - 1e-3);
    Context two;
    two.threads = 2;
    const Fit other = fit(data, mixture, options, {}, two);
    CHECK(arma::approx_equal(one.parameters, other.parameters, "absdiff", 0.0));
    CHECK(one.record.hops == other.record.hops);
    CHECK(one.record.passes == other.record.passes);
  }
}

TEST_CASE("the record of a search adds up", "[search]") {
  const Simulated s = crossing(200, 5);
  for (Thoroughness search : {Thoroughness::quick, Thoroughness::usual}) {
    Options options;
    options.search = search;
    const Fit found = fit(Data(s.x, s.y), 3, options);
    uword starts = 0, hops = 0;
    for (const SeenOptimum& optimum : found.record.optima) {
      starts += optimum.starts;
      hops += optimum.hops;
    }
    CHECK(starts == found.record.starts);
    CHECK(hops <= found.record.hops);
    CHECK(found.record.starts == (search == Thoroughness::quick ? 20 : 80));
    CHECK(found.record.reached <= found.record.starts);
    CHECK(found.record.unseen >= 0.0);
    CHECK(found.record.unseen <= 1.0);
    CHECK(found.log_likelihood > found.record.optima[0].value);
  }
}

TEST_CASE("what users ask for is done: one start, one expert, no time", "[search]") {
  const Simulated s = crossing(150, 6);
  const Data data(s.x, s.y);
  Options options;
  options.starts = 1;
  CHECK(fit(data, 3, options).record.starts == 1);
  CHECK(fit(data, 3, options).record.unseen == 1.0);
  CHECK(fit(data, 1).record.hops == 0);
  CHECK(fit(data, 1).record.unseen == 0.0);
  options.starts = 100000;
  options.time_limit = 0.05;
  const Fit hurried = fit(data, 3, options);
  CHECK(std::isfinite(hurried.log_likelihood));
  CHECK(hurried.record.seconds < 2.0);
  CHECK(hurried.record.starts < 100000);
  for (const SeenOptimum& optimum : hurried.record.optima) CHECK(optimum.starts + optimum.hops > 0);
}

TEST_CASE("classes that separate: every seed returns the same place", "[search]") {
  Random random(3, 1);
  mat x(120, 3, arma::fill::ones);
  vec y(120);
  for (uword i = 0; i < 120; ++i) {
    x(i, 1) = random.normal(), x(i, 2) = random.normal();
    y(i) = x(i, 1) > 0.0 ? x(i, 2) > 0.2 * random.normal() : x(i, 2) < 0.5 + 0.2 * random.normal();
  }
  const Mixture mixture(std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(2), 2);
  Options options;
  const Fit first = fit(Data(x, y), mixture, options);
  CHECK_FALSE(first.record.separated.empty());
  for (std::uint64_t seed : {2, 3, 4}) {
    options.seed = seed;
    const Fit other = fit(Data(x, y), mixture, options);
    CHECK(other.record.optima[0].value == Approx(first.record.optima[0].value).margin(1e-3));
    CHECK(other.log_likelihood == Approx(first.log_likelihood).margin(1e-2));
  }
}
