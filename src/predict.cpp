#include <expertmix/predict.hpp>

#include "host.h"
#include "model.h"

namespace {

using namespace expertmix;

SEXP row_wise(const Data& data, const Mixture& mixture, const Coefficients& coefficients, const std::string& type) {
  if (type == "gate") return Rcpp::wrap(gate_probabilities(data, mixture, coefficients));
  if (type == "experts") return Rcpp::wrap(expert_means(data, mixture, coefficients));
  if (type == "posterior") return Rcpp::wrap(posterior(data, mixture, coefficients));
  if (type == "log_density") return as_vector(log_density(data, mixture, coefficients));
  if (type == "density")
    return as_vector(log_density(data, mixture, coefficients).transform([](double value) { return std::exp(value); }));
  return Rcpp::wrap(predict(data, mixture, coefficients));
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP core_predict(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates,
                  const std::string& type) {
  return guarded([&] {
    const Data rows = host_data(data);
    return row_wise(rows, read_mixture(model), read_coefficients(estimates), type);
  });
}
