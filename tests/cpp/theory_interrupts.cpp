#include "catch.hpp"
#include "random_atoms.hpp"

#include <expertmix/families/gaussian.hpp>
#include <expertmix/families/multinomial.hpp>
#include <expertmix/gates/softmax.hpp>
#include <expertmix/simulate.hpp>
#include <expertmix/theory/distance.hpp>
#include <expertmix/theory/rbar.hpp>
#include <expertmix/theory/voronoi.hpp>

#include <chrono>

using namespace expertmix;

namespace {

/// Asks to stop a tenth of a second after it was made.
struct Stopping {
  using Clock = std::chrono::steady_clock;
  Clock::time_point began = Clock::now();

  double seconds() const { return std::chrono::duration<double>(Clock::now() - began).count(); }
  Context context() const {
    Context out;
    out.stop = [this] { return seconds() > 0.1; };
    return out;
  }
};

template <class Work>
void stops(Work work) {
  const Stopping stopping;
  CHECK_THROWS_AS(work(stopping.context()), interrupted);
}

Mixture two(std::shared_ptr<const Experts> family) { return {std::make_shared<SoftmaxGate>(), std::move(family), 2}; }

}  // namespace

TEST_CASE("everything of the theory that may take long ends soon after the context asks to stop", "[theory]") {
  const mat x = arma::join_rows(vec(2000, arma::fill::ones), arma::linspace(0.0, 1.0, 2000));
  const Coefficients p{mat{{-8.0, 0.0}, {25.0, 0.0}}, mat{{15.0, -5.0}, {-20.0, 20.0}}, vec{0.3, 0.4}, 1.0, 0};
  Coefficients q = p;
  q.experts *= 1.1;
  const Mixture gaussian = two(std::make_shared<GaussianExperts>());
  stops([&](const Context& context) {
    for (int round = 0; round < 1000; ++round) divergence({x, x, gaussian, p}, {x, x, gaussian, q}, 1e-15, context);
  });
  stops([&](const Context& context) {
    sampled_divergence({x, x, gaussian, p}, {x, x, gaussian, q}, 1000000, 1, context);
  });
  stops([&](const Context& context) { rbar_check(6, 12, 1000, 1, 0.1, context); });
  const Atoms truth = random_atoms(12, 30, 1), estimate = random_atoms(14, 30, 2);
  stops([&](const Context& context) { voronoi(estimate, truth, {}, loss_named("softmax over"), context); });
  const mat one(2000000, 1, arma::fill::ones), y(2000000, 2, arma::fill::ones);
  const Coefficients classes{mat(1, 2, arma::fill::zeros), mat{{0.0, 1.0, 0.0, 2.0}}, vec(), 1.0, 0};
  const Mixture counts = two(std::make_shared<MultinomialExperts>(2, true));
  stops([&](const Context& context) {
    for (int round = 0; round < 1000; ++round) draw(Data(one, y), counts, classes, 1, context);
  });
}

TEST_CASE("a hundred covariates make a loss no slower: its search is among the atoms", "[theory]") {
  const Atoms truth = random_atoms(3, 100, 1), estimate = random_atoms(4, 100, 2);
  const Loss loss = loss_named("softmax over");
  const double value = voronoi(estimate, truth, {}, loss).value;
  CHECK(value > 0.0);
  Atoms near = truth;
  near.gate.each_col() += vec(100, arma::fill::randn);
  near.gate(5, 0) += 1e-3;
  near.gate(70, 1) -= 1e-3;
  near.gate(99, 2) += 2e-3;
  const vec heaviest = arma::exp(truth.log_weight);
  const double found = voronoi(near, truth, {}, loss_named("softmax exact")).value;
  CHECK(found > 0.0);
  CHECK(found <= 1e-3 * (heaviest(0) + heaviest(1) + 2.0 * heaviest(2)));
}

TEST_CASE("no loss is NaN at weights and coefficients of any size", "[theory]") {
  Loss exact = loss_named("softmax exact"), over = loss_named("softmax over"), topk = loss_named("topk over", 1);
  topk.translate = Translate::estimate;
  for (double size : {1.0, 1e3, 1e5, 1e30, 1e150})
    for (const Loss& loss : {exact, over, topk}) {
      INFO(size);
      Atoms truth = random_atoms(2, 1, 3), same = truth, other = random_atoms(3, 1, 4);
      for (Atoms* atoms : {&truth, &same, &other}) atoms->log_weight *= size, atoms->gate *= size, atoms->slope *= size;
      same.log_weight += size;
      same.gate += size;
      const Voronoi equal = voronoi(same, truth, {}, loss), far = voronoi(other, truth, {}, loss);
      CHECK(equal.cell == std::vector<uword>{0, 1});
      CHECK_FALSE(std::isnan(equal.value));
      CHECK_FALSE(std::isnan(far.value));
      CHECK_FALSE(equal.estimate.log_weight.has_nan());
      CHECK(far.cell.size() == 3);
      CHECK_FALSE(std::isnan(voronoi(other, truth, {false, false, false}, loss).value));
    }
}

TEST_CASE("a loss counts weights in the truth's gauge, however large", "[theory]") {
  for (Translate translate : {Translate::truth, Translate::estimate, Translate::none}) {
    Atoms truth = random_atoms(2, 1, 5), estimate = random_atoms(2, 1, 6);
    Loss loss = loss_named("softmax exact");
    loss.translate = translate;
    const auto value = [&] { return voronoi(with_total_of(truth, estimate), truth, {}, loss).value; };
    const double small = value();
    truth.log_weight += 500.0;
    CHECK(value() == Approx(small * std::exp(500.0)).epsilon(1e-9));
    truth.log_weight += 500.0;
    CHECK(value() == arma::datum::inf);
    CHECK(voronoi(truth, truth, {}, loss).value == 0.0);
  }
}
