#pragma once

#include <map>
#include <string>

#include "../base/error.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// An activation h of the gate's slopes (2401.13875). `evaluate` writes h, h' and h'' of n values, n a multiple of 8;
/// null for the identity.
struct Activation {
  std::string name;  ///< as R names it
  /// v, h(v), h'(v), h''(v) and n; null: the identity.
  void (*evaluate)(const double* v, double* h, double* first, double* second, std::size_t n);
  bool homogeneous = false;  ///< h(c v) = c h(v) for c > 0: an estimated temperature is not identified
  bool odd = false;          ///< h(-v) = h(0) 2 - h(v): two experts' slopes (b1, b2) and (-b2, -b1) are the same gate
  bool increasing = false;   ///< strictly: v itself ranks experts as h(v) does, also where h is saturated
};

/// Every activation by its name.
const std::map<std::string, Activation>& activations();

/// One of them. Throws `invalid_argument` for an unknown name.
const Activation& activation_named(const std::string& name);

/// How logits become probabilities: pi_k = a(s_k) / sum_j a(s_j). `evaluate` writes log a and its first two derivatives
/// of n logits, n a multiple of 8; null for the softmax, where log a is the identity. With another one a common shift
/// of the logits is another gate.
struct Normaliser {
  std::string name;  ///< as R names it
  /// s, log a(s) and its first two derivatives; null: the softmax.
  void (*evaluate)(const double* s, double* log_a, double* first, double* second, std::size_t n) = nullptr;
};

/// Every normaliser by its name.
const std::map<std::string, Normaliser>& normalisers();

/// Throws `invalid_argument` for an unknown name.
const Normaliser& normaliser_named(const std::string& name);

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "activation.ipp"
#endif
