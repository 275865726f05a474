#include "catch.hpp"
#include "random_atoms.hpp"

#include <expertmix/base/random.hpp>
#include <expertmix/theory/voronoi.hpp>

using namespace expertmix;

namespace {

/// One covariate each: columns (beta_0, beta_1, a, b, nu).
Atoms atoms(const mat& rows) {
  Atoms out;
  out.log_weight = rows.col(0);
  out.gate = rows.col(1).t();
  out.slope = rows.col(2).t();
  out.intercept = rows.col(3).t();
  out.variance = rows.col(4).t();
  return out;
}

const Atoms truth = atoms({{-8.0, 25.0, -20.0, 15.0, 0.09}, {0.0, 0.0, 20.0, -5.0, 0.16}});

double loss_of(const Atoms& estimate, const Atoms& of, const std::string& name, uword active = 0) {
  return voronoi(estimate, of, {}, loss_named(name, active, 1.0, 7.0)).value;
}

Atoms translated(Atoms from, double t1, double t2) {
  from.log_weight += t1;
  from.gate += t2;
  return from;
}

/// The smallest loss on a fine grid of t2 with every atom's own cell, and the best of many t1: an upper bound that is
/// close to the infimum.
double on_a_grid(const Atoms& estimate, const Atoms& of, const Loss& loss) {
  double best = arma::accu(arma::exp(of.log_weight));
  const Gauge fixed{false, false, false};
  for (double t2 = -4.0; t2 <= 4.0; t2 += 0.02)
    for (uword j = 0; j <= 90; ++j)
      best = std::min(best, voronoi(translated(estimate, -6.0 + 0.1 * j, t2), of, fixed, loss).value);
  return best;
}

}  // namespace

TEST_CASE("the exact loss is what one computes by hand", "[theory]") {
  // t2 = 0 as expert 2 weighs e^8 times more, t1 = 0: e^-8 |(0, 3, 4, 0)| + |(0, 0, 0.1, 0)|.
  const Atoms near = atoms({{-8.0, 25.0, -17.0, 19.0, 0.09}, {0.0, 0.0, 20.0, -4.9, 0.16}});
  CHECK(loss_of(near, truth, "softmax exact") == Approx(5.0 * std::exp(-8.0) + 0.1).epsilon(1e-12));
  CHECK(loss_of(near, truth, "topk exact", 2) == Approx(7.0 * std::exp(-8.0) + 0.1).epsilon(1e-9));
  CHECK(loss_of(near, truth, "topk exact", 1) == Approx(0.1).epsilon(1e-9));
  // t2 = -2 brings expert 2 back and moves expert 1, of weight e^-8, from 25 to 23.
  const Atoms turned = atoms({{-8.0, 25.0, -20.0, 15.0, 0.09}, {0.0, 2.0, 20.0, -5.0, 0.16}});
  CHECK(loss_of(turned, truth, "softmax exact") == Approx(2.0 * std::exp(-8.0)).epsilon(1e-10));
  // Weights 2 e^-8 and 1: s = 1 leaves e^-8.
  const Atoms heavier = atoms({{-8.0 + std::log(2.0), 25.0, -20.0, 15.0, 0.09}, {0.0, 0.0, 20.0, -5.0, 0.16}});
  CHECK(loss_of(heavier, truth, "softmax exact") == Approx(std::exp(-8.0)).epsilon(1e-10));
}

TEST_CASE("the over-specified loss has powers rbar and rbar / 2 in cells of several atoms", "[theory]") {
  // Expert 2 by two atoms of weight 1/2 at distances 0.5 in b and 0.1 in a: rbar = 4.
  const double half = std::log(0.5);
  const Atoms split =
      atoms({{-8.0, 25.0, -20.0, 15.0, 0.09}, {half, 0.0, 20.0, -4.5, 0.16}, {half, 0.0, 20.1, -5.0, 0.16}});
  const Voronoi at = voronoi(split, truth, {}, loss_named("softmax over", 0, 1.0, 7.0));
  CHECK(at.value == Approx(0.5 * std::pow(0.5, 4) + 0.5 * std::pow(0.1, 2)).epsilon(1e-9));
  CHECK(at.cell == Cells{0, 1, 1});
  CHECK_FALSE(at.saturated);
  CHECK(loss_of(split, truth, "softmax exact") == Approx(0.5 * 0.5 + 0.5 * 0.1).epsilon(1e-9));
  CHECK(rbar(1) == 1.0);
  CHECK(rbar(2) == 4.0);
  CHECK(rbar(3) == 6.0);
  CHECK(rbar(4) == 7.0);
}

TEST_CASE("a far estimate's loss is the truth's total weight", "[theory]") {
  const Atoms far = atoms({{0.0, 1.0, 500.0, 300.0, 9.0}, {0.0, 0.0, -300.0, 700.0, 4.0}});
  const Voronoi at = voronoi(far, truth, {}, loss_named("softmax exact", 0, 1.0, 7.0));
  CHECK(at.saturated);
  CHECK(at.value == Approx(1.0 + std::exp(-8.0)).epsilon(1e-14));
}

TEST_CASE("losses do not depend on labels, nor on which expert the estimate takes as reference", "[theory]") {
  for (const std::string name :
       {"softmax exact", "softmax over", "topk exact", "topk over", "activation over", "power"})
    for (std::uint64_t seed = 0; seed < 3; ++seed)
      for (uword d = 1; d <= (name[0] == 't' ? 1 : 2); ++d) {
        INFO(name << ", " << seed << ", " << d);
        const Atoms of = random_atoms(3, d, seed), estimate = random_atoms(4, d, 100 + seed);
        const uword active = name[0] == 't' ? 2 : 0;
        const double loss = loss_of(estimate, of, name, active);
        CHECK(loss_of(translated(estimate, 700.0, -3.0), of, name, active) == Approx(loss).epsilon(1e-7));
        Atoms relabelled = translated(estimate, -estimate.log_weight(2), -estimate.gate(0, 2));
        const uvec order{2, 0, 3, 1};
        relabelled.log_weight = relabelled.log_weight.elem(order).eval();
        for (mat* block : {&relabelled.gate, &relabelled.slope, &relabelled.intercept, &relabelled.variance})
          *block = mat(block->cols(order));
        CHECK(loss_of(relabelled, of, name, active) == Approx(loss).epsilon(1e-7));
      }
}

TEST_CASE("the infimum over translations is found: no grid does better", "[theory][long]") {
  for (const std::string name : {"softmax exact", "softmax over", "topk exact", "topk over"})
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      INFO(name << ", " << seed);
      const Atoms of = random_atoms(3, 1, seed), estimate = random_atoms(seed % 2 ? 4 : 3, 1, 100 + seed);
      const Loss loss = loss_named(name, name[0] == 't' ? 2 : 0, 1.0, 7.0);
      const double found = voronoi(estimate, of, {}, loss).value, grid = on_a_grid(estimate, of, loss);
      CHECK(found <= grid + 1e-9);
      CHECK(found > 0.9 * grid);
    }
}

TEST_CASE("an activation gate's slopes are not translated, but reflected", "[theory]") {
  const Gauge gauge{false, true, true};
  const Loss loss = loss_named("activation exact", 0, 1.0, 7.0);
  Atoms other = reflected(truth);
  other.log_weight += 2.0;
  CHECK(voronoi(other, truth, gauge, loss).value == Approx(0.0).margin(1e-12));
  CHECK(voronoi(translated(truth, 0.0, 1.0), truth, gauge, loss).value > 0.1);
}
