#include <expertmix/predict.hpp>

#include "host.h"

namespace {

using namespace expertmix;

SEXP as_vector(const vec& values) { return Rcpp::NumericVector(values.begin(), values.end()); }

SEXP row_wise(const Data& data, const mat& gate, const mat& experts, const vec& sigma, const std::string& type) {
  if (type == "gate") return Rcpp::wrap(gate_probabilities(data, gate, experts, sigma));
  if (type == "experts") return Rcpp::wrap(expert_means(data, gate, experts, sigma));
  if (type == "posterior") return Rcpp::wrap(posterior(data, gate, experts, sigma));
  if (type == "density") return as_vector(arma::exp(log_density(data, gate, experts, sigma)));
  return as_vector(predict(data, gate, experts, sigma));
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP core_predict(const Rcpp::List& data, const arma::mat& gate, const arma::mat& experts, const arma::vec& sigma,
                  const std::string& type) {
  return guarded([&] {
    const HostData host(data);
    return row_wise(host.view(), gate, experts, sigma, type);
  });
}
