#include <expertmix/fit.hpp>

#include <map>

#include "host.h"
#include "model.h"

namespace {

using namespace expertmix;

KeptColumns read_kept(const Rcpp::List& aliased) {
  return KeptColumns::without(Rcpp::as<std::vector<bool>>(aliased["gate"]),
                              Rcpp::as<std::vector<bool>>(aliased["experts"]));
}

Quantity read_quantity(const Rcpp::List& quantity) {
  static const std::map<std::string, Quantity::Kind> kinds = {
      {"mean", Quantity::Kind::mean}, {"gate", Quantity::Kind::gate}, {"expert", Quantity::Kind::expert}};
  return {kinds.at(Rcpp::as<std::string>(quantity["kind"])), Rcpp::as<uword>(quantity["expert"]) - 1,
          Rcpp::as<uword>(quantity["outcome"]) - 1};
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

// [[Rcpp::export(rng = false)]]
SEXP core_gradients(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates,
                    const Rcpp::List& aliased, int threads, const Rcpp::List& quantity) {
  return guarded([&]() -> SEXP {
    return Rcpp::wrap(gradients(host_data(data), read_mixture(model), read_coefficients(estimates), read_kept(aliased),
                                read_quantity(quantity), host_context(threads, R_NilValue)));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_profile(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& estimates, const Rcpp::List& away,
                  const std::vector<double>& parameters, double level, int threads, SEXP progress) {
  return guarded([&]() -> SEXP {
    std::vector<uword> places;
    for (double number : parameters) places.push_back(static_cast<uword>(number) - 1);
    const Runaways bounded{Rcpp::as<bool>(away["gate"]), Rcpp::as<bool>(away["experts"])};
    const Profiles result = profile_intervals(host_data(data), read_mixture(model), read_coefficients(estimates),
                                              bounded, places, level, host_context(threads, progress));
    return Rcpp::List::create(Rcpp::_["ends"] = result.ends, Rcpp::_["rise"] = result.rise);
  });
}
