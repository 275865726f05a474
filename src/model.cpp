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

/// Rows of conditions, each with the parameter that it is about; experts, outcomes and columns from 1, the expert NA
/// for what all share.
std::vector<Tie> read_ties(const Rcpp::List& model, uword experts) {
  if (!model.containsElementNamed("ties")) return {};
  const Rcpp::List ties = model["ties"], rows = ties["conditions"];
  const auto words = [&](const char* name) { return Rcpp::as<std::vector<std::string>>(rows[name]); };
  const auto numbers = [&](const char* name) { return Rcpp::as<std::vector<double>>(rows[name]); };
  const auto part = words("part"), kind = words("kind");
  const auto expert = numbers("expert"), outcome = numbers("outcome"), column = numbers("column");
  const auto tie = numbers("tie"), factor = numbers("factor");
  std::vector<Tie> out;
  for (double value : Rcpp::as<std::vector<double>>(ties["value"])) out.push_back({{}, value});
  for (std::size_t i = 0; i < part.size(); ++i) {
    Parameter parameter;
    parameter.part = part[i] == "gate" ? Parameter::Part::gate : Parameter::Part::experts;
    parameter.kind = kind[i] == "coefficient" ? Parameter::Kind::coefficient : Parameter::Kind::scalar;
    parameter.expert = std::isnan(expert[i]) ? experts : static_cast<uword>(expert[i]) - 1;
    parameter.outcome = static_cast<uword>(outcome[i]) - 1;
    parameter.column = static_cast<uword>(column[i]) - 1;
    out[static_cast<std::size_t>(tie[i]) - 1].terms.push_back({parameter, factor[i]});
  }
  return out;
}

}  // namespace

Mixture read_mixture(const Rcpp::List& model) {
  const bool symmetric = entry(model, "symmetric", false);
  const auto experts = static_cast<uword>(Rcpp::as<double>(model["experts"]));
  return Mixture(read_gate(model["gate"], symmetric), read_family(model, symmetric), experts,
                 read_ties(model, experts));
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
