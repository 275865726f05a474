#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../fit.hpp"
#include "../path.hpp"
#include "members.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// A mixture as a file has it, with the predictors that tell the layout of its parameters.
struct WrittenModel {
  uword experts = 1;
  Description gate, family;
  std::vector<std::string> gate_scalars, family_scalars;
  std::vector<Predictor> gate_predictors, family_predictors;
  std::vector<Tie> ties;

  WrittenModel() = default;
  explicit WrittenModel(const Mixture& mixture)
      : experts(mixture.experts),
        gate(mixture.gate->description()),
        family(mixture.family->description()),
        gate_scalars(mixture.gate->scalars()),
        family_scalars(mixture.family->scalars()),
        gate_predictors(mixture.gate->predictors(experts)),
        family_predictors(mixture.family->predictors(experts)),
        ties(mixture.ties) {}
};

/// What a file holds, named, in its order: `File` is a `Writer` or a `Reader`.
template <class File>
void fields(File& file, WrittenModel& it) {
  file("experts", it.experts);
  file("gate", it.gate);
  file("gate_scalars", it.gate_scalars);
  file("gate_predictors", it.gate_predictors);
  file("family", it.family);
  file("family_scalars", it.family_scalars);
  file("family_predictors", it.family_predictors);
  file("ties", it.ties);
}

template <class File>
void coefficient_fields(File& file, Coefficients& it) {
  file("gate_coefficients", it.gate);
  file("expert_coefficients", it.experts);
  file("sigma", it.sigma);
  file("temperature", it.temperature);
  file("gate_intercept", it.gate_intercept);
  file("scalars", it.scalars);
  file("origin", it.origin);
}

template <class File>
void fields(File& file, Record& it) {
  file("objective", it.objective);
  file("method", it.method);
  file("status", it.status);
  file("converged", it.converged);
  file("objective_value", it.objective_value);
  file("certificate", it.certificate);
  file("iterations", it.iterations);
  file("passes", it.passes);
  file("trace", it.trace);
  file("starts", it.starts);
  file("hops", it.hops);
  file("finished", it.finished);
  file("reached", it.reached);
  file("optima", it.optima);
  file("unseen", it.unseen);
  file("drifted", it.drifted);
  file("bounded_scalars", it.scalars);
  file("at_bounds", it.at_bounds);
  file("runaways", it.runaways);
  file("collapsed", it.collapsed);
  file("spike_rule", it.spike_rule);
  file("spikes", it.spikes);
  file("separated", it.separated);
  file("empty", it.empty);
  file("tolerance", it.tolerance);
  file("seconds", it.seconds);
  file("seed", it.seed);
  file("version", it.version);
}

template <class File>
void fields(File& file, Fit& it) {
  coefficient_fields(file, it);
  file("gate_aliased", it.gate_aliased);
  file("experts_aliased", it.experts_aliased);
  file("parameters", it.parameters);
  file("map_slope", it.map.slope);
  file("map_origin", it.map.origin);
  file("map_free", it.map.free);
  file("covariance", it.covariance);
  file("identified", it.identified);
  file("estimable", it.estimable);
  file("loose", it.loose);
  file("degrees", it.degrees);
  file("mass", it.mass);
  file("gate_mass", it.gate_mass);
  file("log_likelihood", it.log_likelihood);
  file("weight", it.weight);
  fields(file, it.record);
}

template <class File>
void fields(File& file, LassoFit& it) {
  file("lambda", it.lambda);
  coefficient_fields(file, it);
  file("log_likelihood", it.log_likelihood);
  file("objective", it.objective);
  file("violation", it.violation);
  file("degrees", it.degrees);
  file("slopes", it.slopes);
  file("mass", it.mass);
  file("gate_mass", it.gate_mass);
  file("empty", it.empty);
  file("spikes", it.spikes);
  file("guarded", it.guarded);
  file("converged", it.converged);
  file("iterations", it.iterations);
  file("status", it.status);
  file("began", it.began);
}

template <class File>
void fields(File& file, LassoPath& it) {
  file("weight", it.weight);
  file("response_scale", it.response_scale);
  file("largest_lambda", it.largest_lambda);
  file("seconds", it.seconds);
  file("slopes", it.slopes);
  file("passes", it.passes);
  file("starts", it.starts);
  file("status", it.status);
  file.count("fits", it.fits);
  for (LassoFit& fit : it.fits) fields(file, fit);
  file.count("refits", it.refits);
  for (std::optional<LassoFit>& fit : it.refits) {
    bool there = fit.has_value();
    file("refit", there);
    if (there && !fit) fit.emplace();
    if (there) fields(file, *fit);
  }
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
