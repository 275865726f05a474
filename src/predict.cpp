#include <expertmix/merges.hpp>
#include <expertmix/predict.hpp>

#include "host.h"
#include "model.h"

namespace {

using namespace expertmix;

SEXP row_wise(const Data& data, const Mixture& mixture, const Coefficients& coefficients, const std::string& type,
              const arma::vec& probabilities) {
  if (type == "gate") return Rcpp::wrap(gate_probabilities(data, mixture, coefficients));
  if (type == "experts") return Rcpp::wrap(expert_means(data, mixture, coefficients));
  if (type == "posterior") return Rcpp::wrap(posterior(data, mixture, coefficients));
  if (type == "log_density") return as_vector(log_density(data, mixture, coefficients));
  if (type == "density")
    return as_vector(log_density(data, mixture, coefficients).transform([](double value) { return std::exp(value); }));
  if (type == "cdf") return as_vector(distribution(data, mixture, coefficients));
  if (type == "survival") return as_vector(survival(data, mixture, coefficients));
  if (type == "quantile") return Rcpp::wrap(quantiles(data, mixture, coefficients, probabilities));
  return Rcpp::wrap(predict(data, mixture, coefficients));
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP core_predict(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates, const std::string& type,
                  const Rcpp::NumericVector& probabilities) {
  return guarded([&] {
    const Data rows = host_data(data);
    return row_wise(rows, read_mixture(model), read_coefficients(estimates), type, Rcpp::as<arma::vec>(probabilities));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_highest_density(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates, double level) {
  return guarded([&]() -> SEXP {
    const auto parts = highest_density(host_data(data), read_mixture(model), read_coefficients(estimates), level);
    mat out(parts.size(), 4);
    for (uword i = 0; i < parts.size(); ++i)
      out.row(i) = {parts[i].row + 1.0, parts[i].lower, parts[i].upper, parts[i].probability};
    return Rcpp::wrap(out);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_distances(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates) {
  return guarded([&]() -> SEXP {
    return Rcpp::wrap(expert_distances(host_data(data), read_mixture(model), read_coefficients(estimates)));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_splits(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates, double share) {
  return guarded([&]() -> SEXP {
    Rcpp::List out;
    for (const mat& start :
         split_responsibilities(host_data(data), read_mixture(model), read_coefficients(estimates), share))
      out.push_back(Rcpp::wrap(start));
    return out;
  });
}
