#include <expertmix/predict.hpp>

#include "host.h"
#include "model.h"

// [[Rcpp::export(rng = false)]]
SEXP core_scores(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates,
                 const Rcpp::List& aliased, int threads) {
  using namespace expertmix;
  return guarded([&]() -> SEXP {
    const auto kept = KeptColumns::without(Rcpp::as<std::vector<bool>>(aliased["gate"]),
                                           Rcpp::as<std::vector<bool>>(aliased["experts"]));
    return Rcpp::wrap(scores(host_data(data), read_mixture(model), read_coefficients(estimates), kept,
                             host_context(threads, R_NilValue)));
  });
}
