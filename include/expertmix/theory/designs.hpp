#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <string>

#include "../mixture/registry.hpp"
#include "study.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// Whole numbers in geometric progression from 10^first to 10^last.
inline std::vector<uword> sizes_from(double first, double last, uword count) {
  std::vector<uword> out;
  for (double power : vec(arma::linspace(first, last, count)))
    out.push_back(static_cast<uword>(std::nearbyint(std::pow(10.0, power))));
  return out;
}

inline TheoryDesign softmax_design(uword experts) {
  const auto gate = gate_named("identity", "softmax");
  const auto family = family_named("gaussian");
  TheoryDesign out{{}, "arXiv:2305.03288", {Mixture(gate, family, 2), {}}, Mixture(gate, family, experts)};
  out.truth.coefficients = {{{-8.0, 0.0}, {25.0, 0.0}}, {{15.0, -5.0}, {-20.0, 20.0}}, {0.3, 0.4}};
  out.loss = experts == 2 ? "softmax exact" : "softmax over";
  out.n = sizes_from(3.0, 5.0, 20);
  out.replications = experts == 2 ? 100 : 40;
  return out;
}

inline TheoryDesign topk_design(uword experts, uword active, const std::string& loss) {
  const auto family = family_named("gaussian");
  const auto gate = [](uword top_k) { return gate_named("identity", "softmax", selecting(top_k)); };
  TheoryDesign out{{}, "arXiv:2309.13850", {Mixture(gate(2), family, 3), {}}, Mixture(gate(active), family, experts)};
  out.truth.coefficients = {
      {{0.3, 0.0, -0.3}, {-3.0, 0.0, 3.0}}, {{3.0, 0.0, -3.0}, {-2.0, 2.0, -1.0}}, {0.5, 0.4, 0.6}};
  out.from = -1.0;
  out.loss = loss;
  out.n = sizes_from(3.0, experts > 3 ? 4.3 : 5.0, 12);
  out.replications = 10;
  if (loss == "hellinger") out.slope = arma::datum::nan;
  return out;
}

inline TheoryDesign temperature_design(const std::string& activation, const mat& gate, double temperature) {
  const auto family = family_named("gaussian");
  GateChoices fixed;
  fixed.temperature = temperature;
  TheoryDesign out{{},
                   "arXiv:2401.13875",
                   {Mixture(gate_named(activation, "softmax", fixed), family, 2), {}},
                   Mixture(gate_named(activation, "softmax", estimating()), family, 2)};
  out.truth.coefficients = {gate, {{3.0, -2.0}, {1.0, -1.0}}, {0.5, 0.7}};
  out.truth.coefficients.temperature = temperature;
  out.from = -2.0;
  out.to = 2.0;
  out.loss = activation == "identity" ? "softmax exact" : "activation exact";
  out.n = sizes_from(3.0, 5.0, 20);
  return out;
}

inline TheoryDesign multinomial_design(uword experts, int regime, bool modified = false) {
  FamilyChoices three;
  three.classes = 3;
  const auto gate = gate_named("identity", "softmax");
  const auto family = family_named("multinomial", three);
  TheoryDesign out{{}, "arXiv:2310.14188", {Mixture(gate, family, 2), {}}, Mixture(gate, family, experts)};
  out.truth.coefficients.gate = {{0.0, 0.0}, {regime == 1 ? 5.0 : -6.0, 0.0}};
  if (regime == 1)
    out.truth.coefficients.experts = {{0.0, 3.0, 1.0, 0.0, 0.5, 5.0}, {0.0, -4.0, -1.5, 0.0, -0.5, 2.5}};
  else
    out.truth.coefficients.experts = {{0.0, 0.0, -2.0, 0.0, -0.5, 2.0}, {0.0, 0.5, -2.0, 0.0, 0.0, 0.0}};
  out.from = -3.0;
  out.to = 3.0;
  out.loss = experts == 2 ? "multinomial exact" : "multinomial over";
  out.n = sizes_from(3.5, 5.0, 10);
  out.replications = experts == 2 ? 40 : 10;
  if (experts > 2 && regime == 2) out.slope = arma::datum::nan;
  out.modified = modified;
  return out;
}

inline const std::map<std::string, std::function<TheoryDesign()>>& designs() {
  static const std::map<std::string, std::function<TheoryDesign()>> table{
      {"softmax-exact", [] { return softmax_design(2); }},
      {"softmax-over", [] { return softmax_design(3); }},
      {"topk-exact", [] { return topk_design(3, 2, "topk exact"); }},
      {"topk-few", [] { return topk_design(4, 1, "hellinger"); }},
      {"topk-over", [] { return topk_design(4, 3, "topk over"); }},
      {"temperature-linear",
       [] {
         return temperature_design("identity", {{0.5, 0.0}, {2.0, 0.0}}, 0.8);
       }},
      {"temperature-tanh",
       [] {
         return temperature_design("tanh", {{-0.2, 0.0}, {-2.0, -0.5}}, 0.3);
       }},
      {"multinomial-exact", [] { return multinomial_design(2, 1); }},
      {"multinomial-regime1", [] { return multinomial_design(3, 1); }},
      {"multinomial-regime2", [] { return multinomial_design(3, 2); }},
      {"multinomial-regime1-modified", [] { return multinomial_design(3, 1, true); }},
      {"multinomial-regime2-modified", [] { return multinomial_design(3, 2, true); }},
  };
  return table;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
