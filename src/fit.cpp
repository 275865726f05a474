#include <expertmix/fit.hpp>

#include <map>

#include "host.h"
#include "result.h"
#include "search.h"

namespace {

using namespace expertmix;
using Rcpp::_;

Method method_named(const std::string& name) {
  static const std::map<std::string, Method> methods = {
      {"auto", Method::automatic}, {"em", Method::em}, {"newton", Method::newton}, {"lbfgs", Method::lbfgs}};
  return methods.at(name);
}

/// Lower and upper of each, infinite where there is none; nothing from an empty list.
Bounds read_bounds(const Rcpp::List& given) {
  Bounds bounds;
  if (given.size() == 0) return bounds;
  const vec experts = Rcpp::as<vec>(given["experts"]), sigma = Rcpp::as<vec>(given["sigma"]);
  bounds.gate = Rcpp::as<double>(given["gate"]);
  bounds.experts_lower = experts(0);
  bounds.experts_upper = experts(1);
  bounds.sigma_lower = sigma(0);
  bounds.sigma_upper = sigma(1);
  return bounds;
}

Options read_options(const Rcpp::List& control) {
  Options options;
  read_search(control, options);
  options.method = method_named(Rcpp::as<std::string>(control["method"]));
  options.bounds = read_bounds(control["bounds"]);
  return options;
}

/// One row a separated class: expert and class, from 1.
Rcpp::NumericMatrix write_classes(const std::vector<Runaway>& separated) {
  Rcpp::NumericMatrix result(separated.size(), 2);
  for (std::size_t i = 0; i < separated.size(); ++i) {
    result(i, 0) = separated[i].expert + 1.0;
    result(i, 1) = separated[i].outcome + 1.0;
  }
  return result;
}

/// One row a scalar that is at a bound: expert (NA where all share it) and scalar, from 1, and whether it is the upper.
Rcpp::NumericMatrix write_scalars(const std::vector<BoundedScalar>& scalars, uword experts) {
  Rcpp::NumericMatrix result(scalars.size(), 3);
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    result(i, 0) = scalars[i].expert < experts ? scalars[i].expert + 1.0 : NA_REAL;
    result(i, 1) = scalars[i].scalar + 1.0;
    result(i, 2) = scalars[i].upper;
  }
  return result;
}

/// Experts and their rows, from 1.
Rcpp::List write_spikes(const std::vector<Spike>& spikes) {
  Rcpp::List result;
  for (const Spike& spike : spikes)
    result.push_back(Rcpp::List::create(_["expert"] = spike.expert + 1.0, _["rows"] = from_one(spike.rows)));
  return result;
}

Rcpp::List write_certificate(const Certificate& certificate) {
  return Rcpp::List::create(_["decrement"] = certificate.decrement, _["scaled_score"] = certificate.scaled_score,
                            _["maximum"] = certificate.maximum);
}

Rcpp::NumericVector write_starts(const Record& record) {
  return Rcpp::NumericVector::create(
      _["tried"] = static_cast<double>(record.starts), _["hops"] = static_cast<double>(record.hops),
      _["finished"] = static_cast<double>(record.finished), _["reached"] = static_cast<double>(record.reached));
}

/// One row an optimum that the search saw, best first.
Rcpp::DataFrame write_optima(const std::vector<SeenOptimum>& optima) {
  const std::size_t size = optima.size();
  Rcpp::NumericVector value(size), starts(size), hops(size);
  Rcpp::LogicalVector spike(size);
  for (std::size_t i = 0; i < size; ++i) {
    value[i] = optima[i].value;
    starts[i] = static_cast<double>(optima[i].starts);
    hops[i] = static_cast<double>(optima[i].hops);
    spike[i] = optima[i].spiked;
  }
  return Rcpp::DataFrame::create(_["value"] = value, _["starts"] = starts, _["hops"] = hops, _["spike"] = spike);
}

Rcpp::List write_record(const Record& record, uword experts) {
  Rcpp::List out = Rcpp::List::create(
      _["objective"] = record.objective, _["objective_value"] = record.objective_value, _["method"] = record.method,
      _["status"] = record.status, _["converged"] = record.converged,
      _["certificate"] = write_certificate(record.certificate),
      _["iterations"] = static_cast<double>(record.iterations), _["passes"] = static_cast<double>(record.passes),
      _["trace"] = record.trace, _["starts"] = write_starts(record), _["optima"] = write_optima(record.optima),
      _["collapsed"] = from_one(record.collapsed), _["separated"] = from_one(record.separated),
      _["separated_classes"] = write_classes(record.runaways), _["drifted"] = record.drifted,
      _["empty"] = from_one(record.empty), _["tolerance"] = record.tolerance, _["seconds"] = record.seconds,
      _["seed"] = static_cast<double>(record.seed), _["version"] = record.version);
  out["spike_rule"] = Rcpp::NumericVector::create(_["rows"] = record.spike_rule.rows, _["sd"] = record.spike_rule.sd);
  out["spikes"] = write_spikes(record.spikes);
  out["scalars"] = write_scalars(record.scalars, experts);
  out["unseen"] = record.unseen;
  out["at_bounds"] = record.at_bounds;
  return out;
}

}  // namespace

Rcpp::List write_table(const Mixture& mixture, const std::vector<Parameter>& table) {
  const auto of_gates = mixture.gate->scalars(), of_experts = mixture.family->scalars();
  const std::size_t size = table.size();
  Rcpp::CharacterVector part(size), kind(size);
  Rcpp::NumericVector expert(size), outcome(size), column(size);
  for (std::size_t i = 0; i < size; ++i) {
    const Parameter& parameter = table[i];
    const bool of_gate = parameter.part == Parameter::Part::gate;
    part[i] = of_gate ? "gate" : "experts";
    kind[i] = parameter.kind == Parameter::Kind::coefficient
                  ? "coefficient"
                  : "log_" + (of_gate ? of_gates : of_experts)[parameter.outcome];
    expert[i] = parameter.expert < mixture.experts ? parameter.expert + 1.0 : NA_REAL;
    outcome[i] = parameter.outcome + 1.0;
    column[i] = parameter.column + 1.0;
  }
  return Rcpp::List::create(_["part"] = part, _["expert"] = expert, _["outcome"] = outcome, _["column"] = column,
                            _["kind"] = kind);
}

namespace {

/// Of ties: the map from the free parameters, whose numbers are from 1, to all; null without.
SEXP write_map(const AffineMap& map) {
  if (!map.given()) return R_NilValue;
  return Rcpp::List::create(_["slope"] = map.slope, _["origin"] = as_vector(map.origin),
                            _["free"] = from_one(std::vector<uword>(map.free.begin(), map.free.end())));
}

}  // namespace

Rcpp::List write_fit(const Fit& fit) {
  Rcpp::List out = Rcpp::List::create(
      _["gate"] = fit.gate, _["experts"] = fit.experts, _["sigma"] = as_vector(fit.sigma),
      _["temperature"] = fit.temperature, _["gate_intercept"] = fit.gate_intercept + 1.0,
      _["origin"] = as_vector(fit.origin), _["identified"] = fit.identified, _["degrees"] = fit.degrees,
      _["estimable"] = fit.estimable, _["parameters"] = as_vector(fit.parameters),
      _["table"] = write_table(fit.mixture, fit.parameter_table), _["covariance"] = fit.covariance,
      _["loose"] = fit.loose, _["gate_aliased"] = fit.gate_aliased, _["experts_aliased"] = fit.experts_aliased,
      _["mass"] = as_vector(fit.mass), _["gate_mass"] = as_vector(fit.gate_mass),
      _["log_likelihood"] = fit.log_likelihood, _["weight"] = fit.weight,
      _["record"] = write_record(fit.record, fit.gate.n_cols));
  out["map"] = write_map(fit.map);
  out["scalars"] = fit.scalars;
  return out;
}

// [[Rcpp::export(rng = false)]]
SEXP core_fit(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::List& control, const Rcpp::List& start,
              SEXP progress) {
  return guarded([&]() -> SEXP {
    const Context context = host_context(Rcpp::as<int>(control["threads"]), progress);
    return write_fit(fit(host_data(data), read_mixture(model), read_options(control), read_start(start), context));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP core_table(const Rcpp::List& data, const Rcpp::List& model, const Rcpp::NumericVector& origin) {
  return guarded([&]() -> SEXP {
    const Mixture mixture = read_mixture(model);
    const FitParameters found =
        fit_parameters(host_data(data), mixture, Rcpp::as<vec>(origin), host_context(1, R_NilValue));
    return Rcpp::List::create(_["table"] = write_table(mixture, found.table), _["gate_aliased"] = found.gate_aliased,
                              _["experts_aliased"] = found.experts_aliased);
  });
}
