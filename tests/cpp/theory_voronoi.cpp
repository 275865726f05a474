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

Loss loss_of(const std::string& name, Translate translate, uword active = 0) {
  Loss out = loss_named(name, active);
  out.translate = translate;
  return out;
}

/// In the gauge of the truth's total weight.
double value_of(const Atoms& estimate, const Atoms& of, const Loss& loss) {
  return voronoi(with_total_of(of, estimate), of, {}, loss).value;
}

constexpr Translate translations[] = {Translate::truth, Translate::estimate, Translate::none};

Atoms translated(Atoms from, double t1, double t2) {
  from.log_weight += t1;
  from.gate += t2;
  return from;
}

Atoms relabelled(Atoms from, const uvec& order) {
  from.log_weight = from.log_weight.elem(order).eval();
  for (mat* block : {&from.gate, &from.slope, &from.intercept, &from.variance}) *block = mat(block->cols(order));
  return from;
}

/// The smallest loss on a fine grid of t2 and t1 with every atom's own cell: an upper bound close to the infimum.
double on_a_grid(const Atoms& estimate, const Atoms& of, const Loss& loss) {
  const bool scaled = loss.translate == Translate::estimate;
  Loss still = loss;
  still.translate = Translate::none;
  double best = arma::datum::inf;
  for (double t2 = -4.0; t2 <= 4.0; t2 += 0.05)
    for (double t1 = -6.0; t1 <= 3.0; t1 += 0.25) {
      const Atoms from = translated(estimate, scaled ? t1 : 0.0, t2);
      const Atoms to = translated(of, scaled ? 0.0 : t1, 0.0);
      best = std::min(best, voronoi(from, to, {}, still).value);
    }
  return best;
}

}  // namespace

TEST_CASE("the exact loss is what one computes by hand", "[theory]") {
  for (Translate translate : {Translate::truth, Translate::estimate}) {
    const auto loss = [&](const Atoms& estimate, const std::string& name, uword active = 0) {
      return voronoi(estimate, truth, {}, loss_of(name, translate, active)).value;
    };
    // t2 = 0 as expert 2 weighs e^8 times more, t1 = 0: e^-8 |(0, 3, 4, 0)| + |(0, 0, 0.1, 0)|.
    const Atoms near = atoms({{-8.0, 25.0, -17.0, 19.0, 0.09}, {0.0, 0.0, 20.0, -4.9, 0.16}});
    CHECK(loss(near, "softmax exact") == Approx(5.0 * std::exp(-8.0) + 0.1).epsilon(1e-12));
    CHECK(loss(near, "topk exact", 2) == Approx(7.0 * std::exp(-8.0) + 0.1).epsilon(1e-9));
    CHECK(loss(near, "topk exact", 1) == Approx(0.1).epsilon(1e-9));
    // t2 = -2 brings expert 2 back and moves expert 1, of weight e^-8, from 25 to 23.
    const Atoms turned = atoms({{-8.0, 25.0, -20.0, 15.0, 0.09}, {0.0, 2.0, 20.0, -5.0, 0.16}});
    CHECK(loss(turned, "softmax exact") == Approx(2.0 * std::exp(-8.0)).epsilon(1e-10));
    // Weights 2 e^-8 and 1: t1 = 0 leaves e^-8.
    const Atoms heavier = atoms({{-8.0 + std::log(2.0), 25.0, -20.0, 15.0, 0.09}, {0.0, 0.0, 20.0, -5.0, 0.16}});
    CHECK(loss(heavier, "softmax exact") == Approx(std::exp(-8.0)).epsilon(1e-10));
  }
}

TEST_CASE("which gate is translated, and whether: by hand", "[theory]") {
  // Weights 3 and 1 for 1 and 1, all else right. Truth: |3 - s| + |1 - s| = 2 for s between 1 and 3; estimate:
  // |3 s - 1| + |s - 1| is least at s = 1/3.
  const Atoms even = atoms({{0.0, 1.0, 0.0, 0.0, 1.0}, {0.0, -1.0, 5.0, 0.0, 1.0}});
  Atoms heavy = even;
  heavy.log_weight(0) = std::log(3.0);
  const auto loss = [&](const Atoms& estimate, Translate translate) {
    return voronoi(estimate, even, {}, loss_of("softmax exact", translate)).value;
  };
  CHECK(loss(heavy, Translate::truth) == Approx(2.0).epsilon(1e-12));
  CHECK(loss(heavy, Translate::estimate) == Approx(2.0 / 3.0).epsilon(1e-12));
  CHECK(loss(heavy, Translate::none) == Approx(2.0).epsilon(1e-12));
  // ... and a total weight of 2: 1.5 and 0.5.
  CHECK(loss(with_total_of(even, heavy), Translate::truth) == Approx(1.0).epsilon(1e-12));
  CHECK(loss(with_total_of(even, heavy), Translate::estimate) == Approx(2.0 / 3.0).epsilon(1e-12));
  // The estimate's gate in another gauge: without translations both slopes are off by 0.5.
  const Atoms moved = translated(even, std::log(2.0), 0.5);
  CHECK(loss(moved, Translate::none) == Approx(2.0 * (0.5 + 0.5) + 1.0 + 1.0).epsilon(1e-12));
  CHECK(loss(moved, Translate::truth) == Approx(0.0).margin(1e-14));
  CHECK(loss(with_reference(1, {}, moved), Translate::none) == Approx(1.0 + 1.0).epsilon(1e-12));
  CHECK(loss(with_reference(1, {}, moved), Translate::truth) == Approx(0.0).margin(1e-14));
}

TEST_CASE("the over-specified loss has powers rbar and rbar / 2 in cells of several atoms", "[theory]") {
  // Expert 2 by two atoms of weight 1/2 at distances 0.5 in b and 0.1 in a: rbar = 4.
  const double half = std::log(0.5);
  const Atoms split =
      atoms({{-8.0, 25.0, -20.0, 15.0, 0.09}, {half, 0.0, 20.0, -4.5, 0.16}, {half, 0.0, 20.1, -5.0, 0.16}});
  for (Translate translate : translations) {
    const Voronoi at = voronoi(split, truth, {}, loss_of("softmax over", translate));
    CHECK(at.value == Approx(0.5 * std::pow(0.5, 4) + 0.5 * std::pow(0.1, 2)).epsilon(1e-9));
    CHECK(at.cell == std::vector<uword>{0, 1, 1});
    CHECK(at.attained);
    CHECK(at.tied == std::vector<bool>(3, false));
    CHECK(value_of(split, truth, loss_of("softmax exact", translate)) == Approx(0.5 * 0.5 + 0.5 * 0.1).epsilon(1e-9));
  }
  CHECK(rbar(1) == 1.0);
  CHECK(rbar(2) == 4.0);
  CHECK(rbar(3) == 6.0);
  CHECK(rbar(4) == 8.0);
  CHECK(rbar(5) == 10.0);
  CHECK(rbar(6, {8.0, 10.0, 12.0}) == 12.0);
}

TEST_CASE("infima at t1 = -infinity", "[theory]") {
  // The estimate scaled away: the truth's total weight remains.
  const Atoms far = atoms({{0.0, 1.0, 500.0, 300.0, 9.0}, {0.0, 0.0, -300.0, 700.0, 4.0}});
  const Voronoi at = voronoi(far, truth, {}, loss_of("softmax exact", Translate::estimate));
  CHECK_FALSE(at.attained);
  CHECK(at.value == Approx(1.0 + std::exp(-8.0)).epsilon(1e-14));
  // The truth scaled away where all atoms lie in the cell of its lighter expert: distances 1, weights 2 in all.
  const Atoms of = atoms({{0.0, 0.0, 0.0, 0.0, 1.0}, {std::log(2.0), 0.0, 9.0, 0.0, 1.0}});
  const Atoms light = atoms({{0.0, 0.0, 0.0, 1.0, 1.0}, {0.0, 0.0, 0.0, -1.0, 1.0}});
  const Voronoi away = voronoi(light, of, {}, loss_of("softmax exact", Translate::truth));
  CHECK_FALSE(away.attained);
  CHECK(away.value == Approx(2.0 * 1.0 + 2.0).epsilon(1e-14));
}

TEST_CASE("gates that are the same everywhere, or have no covariates, leave nothing to translate", "[theory]") {
  for (uword d : {0, 1, 3})
    for (uword k : {1, 2})
      for (Translate translate : translations) {
        Atoms of = random_atoms(k, d, 1), estimate = random_atoms(3, d, 2);
        for (Atoms* all : {&of, &estimate}) all->gate.fill(0.5);
        estimate.gate += 1.0;
        const Loss loss = loss_of("softmax exact", translate);
        CHECK(value_of(of, of, loss) == Approx(0.0).margin(1e-14));
        CHECK(std::isfinite(value_of(estimate, of, loss)));
      }
}

TEST_CASE("where every translation has the same loss, experts are filed where they are nearest", "[theory]") {
  for (double t2 : {0.0, -300.0, 12.5}) {
    // Copies of both true experts, and one that no translation brings near: its weight makes the loss saturate.
    const Atoms copies = translated(
        atoms({{0.0, 0.0, 20.0, -5.0, 0.16}, {9.0, 700.0, 900.0, 90.0, 50.0}, {-8.0, 25.0, -20.0, 15.0, 0.09}}), 3.0,
        t2);
    const Voronoi at = voronoi(copies, truth, {}, loss_of("softmax over", Translate::estimate));
    CHECK_FALSE(at.attained);
    CHECK(at.cell[0] == 1);
    CHECK(at.cell[2] == 0);
    CHECK(at.tied[0]);
    CHECK(at.estimate.gate(0) == Approx(0.0).margin(1e-6));
  }
}

TEST_CASE("given a gauge, losses do not depend on labels, nor on translations of the estimate's gate", "[theory]") {
  for (const std::string name :
       {"softmax exact", "softmax over", "topk exact", "topk over", "activation over", "power"})
    for (Translate translate : {Translate::truth, Translate::estimate})
      for (std::uint64_t seed = 0; seed < 3; ++seed)
        for (uword d = 1; d <= 3; ++d) {
          INFO(name << ", " << static_cast<int>(translate) << ", " << seed << ", " << d);
          const Atoms of = random_atoms(3, d, seed), estimate = random_atoms(4, d, 100 + seed);
          const Loss loss = loss_of(name, translate, name[0] == 't' ? 2 : 0);
          const double value = value_of(estimate, of, loss);
          CHECK(value_of(translated(estimate, 700.0, -3.0), of, loss) == Approx(value).epsilon(1e-9));
          const uvec order{2, 0, 3, 1};
          CHECK(value_of(relabelled(estimate, order), of, loss) == Approx(value).epsilon(1e-9));
          CHECK(value_of(estimate, relabelled(of, {2, 0, 1}), loss) == Approx(value).epsilon(1e-9));
          const double pinned = voronoi(with_reference(1, {}, estimate), of, {}, loss).value;
          const Atoms other = with_reference(3, {}, relabelled(translated(estimate, 1.0, 2.0), order));
          CHECK(voronoi(other, of, {}, loss).value == Approx(pinned).epsilon(1e-9));
        }
}

TEST_CASE("an estimate near a truth of as many experts: the readings of the loss agree to first order", "[theory]") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Atoms of = random_atoms(3, 1, seed), other = random_atoms(3, 1, 100 + seed);
    Atoms near = of;
    near.log_weight += 1e-5 * other.log_weight;
    near.gate += 1e-5 * other.gate;
    near.intercept += 1e-5 * other.intercept;
    const double by_truth = value_of(near, of, loss_of("softmax exact", Translate::truth));
    CHECK(by_truth > 0.0);
    CHECK(value_of(near, of, loss_of("softmax exact", Translate::estimate)) == Approx(by_truth).epsilon(1e-4));
    for (Translate translate : translations)
      CHECK(value_of(of, of, loss_of("softmax exact", translate)) == Approx(0.0).margin(1e-14));
  }
}

TEST_CASE("the infimum over translations is found: no grid does better", "[theory][long]") {
  for (const std::string name : {"softmax exact", "softmax over", "topk exact", "topk over"})
    for (Translate translate : {Translate::truth, Translate::estimate})
      for (std::uint64_t seed = 0; seed < 2; ++seed) {
        INFO(name << ", " << static_cast<int>(translate) << ", " << seed);
        const Atoms of = random_atoms(3, 1, seed), estimate = random_atoms(seed % 2 ? 4 : 3, 1, 100 + seed);
        const Loss loss = loss_of(name, translate, name[0] == 't' ? 2 : 0);
        const double found = voronoi(estimate, of, {}, loss).value, grid = on_a_grid(estimate, of, loss);
        CHECK(found <= grid + 1e-9);
        CHECK(found > 0.8 * std::min(grid, arma::accu(arma::exp(of.log_weight))));
      }
}

TEST_CASE("an activation gate's slopes are not translated, but reflected", "[theory]") {
  const Gauge gauge{false, true, true};
  Atoms other = reflected(truth);
  other.log_weight += 2.0;
  for (Translate translate : {Translate::truth, Translate::estimate}) {
    const Loss loss = loss_of("activation exact", translate);
    CHECK(voronoi(other, truth, gauge, loss).value == Approx(0.0).margin(1e-12));
    CHECK(voronoi(translated(truth, 0.0, 1.0), truth, gauge, loss).value > 0.1);
  }
}
