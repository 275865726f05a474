#include "catch.hpp"

#include <expertmix/simulate.hpp>

#include "conformance.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// Rows drawn from a problem's mixture at its parameters.
conformance::Sample drawn_rows(const conformance::Problem& problem, const vec& parameters, uword n) {
  conformance::Sample rows = problem.rows(n, 11);
  rows.weight.ones();
  if (!problem.mixture.family->recodes()) rows.offset.zeros();
  const mat x = arma::join_rows(vec(n, arma::fill::ones), rows.covariates.head_cols(2));
  const Coefficients at = coefficients_of(problem.layout, KeptColumns::all(3, 3), 3, 3, parameters);
  Data data(x, rows.y);
  if (problem.mixture.family->recodes()) data.offset(rows.offset);
  rows.y = draw(data, problem.mixture, at, 5).y;
  return rows;
}

/// The complete data's information bounds the score's variance.
void check_score(const std::string& gate, const std::string& family) {
  DYNAMIC_SECTION(gate << " gate, " << family << " experts") {
    const conformance::Problem problem(gate, family, 3, conformance::all_designs()[0]);
    const vec parameters = problem.parameters(3, 0.8);
    const Statistics at = problem.at(drawn_rows(problem, parameters, 4000), parameters);
    const vec z = at.score / arma::sqrt(at.em.diagonal());
    CHECK(arma::abs(z).max() < 4.5);
  }
}

}  // namespace

TEST_CASE("conformance: at draws from a mixture the score has mean zero", "[simulate]") {
  for (const auto& [family, object] : families()) check_score("softmax", family);
  for (const auto& [gate, object] : gates())
    if (gate != "top-1 by slope") check_score(gate, "gaussian");
}

TEST_CASE("draws are a function of the seed, and counts keep their totals", "[simulate]") {
  const conformance::Problem problem("softmax", "multinomial, counts", 2, conformance::all_designs()[0]);
  const vec parameters = problem.parameters(1);
  const mat a = drawn_rows(problem, parameters, 300).y, b = drawn_rows(problem, parameters, 300).y;
  CHECK(arma::all(arma::vectorise(a == b)));
  CHECK(arma::all(arma::vectorise(arma::sum(a, 1) == arma::sum(problem.rows(300, 11).y, 1))));
}

TEST_CASE("an index is chosen with its probability, never one of probability zero", "[simulate]") {
  Random random(1, 2);
  const double probability[] = {0.0, 0.25, 0.0, 0.75, 0.0};
  vec count(5, arma::fill::zeros);
  for (int i = 0; i < 10000; ++i) ++count(random.choose(probability, 1, 5));
  CHECK(count(0) + count(2) + count(4) == 0.0);
  CHECK(count(1) == Approx(2500.0).margin(4.0 * std::sqrt(1875.0)));
}
