#include "conformance.hpp"

using namespace conformance;

TEST_CASE("score and observed information with a toll on the gate's probabilities agree with finite differences",
          "[model]") {
  for (const auto& [name, gate] : gates())
    for (uword experts = 2; experts <= 3; ++experts) {
      const Problem problem(name, "gaussian", experts, all_designs()[1]);
      if (!problem.mixture.gate->deciding(experts).empty()) continue;
      INFO(name << ", K = " << experts);
      const vec here = problem.parameters(3), toll = vec{0.7, 2.0, 1.1}.head(experts);
      const Sample rows = smooth_rows(problem, random_rows(90, 5), here);
      const auto statistics = [&](const vec& at) {
        return problem.at(rows, at, everything, {}, Scaling::identity(4), 1, toll);
      };
      const auto objective = [&](const vec& at) {
        const Statistics s = statistics(at);
        return vec{s.log_likelihood - arma::dot(toll, s.gate_mass)};
      };
      const Statistics at = statistics(here);
      const mat score = differences(objective, here);
      CHECK(arma::abs(score.row(0).t() - at.score).max() < 1e-7 * arma::abs(at.score).max());
      const mat curvature = differences([&](const vec& p) { return statistics(p).score; }, here);
      const mat& observed = at.observed.block[0];
      CHECK(arma::abs(curvature + observed).max() < 1e-7 * arma::abs(observed).max());
      const mat shares = differences([&](const vec& p) { return statistics(p).gate_mass; }, here);
      const uword own = problem.layout.gate_parameters();
      CHECK(arma::abs(shares.head_cols(own).t() - at.shares).max() < 1e-7 * arma::abs(shares).max());
    }
}
