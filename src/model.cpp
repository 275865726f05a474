#include <expertmix/families/gaussian.hpp>
#include <expertmix/families/multinomial.hpp>
#include <expertmix/gates/softmax.hpp>

#include "model.h"

using namespace expertmix;

namespace {

bool symmetric(const Rcpp::List& model) {
  return model.containsElementNamed("symmetric") && Rcpp::as<bool>(model["symmetric"]);
}

GateChoices read_gate(const Rcpp::List& gate, bool symmetric) {
  GateChoices out;
  out.symmetric = symmetric;
  out.activation = activation_named(Rcpp::as<std::string>(gate["activation"]));
  out.temperature = Rcpp::as<double>(gate["temperature"]);
  out.estimate_temperature = Rcpp::as<bool>(gate["estimate_temperature"]);
  out.top_k = static_cast<uword>(Rcpp::as<double>(gate["top_k"]));
  out.select_by_score = Rcpp::as<bool>(gate["select_by_score"]);
  out.normalised_sigmoid = Rcpp::as<bool>(gate["normalised_sigmoid"]);
  return out;
}

std::shared_ptr<const Experts> read_family(const Rcpp::List& model) {
  if (Rcpp::as<std::string>(model["family"]) == "gaussian")
    return std::make_shared<GaussianExperts>(Rcpp::as<bool>(model["common_sigma"]));
  return std::make_shared<MultinomialExperts>(static_cast<uword>(Rcpp::as<double>(model["classes"])),
                                              Rcpp::as<bool>(model["counts"]), symmetric(model));
}

}  // namespace

Mixture read_mixture(const Rcpp::List& model) {
  return Mixture(std::make_shared<SoftmaxGate>(read_gate(model["gate"], symmetric(model))), read_family(model),
                 static_cast<uword>(Rcpp::as<double>(model["experts"])));
}

Coefficients read_coefficients(const Rcpp::List& estimates) {
  Coefficients out;
  out.gate = Rcpp::as<mat>(estimates["gate"]);
  out.experts = Rcpp::as<mat>(estimates["experts"]);
  out.sigma = Rcpp::as<vec>(estimates["sigma"]);
  out.temperature = Rcpp::as<double>(estimates["temperature"]);
  out.gate_intercept = static_cast<uword>(Rcpp::as<double>(estimates["gate_intercept"])) - 1;
  return out;
}

SEXP as_vector(const vec& values) { return Rcpp::NumericVector(values.begin(), values.end()); }
