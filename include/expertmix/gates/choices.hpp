#pragma once

#include <cmath>

#include "../model/gate.hpp"
#include "activation.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The choices that make a gate: logits s_k = [h(beta_1k' z) + beta_0k] / tau, which a normaliser turns into
/// probabilities over the active experts.
struct GateChoices {
  Activation activation = activation_named("identity");  ///< h
  double temperature = 1.0;                              ///< tau, where it is not estimated
  bool estimate_temperature = false;                     ///< tau is a parameter
  uword top_k = 0;               ///< active experts: those with the largest h(beta_1k' z); 0: all
  bool select_by_score = false;  ///< those with the largest s_k instead
  Normaliser normaliser = normaliser_named("softmax");  ///< a
  bool symmetric = false;                               ///< slopes without a reference expert, as a penalty wants them

  /// Throws `invalid_argument`.
  void check(uword experts) const {
    require(temperature > 0.0 && std::isfinite(temperature), "gate", "temperature", "must be positive");
    require(top_k <= experts, "gate", "top_k", "must be between 1 and the number of experts");
  }

  /// None where the activation or the normaliser is not the library's.
  Description description() const {
    if (!has_curve(activations(), activation) || !has_curve(normalisers(), normaliser)) return {};
    return {"softmax",
            {{"activation", activation.name}, {"normaliser", normaliser.name}},
            {{"temperature", temperature},
             {"estimate_temperature", estimate_temperature},
             {"top_k", static_cast<double>(top_k)},
             {"select_by_score", select_by_score},
             {"symmetric", symmetric}}};
  }

  /// Whether the activation is not the identity.
  bool curved() const { return activation.evaluate != nullptr; }
  /// Whether log a is the identity.
  bool is_softmax() const { return normaliser.evaluate == nullptr; }
  /// Whether there is a temperature to estimate that the activation identifies.
  bool estimates() const { return estimate_temperature && !activation.homogeneous; }

  /// Whether the logits are sums of predictors, as they are.
  bool unit() const { return !curved() && temperature == 1.0 && !estimates() && is_softmax(); }

  /// Whether a curve is one of a table.
  template <class Curve>
  static bool has_curve(const std::map<std::string, Curve>& table, const Curve& curve) {
    const auto found = table.find(curve.name);
    return found != table.end() && found->second.evaluate == curve.evaluate;
  }

  /// Whether coefficients may be multiplied by a positive number without a change of the active sets.
  bool homogeneous() const { return activation.homogeneous || (activation.increasing && !select_by_score); }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
