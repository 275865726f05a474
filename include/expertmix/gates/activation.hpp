#pragma once

#include <map>
#include <string>

#include "../base/error.hpp"
#include "../math/activations.hpp"

namespace expertmix {

/// An activation h of the gate's slopes (2401.13875). `evaluate` writes h, h' and h'' of n values, n a multiple of 8;
/// null for the identity.
struct Activation {
  std::string name;
  void (*evaluate)(const double* v, double* h, double* first, double* second, std::size_t n);
  bool homogeneous = false;  ///< h(c v) = c h(v) for c > 0: an estimated temperature is not identified
  bool odd = false;          ///< h(-v) = h(0) 2 - h(v): two experts' slopes (b1, b2) and (-b2, -b1) are the same gate
  bool increasing = false;   ///< strictly: v itself ranks experts as h(v) does, also where h is saturated
};

inline const std::map<std::string, Activation>& activations() {
  static const std::map<std::string, Activation> table{
      {"identity", {"identity", nullptr, true, false, true}},
      {"tanh", {"tanh", activate<detail::Tanh>, false, true, true}},
      {"sigmoid", {"sigmoid", activate<detail::Sigmoid>, false, true, true}},
      {"gelu", {"gelu", activate<detail::Gelu>}},
      {"softplus", {"softplus", activate<detail::Softplus>, false, false, true}},
      {"relu", {"relu", activate<detail::Relu>, true}},
  };
  return table;
}

inline const Activation& activation_named(const std::string& name) {
  const auto found = activations().find(name);
  require(found != activations().end(), "gate", "activation", "\"" + name + "\" is not known");
  return found->second;
}

}  // namespace expertmix
