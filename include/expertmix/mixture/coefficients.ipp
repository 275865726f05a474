#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "coefficients.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION void Coefficients::check(const char* where, const char* argument, const Mixture& mixture, uword q,
                                              uword p) const {
  const auto usable = [&](const std::string& name, const mat& given, uword rows, uword columns) {
    const auto size = [](uword r, uword c) { return std::to_string(r) + " x " + std::to_string(c); };
    require(given.n_rows == rows && given.n_cols == columns, where, argument,
            name + " must be " + size(rows, columns) + " (design columns x experts), not " +
                size(given.n_rows, given.n_cols));
    require(given.is_finite(), where, argument, name + " has entries that are not finite");
  };
  usable("gate", gate, q, mixture.experts);
  usable("experts", experts, p, mixture.family->outcomes().columns(mixture.experts));
  require(temperature > 0.0 && std::isfinite(temperature), where, argument, "temperature must be positive");
  check_origin(where, argument, mixture, q);
  check_scalars(where, argument, mixture);
}

EXPERTMIX_DEFINITION void Coefficients::check_origin(const char* where, const char* argument, const Mixture& mixture,
                                                     uword q) const {
  if (origin.empty()) return;
  const bool split = mixture.gate->splits(mixture.experts);
  require(origin.n_elem == q && origin.is_finite(), where, argument, "origin must be a number for each column of z");
  require(split || arma::all(origin == 0.0), where, argument, "has an origin: this gate's slopes do not act alone");
  require(gate_intercept >= q || origin(gate_intercept) == 0.0, where, argument, "origin must be 0 at the intercept");
}

EXPERTMIX_DEFINITION void Coefficients::check_scalars(const char* where, const char* argument,
                                                      const Mixture& mixture) const {
  uword scales = 0;
  for (const Predictor& predictor : mixture.family->predictors(mixture.experts)) scales += is_log_scale(predictor.unit);
  const bool repeated = scales == 1 && sigma.n_elem == mixture.experts;
  require(sigma.n_elem == scales || repeated, where, argument,
          "sigma must have " + std::to_string(scales) + " elements, not " + std::to_string(sigma.n_elem));
  require(sigma.is_finite() && arma::all(sigma > 0.0), where, argument, "sigma must be positive");
  require(!repeated || sigma.max() - sigma.min() <= 1e-8 * sigma.max(), where, argument,
          "sigma must be one number, or equal ones: the experts share it");
  const uword others = mixture.family->scalars().size() - (scales > 0);
  require(scalars.n_cols == others && (others == 0 || scalars.n_rows == mixture.experts), where, argument,
          "scalars must be experts x " + std::to_string(others));
  require(scalars.is_finite() && arma::all(arma::vectorise(scalars) > 0.0), where, argument,
          "scalars must be positive");
}

EXPERTMIX_DEFINITION double& Coefficients::scalar(const Predictor& predictor, uword expert) {
  return is_log_scale(predictor.unit) ? sigma(expert) : scalars(expert, predictor.outcome - !sigma.empty());
}

namespace detail {

/// Every expert's coefficients relative to those of its class 0, where this class is the reference.
inline mat expert_parameters(const Layout& layout, const mat& experts) {
  const auto first = layout.predictors.begin() + static_cast<std::ptrdiff_t>(layout.gate_predictors);
  const auto of_class_0 = [](const Predictor& p) { return p.design == Design::experts && p.outcome == 0; };
  if (std::any_of(first, layout.predictors.end(), of_class_0)) return experts;
  mat out = experts;
  for (uword c = 0; c < out.n_cols; ++c)
    out.col(c) -= experts.col(layout.outcomes.column(layout.outcomes.expert_of(c), 0));
  return out;
}

/// Coefficients relative to those of the reference expert and of the reference class, one sigma an expert.
inline Coefficients relative(const Layout& layout, const KeptColumns& kept, const Coefficients& from) {
  Coefficients out = from;
  out.experts = expert_parameters(layout, from.experts);
  if (layout.has_scales() && out.sigma.n_elem == 1) out.sigma = vec(layout.experts).fill(from.sigma(0));
  for (const GateGroup& group : layout.gate_groups)
    for (uword i : layout.columns.rows_of(layout.predictors[group.first].design))
      if (group.reference) out.gate.row(kept.gate[i]) -= from.gate(kept.gate[i], 0);
  return out;
}

/// Where a parameter of the table stands among the coefficients: an entry of a matrix, or the gate's temperature; null
/// for a scalar of the family, which several entries may share.
inline double* entry_of(const Parameter& parameter, const Layout& layout, Coefficients& in) {
  const auto [part, kind, expert, outcome, column] = parameter;
  const bool gate = part == Parameter::Part::gate;
  if (kind == Parameter::Kind::scalar) return gate ? &in.temperature : nullptr;
  return gate ? &in.gate(column, expert) : &in.experts(column, layout.outcomes.column(expert, outcome));
}

EXPERTMIX_DEFINITION Coefficients coefficients_of(const Layout& layout, const KeptColumns& kept, uword q, uword p,
                                                  const vec& parameters) {
  Coefficients out;
  out.gate.zeros(q, layout.experts);
  out.experts.zeros(p, layout.outcomes.columns(layout.experts));
  if (layout.has_scales()) out.sigma.set_size(layout.experts);
  if (layout.other_scalars() > 0) out.scalars.set_size(layout.experts, layout.other_scalars());
  const std::vector<Parameter> table = parameter_table(layout, kept);
  for (uword i = 0; i < parameters.n_elem; ++i)
    if (double* entry = entry_of(table[i], layout, out))
      *entry = table[i].kind == Parameter::Kind::scalar ? std::exp(parameters(i)) : parameters(i);
  for (std::size_t a = layout.gate_predictors; a < layout.predictors.size(); ++a)
    for (uword k : layout.experts_of_scalar(a))
      out.scalar(layout.predictors[a], k) = std::exp(parameters(layout.offset[a]));
  return out;
}

EXPERTMIX_DEFINITION vec parameters_of(const Layout& layout, const KeptColumns& kept, const Coefficients& from) {
  Coefficients own = relative(layout, kept, from);
  vec out(layout.parameters);
  const std::vector<Parameter> table = parameter_table(layout, kept);
  for (uword i = 0; i < out.n_elem; ++i)
    if (const double* entry = entry_of(table[i], layout, own))
      out(i) = table[i].kind == Parameter::Kind::scalar ? std::log(*entry) : *entry;
  for (std::size_t a = layout.gate_predictors; a < layout.predictors.size(); ++a)
    for (uword k : layout.experts_of_scalar(a)) out(layout.offset[a]) = std::log(own.scalar(layout.predictors[a], k));
  return out;
}

EXPERTMIX_DEFINITION std::vector<Parameter> parameter_table(const Layout& layout, const KeptColumns& kept) {
  std::vector<Parameter> out(layout.parameters);
  for (std::size_t p = 0; p < layout.predictors.size(); ++p) {
    const Predictor& predictor = layout.predictors[p];
    const uword expert = predictor.expert;
    const auto rows = layout.columns.rows_of(predictor.design);
    for (uword j = 0; j < layout.size(p); ++j) {
      Parameter& parameter = out[layout.offset[p] + j];
      if (p < layout.gate_predictors && expert < layout.experts)
        parameter = {Parameter::Part::gate, Parameter::Kind::coefficient, expert, 0, kept.gate[rows[j]]};
      else if (p < layout.gate_predictors)
        parameter = {Parameter::Part::gate, Parameter::Kind::scalar, expert, predictor.outcome};
      else if (predictor.design == Design::experts)
        parameter = {Parameter::Part::experts, Parameter::Kind::coefficient, expert, predictor.outcome,
                     kept.experts[j]};
      else
        parameter = {Parameter::Part::experts, Parameter::Kind::scalar, expert, predictor.outcome};
    }
  }
  return out;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
