#include "conformance.hpp"

using namespace conformance;

namespace {

/// A softmax gate with Gaussian experts, row by row as the textbook has it: z and x are the row's designs, `gate` and
/// `experts` have a column an expert (the reference's gate is zero).
struct SlowRow {
  arma::rowvec z, x;
  double y;
  const mat &gate, &experts;
  const vec& sigma;

  vec probabilities() const {
    const vec score = (z * gate).t(), e = arma::exp(score - score.max());
    return e / arma::accu(e);
  }
  double residual(uword k) const { return y - arma::dot(x, experts.col(k)); }
  vec densities() const {
    vec out(sigma.n_elem);
    for (uword k = 0; k < sigma.n_elem; ++k) out(k) = arma::normpdf(residual(k), 0.0, sigma(k));
    return out;
  }

  /// Gradient of log pi_k f_k in (gates 2..K, then expert by expert coefficients and log sigma).
  vec gradient(uword k) const {
    const vec pi = probabilities();
    vec out;
    for (uword a = 1; a < sigma.n_elem; ++a) out = arma::join_cols(out, vec(((a == k) - pi(a)) * z.t()));
    for (uword b = 0; b < sigma.n_elem; ++b) {
      const double scaled = residual(b) / sigma(b);
      out = arma::join_cols(out, vec((b == k) * scaled / sigma(b) * x.t()), vec{(b == k) * (scaled * scaled - 1)});
    }
    return out;
  }

  /// Minus its second derivative.
  mat curvature(uword k) const {
    const vec pi = probabilities();
    const uword gates = (sigma.n_elem - 1) * z.n_elem, own = x.n_elem + 1, from = gates + k * own;
    mat out(gates + sigma.n_elem * own, gates + sigma.n_elem * own, arma::fill::zeros);
    if (gates > 0) {
      const vec rest = pi.tail(pi.n_elem - 1);
      out(arma::span(0, gates - 1), arma::span(0, gates - 1)) =
          arma::kron(mat(arma::diagmat(rest) - rest * rest.t()), mat(z.t() * z));
    }
    const double precision = 1 / (sigma(k) * sigma(k)), e = residual(k);
    const arma::span mean(from, from + x.n_elem - 1), log_sigma(from + x.n_elem, from + x.n_elem);
    out(mean, mean) = precision * x.t() * x;
    out(mean, log_sigma) = 2 * e * precision * x.t();
    out(log_sigma, mean) = out(mean, log_sigma).t();
    out(log_sigma, log_sigma) = 2 * e * e * precision;
    return out;
  }
};

}  // namespace

TEST_CASE("log-likelihood, score and observed information against Louis' identity written out", "[model]") {
  const uword n = 120, experts = GENERATE(1, 2, 3);
  const Problem problem("softmax", "gaussian", experts, all_designs()[1]);
  const Sample rows = random_rows(n, 30);
  const vec parameters = problem.parameters(31);
  const Layout& layout = problem.layout;
  const mat x = arma::join_rows(vec(n, arma::fill::ones), rows.covariates.cols(0, 1)),
            z = arma::join_rows(vec(n, arma::fill::ones), rows.covariates.col(2));
  mat gate(2, experts, arma::fill::zeros), coefficients(3, experts);
  vec sigma(experts);
  for (uword k = 0; k < experts; ++k) {
    if (k > 0) gate.col(k) = parameters(layout.span(k - 1));
    coefficients.col(k) = parameters(layout.span(layout.gate_predictors + k));
    sigma(k) = std::exp(parameters(layout.offset[layout.gate_predictors + experts + k]));
  }
  double likelihood = 0;
  vec score(layout.parameters, arma::fill::zeros);
  mat observed(layout.parameters, layout.parameters, arma::fill::zeros);
  for (uword i = 0; i < n; ++i) {
    const SlowRow row{z.row(i), x.row(i), rows.y(i) - rows.offset(i), gate, coefficients, sigma};
    const vec joint = row.probabilities() % row.densities(), r = joint / arma::accu(joint);
    vec mean(layout.parameters, arma::fill::zeros);
    mat second(layout.parameters, layout.parameters, arma::fill::zeros);
    for (uword k = 0; k < experts; ++k) {
      const vec gradient = row.gradient(k);
      mean += r(k) * gradient;
      second += r(k) * (row.curvature(k) - gradient * gradient.t());
    }
    likelihood += rows.weight(i) * std::log(arma::accu(joint));
    score += rows.weight(i) * mean;
    observed += rows.weight(i) * (second + mean * mean.t());
  }
  const Statistics at = problem.at(rows, parameters);
  CHECK(at.log_likelihood == Approx(likelihood).epsilon(1e-12));
  CHECK(relative_distance(at.score, score) < 1e-11);
  CHECK(relative_distance(at.observed.block[0], observed) < 1e-11);
}

TEST_CASE("a common translation of all gate coefficients changes nothing: the reference absorbs it", "[model]") {
  const uword n = 50;
  const Problem problem("softmax", "gaussian", 3, all_designs()[1]);
  const Sample rows = random_rows(n, 32);
  const vec parameters = problem.parameters(33);
  mat gate(2, 3, arma::fill::zeros);
  for (uword k = 1; k < 3; ++k) gate.col(k) = parameters(problem.layout.span(k - 1));
  gate.each_col() += vec{0.7, -1.3};
  const mat score = arma::join_rows(vec(n, arma::fill::ones), rows.covariates.col(2)) * gate;
  mat pi = arma::exp(score);
  pi.each_col() /= vec(arma::sum(pi, 1));
  CHECK(relative_distance(problem.at(rows, parameters).gate_mass, pi.t() * rows.weight) < 1e-13);
}
