#pragma once

#include <map>
#include <memory>
#include <string>

#include "gaussian.hpp"
#include "multinomial.hpp"
#include "softmax.hpp"

namespace expertmix {

/// Every gate by name. A new gate option is one header and one line here; the conformance suite then runs it.
inline const std::map<std::string, std::shared_ptr<const Gate>>& gates() {
  static const std::map<std::string, std::shared_ptr<const Gate>> list{
      {"softmax", std::make_shared<SoftmaxGate>()},
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

}  // namespace expertmix
