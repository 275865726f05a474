#include <expertmix/mixture/registry.hpp>

#include "model.h"

using namespace expertmix;

namespace {

/// An entry of a list, or what stands for it where there is none.
template <class Value>
Value entry(const Rcpp::List& list, const char* name, Value otherwise) {
  return list.containsElementNamed(name) ? Rcpp::as<Value>(list[name]) : otherwise;
}

std::shared_ptr<const Gate> read_gate(const Rcpp::List& gate, bool symmetric) {
  GateChoices out;
  out.temperature = Rcpp::as<double>(gate["temperature"]);
  out.estimate_temperature = Rcpp::as<bool>(gate["estimate_temperature"]);
  out.top_k = static_cast<uword>(Rcpp::as<double>(gate["top_k"]));
  out.select_by_score = Rcpp::as<bool>(gate["select_by_score"]);
  out.symmetric = symmetric;
  return gate_named(Rcpp::as<std::string>(gate["activation"]), Rcpp::as<std::string>(gate["normaliser"]), out);
}

std::shared_ptr<const Experts> read_family(const Rcpp::List& model, bool symmetric) {
  FamilyChoices out;
  out.common_sigma = entry(model, "common_sigma", false);
  out.classes = static_cast<uword>(entry(model, "classes", 2.0));
  out.counts = entry(model, "counts", false);
  out.symmetric = symmetric;
  out.degrees_of_freedom = entry(model, "degrees_of_freedom", 0.0);
  return family_named(Rcpp::as<std::string>(model["family"]), out);
}

}  // namespace

Mixture read_mixture(const Rcpp::List& model) {
  const bool symmetric = entry(model, "symmetric", false);
  return Mixture(read_gate(model["gate"], symmetric), read_family(model, symmetric),
                 static_cast<uword>(Rcpp::as<double>(model["experts"])));
}

Coefficients read_coefficients(const Rcpp::List& estimates) {
  Coefficients out;
  out.gate = Rcpp::as<mat>(estimates["gate"]);
  out.experts = Rcpp::as<mat>(estimates["experts"]);
  out.sigma = Rcpp::as<vec>(estimates["sigma"]);
  out.temperature = Rcpp::as<double>(estimates["temperature"]);
  out.gate_intercept = static_cast<uword>(Rcpp::as<double>(estimates["gate_intercept"])) - 1;
  out.origin = Rcpp::as<vec>(estimates["origin"]);
  out.scalars = entry(estimates, "scalars", mat());
  if (out.scalars.n_cols == 0) out.scalars.reset();
  return out;
}

SEXP as_vector(const vec& values) { return Rcpp::NumericVector(values.begin(), values.end()); }
