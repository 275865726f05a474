#include <expertmix/predict.hpp>

#include "host.h"
#include "model.h"

namespace {

using namespace expertmix;

KeptColumns read_kept(const Rcpp::List& aliased) {
  return KeptColumns::without(Rcpp::as<std::vector<bool>>(aliased["gate"]),
                              Rcpp::as<std::vector<bool>>(aliased["experts"]));
}

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP core_scores(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates,
                 const Rcpp::List& aliased, int threads) {
  return guarded([&]() -> SEXP {
    return Rcpp::wrap(scores(host_data(data), read_mixture(model), read_coefficients(estimates), read_kept(aliased),
                             host_context(threads, R_NilValue)));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_score_products(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates,
                         const Rcpp::List& aliased, int threads) {
  return guarded([&]() -> SEXP {
    return Rcpp::wrap(score_products(host_data(data), read_mixture(model), read_coefficients(estimates),
                                     read_kept(aliased), host_context(threads, R_NilValue)));
  });
}
