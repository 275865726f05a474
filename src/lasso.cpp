#include <expertmix/path.hpp>

#include "host.h"
#include "result.h"
#include "search.h"

namespace {

using namespace expertmix;
using Rcpp::_;

Lasso read_lasso(const Rcpp::List& penalty) {
  Lasso out;
  out.experts = Rcpp::as<double>(penalty["experts"]);
  out.gate = Rcpp::as<double>(penalty["gate"]);
  out.ridge = Rcpp::as<double>(penalty["ridge"]);
  out.alpha = Rcpp::as<double>(penalty["alpha"]);
  out.expert_factors = Rcpp::as<mat>(penalty["expert_factors"]);
  out.gate_factors = Rcpp::as<mat>(penalty["gate_factors"]);
  out.standardize = Rcpp::as<bool>(penalty["standardize"]);
  out.response_unit = Rcpp::as<bool>(penalty["response_unit"]);
  out.scaled = Rcpp::as<bool>(penalty["scaled"]);
  out.power = Rcpp::as<double>(penalty["gamma"]);
  out.refit = Rcpp::as<bool>(penalty["refit"]);
  if (Rcpp::as<double>(penalty["reference"]) > 0)
    out.reference = {static_cast<uword>(Rcpp::as<double>(penalty["reference"])) - 1};
  return out;
}

PathOptions read_options(const Rcpp::List& control) {
  PathOptions out;
  out.lambda = Rcpp::as<vec>(control["lambda"]);
  out.count = static_cast<uword>(Rcpp::as<double>(control["count"]));
  out.ratio = Rcpp::as<double>(control["ratio"]);
  out.refit = Rcpp::as<bool>(control["refit"]);
  read_search(control, out);
  return out;
}

Rcpp::List write_fit(const LassoFit& fit) {
  Rcpp::List out = Rcpp::List::create(
      _["lambda"] = fit.lambda, _["gate"] = fit.gate, _["experts"] = fit.experts, _["sigma"] = as_vector(fit.sigma),
      _["temperature"] = fit.temperature, _["gate_intercept"] = fit.gate_intercept + 1.0,
      _["log_likelihood"] = fit.log_likelihood, _["objective"] = fit.objective, _["violation"] = fit.violation,
      _["degrees"] = fit.degrees, _["slopes"] = fit.slopes, _["mass"] = as_vector(fit.mass),
      _["gate_mass"] = as_vector(fit.gate_mass), _["spikes"] = from_one(fit.spikes), _["guarded"] = fit.guarded,
      _["converged"] = fit.converged, _["iterations"] = static_cast<double>(fit.iterations), _["status"] = fit.status,
      _["began"] = fit.began, _["origin"] = as_vector(fit.origin));
  out["empty"] = from_one(fit.empty);
  out["scalars"] = fit.scalars;
  return out;
}

}  // namespace

Rcpp::List write_path(const LassoPath& path) {
  Rcpp::List fits;
  for (const LassoFit& fit : path.fits) fits.push_back(write_fit(fit));
  Rcpp::List refits;
  for (const auto& fit : path.refits) refits.push_back(fit ? SEXP(write_fit(*fit)) : R_NilValue);
  return Rcpp::List::create(_["fits"] = fits, _["refits"] = refits, _["weight"] = path.weight,
                            _["response_scale"] = path.response_scale, _["largest_lambda"] = path.largest_lambda,
                            _["passes"] = static_cast<double>(path.passes),
                            _["starts"] = static_cast<double>(path.starts), _["slopes"] = path.slopes,
                            _["status"] = path.status, _["seconds"] = path.seconds);
}

// [[Rcpp::export(rng = false)]]
SEXP core_lasso_path(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& penalty,
                     const Rcpp::List& control, const Rcpp::List& start, SEXP progress) {
  return guarded([&]() -> SEXP {
    const Context context = host_context(Rcpp::as<int>(control["threads"]), progress);
    const Mixture mixture = read_mixture(model);
    const Lasso lasso = read_lasso(penalty);
    const PathOptions options = read_options(control);
    const Start from = read_start(start);
    if (Rf_isS4(data["x"]))
      return write_path(lasso_path(host_sparse_data(data), mixture, lasso, options, from, context));
    return write_path(lasso_path(host_data(data), mixture, lasso, options, from, context));
  });
}

// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector core_permutation(double count, double seed) {
  const uvec order =
      Random(static_cast<std::uint64_t>(seed), 0).sample(static_cast<uword>(count), static_cast<uword>(count));
  return Rcpp::NumericVector(order.begin(), order.end());
}
