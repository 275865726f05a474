#include "catch.hpp"
#include "expertmix/expertmix.hpp"
#include "expertmix/mixture/registry.hpp"
#include "simulated.hpp"

#include <set>
#include <stdexcept>

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// What a host may throw to end a job.
struct Cancelled : std::runtime_error {
  explicit Cancelled(int calls) : std::runtime_error("cancelled"), calls(calls) {}
  int calls;
};

/// A context whose callback throws at its n-th call.
Context cancelling(int after, int threads = 1) {
  Context context;
  context.threads = threads;
  context.progress = [after, calls = 0](const Progress&) mutable {
    if (++calls == after) throw Cancelled(calls);
  };
  return context;
}

}  // namespace

TEST_CASE("callbacks are told stage, step, log-likelihood, the best so far and the time", "[context]") {
  const Simulated s = simulate(300, 1, 2, 11);
  const Data data(s.x, s.y);
  std::set<Stage> stages;
  double best = -arma::datum::inf;
  double seconds = 0.0;
  Context context;
  context.progress = [&](const Progress& now) {
    stages.insert(now.stage);
    CHECK(now.done >= 0.0);
    CHECK(now.seconds >= seconds);
    CHECK(now.best >= best);
    CHECK_FALSE(now.log_likelihood > now.best);
    best = now.best;
    seconds = now.seconds;
  };
  const Fit found = fit(data, 2, {}, {}, context);
  CHECK(stages.count(Stage::climb) == 1);
  CHECK(stages.count(Stage::starts) == 1);
  CHECK(best == Approx(found.log_likelihood).epsilon(1e-6));
  best = -arma::datum::inf;
  seconds = 0.0;
  PathOptions options;
  options.count = 5;
  lasso_path(data, found.mixture, {}, options, {}, context);
  CHECK(stages.count(Stage::lambda) == 1);
  best = -arma::datum::inf;
  seconds = 0.0;
  profile_intervals(found, data, 0.95, context);
  CHECK(stages.count(Stage::profile) == 1);
  CHECK(std::string(name_of(Stage::profile)) == "profile");
}

TEST_CASE("what a callback throws leaves a job as it was thrown", "[context]") {
  const Simulated s = simulate(300, 1, 2, 11);
  const Data data(s.x, s.y);
  const Mixture mixture(gates().at("softmax"), families().at("gaussian"), 2);
  for (int threads : {1, 2})
    for (int after : {1, 2, 10, 40}) {
      try {
        fit(data, mixture, {}, {}, cancelling(after, threads));
        FAIL("the fit went on");
      } catch (const Cancelled& cancelled) {
        CHECK(cancelled.calls == after);
      }
      PathOptions options;
      options.count = 40;
      options.ratio = 0.01;
      CHECK_THROWS_AS(lasso_path(data, mixture, {}, options, {}, cancelling(std::min(after, 10), threads)), Cancelled);
    }
  const Fit found = fit(data, mixture);
  CHECK_THROWS_AS(profile_intervals(found, data, 0.95, cancelling(3)), Cancelled);
  Context stopping;
  stopping.stop = []() -> bool { throw 7; };
  CHECK_THROWS_AS(fit(data, mixture, {}, {}, stopping), int);
  CHECK_THROWS_AS(lasso_path(data, mixture, {}, {}, {}, stopping), int);
  stopping.stop = [] { return true; };
  CHECK_THROWS_AS(fit(data, mixture, {}, {}, stopping), interrupted);
  stopping.stop = []() -> bool { throw invalid_argument("host", "own", "of the host"); };
  CHECK_THROWS_AS(fit(data, mixture, {}, {}, stopping), invalid_argument);
}
