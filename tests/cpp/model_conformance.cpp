#include "conformance.hpp"
#include "expertmix/solver/linear_system.hpp"

using namespace conformance;

namespace {

double row_sum(const Table& table, uword experts, uword row) {
  double sum = 0;
  for (uword k = 0; k < experts; ++k) sum += table[k][row];
  return sum;
}

/// Parameters of the same mixture with its experts in another order. Predictors of the gate that expert 1 lacks are
/// zero for it, so its new ones are subtracted from all.
vec relabelled(const Problem& problem, const vec& parameters, const uvec& order) {
  const Layout& layout = problem.layout;
  const auto own = [&](std::size_t p) { return layout.predictors[p].expert < layout.experts; };
  const auto find = [&](std::size_t like, uword expert) {
    std::size_t p = 0;
    const auto same = [&] {
      const Predictor &a = layout.predictors[p], &b = layout.predictors[like];
      return a.expert == expert && a.unit == b.unit && a.design == b.design && a.outcome == b.outcome &&
             (p < layout.gate_predictors) == (like < layout.gate_predictors);
    };
    while (p < layout.predictors.size() && !same()) ++p;
    return p;
  };
  const auto value = [&](std::size_t like, uword expert) {
    const std::size_t p = find(like, expert);
    return p < layout.predictors.size() ? vec(parameters(layout.span(p))) : vec(layout.size(like), arma::fill::zeros);
  };
  vec out = parameters;
  for (std::size_t p = 0; p < layout.predictors.size(); ++p) {
    if (!own(p)) continue;
    out(layout.span(p)) = value(p, order(layout.predictors[p].expert));
    if (p < layout.gate_predictors && find(p, 0) == layout.predictors.size()) out(layout.span(p)) -= value(p, order(0));
  }
  return out;
}

}  // namespace

TEST_CASE("conformance: probabilities sum to one and all is finite at scores of +-1000", "[model]") {
  for_each_problem([](const Problem& problem) {
    const Sample rows = problem.rows(40, 1);
    const uword experts = problem.layout.experts;
    for (double scale : {0.6, 1000.0}) {
      vec parameters = problem.parameters(2);
      for (std::size_t p = 0; p < problem.layout.gate_predictors; ++p)
        parameters(problem.layout.span(p)) = scale * arma::sign(parameters(problem.layout.span(p)));
      const auto work = evaluated(problem, rows, parameters);
      double worst = 0;
      for (uword i = 0; i < rows.y.n_rows; ++i)
        worst = std::max(
            {worst, std::abs(row_sum(work->gate.pi, experts, i) - 1), std::abs(row_sum(work->r, experts, i) - 1)});
      CHECK(worst < 1e-14);
      const Statistics at = problem.at(rows, parameters);
      CHECK(std::isfinite(at.log_likelihood));
      CHECK(at.score.is_finite());
      CHECK(dense(at.em, problem.layout.parameters).is_finite());
      CHECK(at.observed.block[0].is_finite());
    }
  });
}

TEST_CASE("conformance: score against differences of the log-likelihood, every predictor", "[model]") {
  for_each_problem([](const Problem& problem) {
    const vec parameters = problem.parameters(4);
    const Sample rows = smooth_rows(problem, problem.rows(300, 3), parameters);
    const vec score = problem.at(rows, parameters).score;
    const auto likelihood = [&](const vec& at) { return vec{problem.at(rows, at, Needs{}).log_likelihood}; };
    const mat numeric = differences(likelihood, parameters).t();
    const double least = 1e-4 * arma::abs(numeric).max();
    for (std::size_t p = 0; p < problem.layout.predictors.size(); ++p) {
      CAPTURE(p);
      CHECK(relative_distance(score(problem.layout.span(p)), numeric.rows(problem.layout.span(p)), least) < 1e-6);
    }
  });
}

TEST_CASE("conformance: observed information against differences of the score, every block", "[model]") {
  for_each_problem([](const Problem& problem) {
    const vec parameters = problem.parameters(6);
    const Sample rows = smooth_rows(problem, problem.rows(300, 5), parameters);
    const mat observed = problem.at(rows, parameters).observed.block[0];
    const auto score = [&](const vec& at) { return problem.at(rows, at, Needs{true, false, false}).score; };
    const mat numeric = -differences(score, parameters);
    const std::size_t predictors = problem.layout.predictors.size();
    const double least = 1e-4 * arma::abs(numeric).max();
    for (std::size_t p = 0; p < predictors; ++p)
      for (std::size_t q = 0; q < predictors; ++q) {
        CAPTURE(p, q);
        const arma::span a = problem.layout.span(p), b = problem.layout.span(q);
        CHECK(relative_distance(observed(a, b), numeric(a, b), least) < 1e-6);
      }
  });
}

TEST_CASE("conformance: EM information is positive semi-definite", "[model]") {
  for_each_problem([](const Problem& problem) {
    const Sample rows = problem.rows(100, 7);
    for (std::uint64_t seed : {8, 9})
      for (const mat& block : problem.at(rows, problem.parameters(seed, 2.0)).em.block) {
        const vec values = arma::eig_sym(block);
        CHECK(values.min() >= -1e-12 * values.max());
      }
  });
}

TEST_CASE("conformance: relabelled experts are the same mixture", "[model]") {
  for_each_problem([](const Problem& problem) {
    const Sample rows = problem.rows(100, 10);
    const vec parameters = problem.parameters(11);
    const uword experts = problem.layout.experts;
    uvec order(experts);
    for (uword k = 0; k < experts; ++k) order(k) = (k + 1) % experts;
    const Statistics before = problem.at(rows, parameters),
                     after = problem.at(rows, relabelled(problem, parameters, order));
    CHECK(after.log_likelihood == Approx(before.log_likelihood).epsilon(1e-12));
    CHECK(relative_distance(after.mass, before.mass.elem(order)) < 1e-12);
    CHECK(relative_distance(after.gate_mass, before.gate_mass.elem(order)) < 1e-12);
    if (experts > 1) CHECK(relative_distance(after.mass, before.mass) > 1e-6);
  });
}

TEST_CASE("conformance: order of rows, blocks and repeated rows do not matter", "[model]") {
  for_each_problem([](const Problem& problem) {
    const uword n = 611, p = problem.layout.parameters;
    Sample rows = problem.rows(n, 12);
    const vec parameters = problem.parameters(13);
    const Statistics whole = problem.at(rows, parameters);
    CHECK(distance(problem.at(rows.pick(arma::regspace<uvec>(n - 1, -1, 0)), parameters), whole, p) < 1e-10);

    Statistics parts = problem.at(rows.pick(arma::regspace<uvec>(0, 99)), parameters);
    parts += problem.at(rows.pick(arma::regspace<uvec>(100, n - 1)), parameters);
    CHECK(distance(parts, whole, p) < 1e-10);

    uvec repeated;
    for (uword i = 0; i < n; ++i) {
      rows.weight(i) = static_cast<double>(i % 4);
      for (uword copy = 0; copy < i % 4; ++copy) repeated = arma::join_cols(repeated, uvec{i});
    }
    Sample copies = rows.pick(repeated);
    copies.weight.ones();
    CHECK(distance(problem.at(copies, parameters), problem.at(rows, parameters), p) < 1e-10);
  });
}

TEST_CASE("conformance: same bits on one and on two threads", "[model][long]") {
  for (const auto& [gate, gate_object] : gates())
    for (const auto& [family, family_object] : families()) {
      const Problem problem(gate, family, 3, all_designs()[0]);
      const Sample rows = problem.rows(20011, 14);
      const vec parameters = problem.parameters(15);
      const auto run = [&](int threads) {
        return problem.at(rows, parameters, everything, {}, Scaling::identity(4), threads);
      };
      const Statistics one = run(1);
      for (int repeat = 0; repeat < 3; ++repeat) {
        const Statistics two = run(2);
        CHECK(two.log_likelihood == one.log_likelihood);
        CHECK(arma::all(two.mass == one.mass));
        CHECK(arma::all(two.score == one.score));
        CHECK(arma::all(arma::vectorise(two.observed.block[0] == one.observed.block[0])));
        for (std::size_t b = 0; b < one.em.block.size(); ++b)
          CHECK(arma::all(arma::vectorise(two.em.block[b] == one.em.block[b])));
      }
    }
}

TEST_CASE("conformance: recoded data are the same model up to the Jacobian", "[model]") {
  const Scaling numeric{{0.0, 1.5, -0.3, 20.0}, {1.0, 2.5, 0.1, 7.0}, 3.0, 1.7}, other{numeric.centre, numeric.scale};
  for (const auto& [gate, gate_object] : gates())
    for (const auto& [family, family_object] : families())
      for (const Designs& designs : {all_designs()[0], all_designs()[1]}) {
        const Problem problem(gate, family, 3, designs);
        const Sample rows = problem.rows(300, 16);
        Scaling scaling = problem.mixture.family->recodes() ? numeric : other;
        if (gate_object->splits(3)) scaling.centre.assign(4, 0.0);
        const ParameterMap map(problem.layout, scaling);
        const vec user = problem.parameters(17), recoded = map.to_recoded(user);
        CHECK(relative_distance(map.to_user(recoded), user) < 1e-12);
        const Statistics a = problem.at(rows, user), b = problem.at(rows, recoded, everything, {}, scaling);
        CHECK(b.log_likelihood - b.weight * std::log(scaling.response_scale) ==
              Approx(a.log_likelihood).epsilon(1e-12));
        CHECK(relative_distance(b.mass, a.mass) < 1e-11);
        if (arma::rcond(a.observed.block[0]) < 1e-12) continue;
        const mat covariance = map.covariance(arma::inv(b.observed.block[0]));
        CHECK(relative_distance(covariance, arma::inv(a.observed.block[0])) < 1e-7);
      }
}

TEST_CASE("conformance: the experts' M-step raises the likelihood, an approximate one after some halving", "[model]") {
  for_each_problem([](const Problem& problem) {
    const Sample rows = problem.rows(400, 18);
    vec parameters = problem.parameters(19);
    Statistics at = problem.at(rows, parameters, {true, true, false});
    const double first = at.log_likelihood;
    if (at.mass.min() < 10.0) return;  // too few rows for an expert of a top-K gate: its variance has no maximum
    const int most = problem.mixture.family->recodes() ? 0 : 6;
    for (int step = 0; step < 20; ++step) {
      const vec solved = CholeskyFactor::of(regularised(at.em)).value().solve(at.score);
      vec target = parameters;
      problem.mixture.family->maximise(at, problem.layout, solved, target);
      const double last = at.log_likelihood - 1e-9;
      int halved = -1;
      do {
        at = problem.at(rows, parameters + std::pow(0.5, ++halved) * (target - parameters), {true, true, false});
      } while (at.log_likelihood < last && halved < most);
      CHECK(at.log_likelihood >= last);
      parameters += std::pow(0.5, halved) * (target - parameters);
    }
    CHECK(at.log_likelihood > first + 1.0);
  });
}
