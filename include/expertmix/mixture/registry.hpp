#pragma once

#include <map>
#include <memory>
#include <string>

#include "../families/gaussian.hpp"
#include "../families/multinomial.hpp"
#include "../gates/softmax.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

inline std::shared_ptr<const Gate> gate_of(const std::string& activation, double temperature, bool estimate,
                                           uword top_k, bool by_score, bool normalised_sigmoid) {
  return std::make_shared<SoftmaxGate>(
      GateChoices{activation_named(activation), temperature, estimate, top_k, by_score, normalised_sigmoid});
}

/// Every gate by name. A new gate option is one header and one line here; the conformance suite then runs it.
inline const std::map<std::string, std::shared_ptr<const Gate>>& gates() {
  static const std::map<std::string, std::shared_ptr<const Gate>> list{
      {"softmax", std::make_shared<SoftmaxGate>()},
      {"softmax, temperature 2", gate_of("identity", 2.0, false, 0, false, false)},
      {"top-1 by slope", gate_of("identity", 1.0, false, 1, false, false)},
      {"top-2 by slope", gate_of("identity", 1.0, false, 2, false, false)},
      {"top-2 by score", gate_of("identity", 1.0, false, 2, true, false)},
      {"tanh", gate_of("tanh", 1.0, false, 0, false, false)},
      {"tanh, estimated temperature", gate_of("tanh", 1.0, true, 0, false, false)},
      {"sigmoid, estimated temperature", gate_of("sigmoid", 1.0, true, 0, false, false)},
      {"gelu, temperature 0.5", gate_of("gelu", 0.5, false, 0, false, false)},
      {"softplus, estimated temperature, top-2 by slope", gate_of("softplus", 1.0, true, 2, false, false)},
      {"relu", gate_of("relu", 1.0, false, 0, false, false)},
      {"normalised sigmoid", gate_of("identity", 1.0, false, 0, false, true)},
      {"normalised sigmoid, gelu, estimated temperature, top-2 by score", gate_of("gelu", 1.0, true, 2, true, true)},
  };
  return list;
}

/// Every expert family by name, likewise.
inline const std::map<std::string, std::shared_ptr<const Experts>>& families() {
  static const std::map<std::string, std::shared_ptr<const Experts>> list{
      {"gaussian", std::make_shared<GaussianExperts>()},
      {"gaussian, common sigma", std::make_shared<GaussianExperts>(true)},
      {"multinomial", std::make_shared<MultinomialExperts>(3)},
      {"multinomial, counts", std::make_shared<MultinomialExperts>(3, true)},
  };
  return list;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
