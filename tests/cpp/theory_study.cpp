#include "catch.hpp"
#include "expertmix/expertmix.hpp"

#include <algorithm>
#include <set>

using namespace expertmix;
using namespace expertmix::detail;

namespace {

Options quick() {
  Options options;
  options.search = Thoroughness::quick;
  options.iterations = 200;
  return options;
}

}  // namespace

TEST_CASE("every design of the papers has a replication, and its truth has no loss from itself", "[theory]") {
  const std::vector<std::string> names = theory_designs();
  CHECK(names.size() == 12);
  for (const std::string& name : names) {
    INFO(name);
    const TheoryDesign design = theory_design(name);
    CHECK(design.name == name);
    CHECK_FALSE(design.n.empty());
    TheoryDesign true_fit = design;
    if (design.loss == "hellinger") true_fit.fitted = design.truth.mixture;
    const double none = study_loss(true_fit, design.truth.coefficients).value;
    CHECK(none == Approx(0.0).margin(1e-7));
    const Replication one = replicate(design, 400, 1, 3, StudyStart::truth, quick());
    INFO(one.failure);
    CHECK(one.failure.empty());
    CHECK(std::isfinite(one.loss));
    CHECK(one.loss > 0.0);
  }
  CHECK_THROWS_AS(theory_design("none"), invalid_argument);
  CHECK_THROWS_AS(replicate(theory_design("softmax-exact"), 0, 1, 1), invalid_argument);
}

TEST_CASE("a replication is a function of its numbers only", "[theory]") {
  const TheoryDesign design = theory_design("softmax-exact");
  const Replication one = replicate(design, 500, 2, 9), again = replicate(design, 500, 2, 9);
  CHECK(one.loss == again.loss);
  std::set<double> losses{one.loss, replicate(design, 500, 3, 9).loss, replicate(design, 500, 2, 8).loss,
                          replicate(design, 501, 2, 9).loss};
  CHECK(losses.size() == 4);
}

TEST_CASE("losses fall at the parametric rate where the experts are as many as the truth's", "[theory]") {
  const RateStudy study = rate_study(theory_design("softmax-exact"), 1, {1000, 4000, 16000}, 12);
  CHECK(study.replications.size() == 36);
  CHECK(study.n.n_elem == 3);
  CHECK(study.slope == Approx(-0.5).margin(0.2));
}

TEST_CASE("a slope is that of a line through the logarithms of mean losses", "[theory]") {
  std::vector<Replication> all(6);
  const double losses[] = {0.5, 1.5, 0.4, 0.6, 0.25, arma::datum::nan};
  const uword sizes[] = {100, 100, 400, 400, 1600, 1600};
  for (std::size_t i = 0; i < 6; ++i) {
    all[i].n = sizes[i];
    all[i].loss = losses[i];
  }
  std::reverse(all.begin(), all.end());
  const RateStudy study = rate_study(all);
  CHECK(study.mean(0) == Approx(1.0));
  CHECK(study.slope == Approx(-0.5));
  all.resize(2);
  CHECK_THROWS_AS(rate_study(all), invalid_argument);
}
