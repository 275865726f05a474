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
  usable("experts", experts, p, mixture.experts * mixture.family->outcomes());
  require(temperature > 0.0 && std::isfinite(temperature), where, argument, "temperature must be positive");
  check_sigma(where, argument, mixture);
}

EXPERTMIX_DEFINITION void Coefficients::check_sigma(const char* where, const char* argument,
                                                    const Mixture& mixture) const {
  uword wanted = 0;
  for (const Predictor& predictor : mixture.family->predictors(mixture.experts))
    wanted += predictor.unit == Unit::log_response;
  const bool repeated = wanted == 1 && sigma.n_elem == mixture.experts;
  require(sigma.n_elem == wanted || repeated, where, argument,
          "sigma must have " + std::to_string(wanted) + " elements, not " + std::to_string(sigma.n_elem));
  require(sigma.is_finite() && arma::all(sigma > 0.0), where, argument, "sigma must be positive");
  require(!repeated || sigma.max() - sigma.min() <= 1e-8 * sigma.max(), where, argument,
          "sigma must be one number, or equal ones: the experts share it");
}

namespace detail {

/// Every expert's coefficients relative to those of its class 0, where this class is the reference.
inline mat expert_parameters(const Layout& layout, const mat& experts) {
  const auto first = layout.predictors.begin() + layout.gate_predictors;
  const auto of_class_0 = [](const Predictor& p) { return p.design == Design::experts && p.outcome == 0; };
  if (std::any_of(first, layout.predictors.end(), of_class_0)) return experts;
  mat out = experts;
  for (uword c = 0; c < out.n_cols; ++c) out.col(c) -= experts.col(c - c % layout.outcomes);
  return out;
}

}  // namespace detail

EXPERTMIX_DEFINITION Coefficients coefficients_of(const Layout& layout, const KeptColumns& kept, uword q, uword p,
                                                  const vec& parameters) {
  Coefficients out;
  out.gate.zeros(q, layout.experts);
  out.experts.zeros(p, layout.experts * layout.outcomes);
  if (layout.has(Unit::log_response)) out.sigma.set_size(layout.experts);
  const std::vector<Parameter> table = parameter_table(layout, kept);
  for (uword i = 0; i < parameters.n_elem; ++i) {
    const auto [part, kind, expert, outcome, column] = table[i];
    if (kind == Parameter::Kind::log_temperature)
      out.temperature = std::exp(parameters(i));
    else if (kind == Parameter::Kind::coefficient && part == Parameter::Part::gate)
      out.gate(column, expert) = parameters(i);
    else if (kind == Parameter::Kind::coefficient)
      out.experts(column, expert * layout.outcomes + outcome) = parameters(i);
    else if (expert < layout.experts)
      out.sigma(expert) = std::exp(parameters(i));
    else
      out.sigma.fill(std::exp(parameters(i)));
  }
  return out;
}

EXPERTMIX_DEFINITION vec parameters_of(const Layout& layout, const KeptColumns& kept, const Coefficients& from) {
  mat gate = from.gate;
  const mat experts = detail::expert_parameters(layout, from.experts);
  for (const GateGroup& group : layout.gate_groups)
    for (uword i : layout.columns.rows_of(layout.predictors[group.first].design))
      if (group.reference) gate.row(kept.gate[i]) -= from.gate(kept.gate[i], 0);
  vec out(layout.parameters);
  const std::vector<Parameter> table = parameter_table(layout, kept);
  for (uword i = 0; i < out.n_elem; ++i) {
    const auto [part, kind, expert, outcome, column] = table[i];
    if (kind == Parameter::Kind::log_sigma)
      out(i) = std::log(from.sigma(std::min<uword>(expert, from.sigma.n_elem - 1)));
    else if (kind == Parameter::Kind::log_temperature)
      out(i) = std::log(from.temperature);
    else if (part == Parameter::Part::gate)
      out(i) = gate(column, expert);
    else
      out(i) = experts(column, expert * layout.outcomes + outcome);
  }
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
        parameter = {Parameter::Part::gate, Parameter::Kind::log_temperature, expert};
      else if (predictor.design == Design::experts)
        parameter = {Parameter::Part::experts, Parameter::Kind::coefficient, expert, predictor.outcome,
                     kept.experts[j]};
      else
        parameter = {Parameter::Part::experts, Parameter::Kind::log_sigma, expert};
    }
  }
  return out;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
