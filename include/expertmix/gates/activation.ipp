#pragma once

#include "../math/activations.hpp"
#include "activation.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

EXPERTMIX_DEFINITION const Activation& activation_named(const std::string& name) {
  const auto found = activations().find(name);
  require(found != activations().end(), "gate", "activation", "\"" + name + "\" is not known");
  return found->second;
}

EXPERTMIX_DEFINITION const std::map<std::string, Activation>& activations() {
  static const std::map<std::string, Activation> table{
      {"identity", {"identity", nullptr, true, false, true}},
      {"tanh", {"tanh", detail::activate<detail::Tanh>, false, true, true}},
      {"sigmoid", {"sigmoid", detail::activate<detail::Sigmoid>, false, true, true}},
      {"gelu", {"gelu", detail::activate<detail::Gelu>}},
      {"softplus", {"softplus", detail::activate<detail::Softplus>, false, false, true}},
      {"relu", {"relu", detail::activate<detail::Relu>, true}},
  };
  return table;
}

EXPERTMIX_DEFINITION const std::map<std::string, Normaliser>& normalisers() {
  static const std::map<std::string, Normaliser> table{
      {"softmax", {"softmax"}},
      {"sigmoid", {"sigmoid", detail::activate<detail::LogSigmoid>}},
  };
  return table;
}

EXPERTMIX_DEFINITION const Normaliser& normaliser_named(const std::string& name) {
  const auto found = normalisers().find(name);
  require(found != normalisers().end(), "gate", "normaliser", "\"" + name + "\" is not known");
  return found->second;
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
