#include "conformance.hpp"

using namespace conformance;

namespace {

/// The score's family part is linear in the responsibilities, and the masses are their weighted sums.
Statistics with(const Problem& problem, const Sample& rows, const vec& parameters, const mat& responsibilities) {
  const Data data = Data(rows.covariates, rows.y).weights(rows.weight).offset(rows.offset);
  const mat& c = rows.covariates;
  const Memory source(data, {c.colptr(0), c.colptr(1), c.colptr(2)}, Scaling::identity(4), &responsibilities);
  const Context context;
  const Responsibility given{Responsibility::Rule::given};
  return Fold(source, problem.mixture, problem.layout, context)({mat(parameters), {true, true, false}, given})[0];
}

}  // namespace

TEST_CASE("annealed responsibilities at beta = 1 are the posterior, and flatten as beta falls", "[model]") {
  const Problem problem("softmax", "gaussian", 3, all_designs()[0]);
  const Sample rows = random_rows(300, 20);
  const vec parameters = problem.parameters(21);
  const auto annealed = [&](double beta) {
    return problem.at(rows, parameters, everything, {Responsibility::Rule::annealed, beta});
  };
  const Statistics posterior = problem.at(rows, parameters);
  CHECK(distance(annealed(1.0), posterior, problem.layout.parameters) < 1e-12);
  CHECK(annealed(0.3).log_likelihood == posterior.log_likelihood);
  CHECK(relative_distance(annealed(1e-9).mass, vec(3, arma::fill::value(posterior.weight / 3))) < 1e-6);
}

TEST_CASE("given responsibilities are used as they are", "[model]") {
  const Problem problem("softmax", "gaussian", 2, all_designs()[0]);
  const Sample rows = random_rows(300, 22);
  const vec parameters = problem.parameters(23);
  mat responsibilities(300, 2, arma::fill::zeros);
  for (uword i = 0; i < 300; ++i) responsibilities(i, i % 3 == 0) = 1.0;
  const Statistics at = with(problem, rows, parameters, responsibilities);
  CHECK(relative_distance(at.mass, responsibilities.t() * rows.weight) < 1e-13);

  const mat x = arma::join_rows(vec(300, arma::fill::ones), rows.covariates.cols(0, 1));
  const Layout& layout = problem.layout;
  for (uword k = 0; k < 2; ++k) {
    const std::size_t mean = layout.gate_predictors + k;
    const double sigma = std::exp(parameters(layout.offset[mean + 2]));
    const vec residual = rows.y - rows.offset - x * parameters(layout.span(mean));
    const vec expected = x.t() * (rows.weight % responsibilities.col(k) % residual) / (sigma * sigma);
    CHECK(relative_distance(at.score(layout.span(mean)), expected) < 1e-12);
  }
}
