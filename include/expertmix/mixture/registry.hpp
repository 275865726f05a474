#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../families/binomial.hpp"
#include "../families/gamma.hpp"
#include "../families/gaussian.hpp"
#include "../families/multinomial.hpp"
#include "../families/negative_binomial.hpp"
#include "../families/poisson.hpp"
#include "../families/scaled_gaussian.hpp"
#include "../families/student_t.hpp"
#include "../gates/softmax.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// What can be chosen of an expert family by name; each takes what it knows.
struct FamilyChoices {
  bool common_sigma = false;        ///< gaussian, student_t, Gamma: one scale for all experts
  uword classes = 2;                ///< multinomial
  bool counts = false;              ///< multinomial: rows of counts instead of one class; binomial: rows of trials
  bool symmetric = false;           ///< multinomial: no class is the reference
  double degrees_of_freedom = 0.0;  ///< student_t; 0: estimated
  bool in_units_of_sigma = false;   ///< gaussian: coefficients over sigma_k, as a Lasso has them
};

namespace detail {

using FamilyMaker = std::function<std::shared_ptr<const Experts>(const FamilyChoices&)>;

/// Every expert family by name. A new family is one header and one line here: R, the tests and the benchmarks find it.
inline const std::map<std::string, FamilyMaker>& family_makers() {
  static const std::map<std::string, FamilyMaker> list{
      {"Gamma", [](const FamilyChoices& c) { return std::make_shared<GammaExperts>(c.common_sigma); }},
      {"binomial", [](const FamilyChoices& c) { return std::make_shared<BinomialExperts>(c.counts); }},
      {"gaussian",
       [](const FamilyChoices& c) -> std::shared_ptr<const Experts> {
         if (c.in_units_of_sigma) return std::make_shared<ScaledGaussianExperts>(c.common_sigma);
         return std::make_shared<GaussianExperts>(c.common_sigma);
       }},
      {"multinomial",
       [](const FamilyChoices& c) { return std::make_shared<MultinomialExperts>(c.classes, c.counts, c.symmetric); }},
      {"negative_binomial", [](const FamilyChoices&) { return std::make_shared<NegativeBinomialExperts>(); }},
      {"poisson", [](const FamilyChoices&) { return std::make_shared<PoissonExperts>(); }},
      {"student_t",
       [](const FamilyChoices& c) { return std::make_shared<StudentTExperts>(c.degrees_of_freedom, c.common_sigma); }},
  };
  return list;
}

}  // namespace detail

/// Throws `invalid_argument` for an unknown name.
inline std::shared_ptr<const Experts> family_named(const std::string& name, const FamilyChoices& choices = {}) {
  const auto found = detail::family_makers().find(name);
  require(found != detail::family_makers().end(), "family", "name", "\"" + name + "\" is not known");
  return found->second(choices);
}

/// Throws `invalid_argument` for an unknown name.
inline std::shared_ptr<const Gate> gate_named(const std::string& activation, const std::string& normaliser,
                                              GateChoices choices = {}) {
  choices.activation = activation_named(activation);
  choices.normaliser = normaliser_named(normaliser);
  return std::make_shared<SoftmaxGate>(std::move(choices));
}

namespace detail {

inline GateChoices tempered(double temperature) {
  GateChoices choices;
  choices.temperature = temperature;
  return choices;
}

inline GateChoices estimating(GateChoices choices = {}) {
  choices.estimate_temperature = true;
  return choices;
}

inline GateChoices selecting(uword top_k, bool by_score = false) {
  GateChoices choices;
  choices.top_k = top_k;
  choices.select_by_score = by_score;
  return choices;
}

}  // namespace detail

/// The softmax gate, R's `gate_softmax()`.
inline std::shared_ptr<const Gate> gate_softmax() { return gate_named("identity", "softmax"); }

/// A softmax over the k experts with the largest slopes' part of the score, or by the whole logit (2309.13850).
inline std::shared_ptr<const Gate> gate_topk(uword k, bool by_logit = false) {
  require(k >= 1, "gate_topk", "k", "must be 1 or more");
  return gate_named("identity", "softmax", detail::selecting(k, by_logit));
}

/// A softmax of [h(slopes) + intercept] / tau with an activation h (2401.13875); tau is estimated where it is 0.
inline std::shared_ptr<const Gate> gate_temperature(double temperature = 0.0,
                                                    const std::string& activation = "identity") {
  require(temperature >= 0.0 && std::isfinite(temperature), "gate_temperature", "temperature",
          "must be positive, or 0 to be estimated");
  return gate_named(activation, "softmax", temperature > 0.0 ? detail::tempered(temperature) : detail::estimating());
}

/// Sigmoids that are divided by their sum.
inline std::shared_ptr<const Gate> gate_sigmoid() { return gate_named("identity", "sigmoid"); }

namespace detail {

/// A number that counts something.
inline uword counted(double number, const char* where, const char* argument) {
  require(number >= 0.0 && number <= 1e6 && number == std::floor(number), where, argument, "must be a whole number");
  return static_cast<uword>(number);
}

/// The gate and the family of a description. They throw `invalid_argument` for one that is not of this library.
inline std::shared_ptr<const Gate> gate_described(const Description& description) {
  require(description.name == "softmax", "gate", "name", "\"" + description.name + "\" is not known");
  GateChoices choices;
  choices.temperature = description.number("temperature", 1.0);
  choices.estimate_temperature = description.flag("estimate_temperature");
  choices.top_k = counted(description.number("top_k", 0.0), "gate", "top_k");
  choices.select_by_score = description.flag("select_by_score");
  choices.symmetric = description.flag("symmetric");
  return gate_named(description.word("activation"), description.word("normaliser"), choices);
}

inline std::shared_ptr<const Experts> family_described(const Description& description) {
  FamilyChoices choices;
  choices.common_sigma = description.flag("common_sigma");
  choices.classes = counted(description.number("classes", 2.0), "family", "classes");
  choices.counts = description.flag("counts");
  choices.symmetric = description.flag("symmetric");
  choices.degrees_of_freedom = description.number("degrees_of_freedom", 0.0);
  choices.in_units_of_sigma = description.flag("in_units_of_sigma");
  return family_named(description.name, choices);
}

/// Gates that the conformance suite and the benchmarks run, by what is special to them: every activation and every
/// normaliser, and some of them together.
inline std::map<std::string, std::shared_ptr<const Gate>> gates() {
  std::map<std::string, std::shared_ptr<const Gate>> list{
      {"softmax", gate_named("identity", "softmax")},
      {"softmax, temperature 2", gate_named("identity", "softmax", tempered(2.0))},
      {"top-1 by slope", gate_named("identity", "softmax", selecting(1))},
      {"top-2 by slope", gate_named("identity", "softmax", selecting(2))},
      {"top-2 by score", gate_named("identity", "softmax", selecting(2, true))},
      {"gelu, temperature 0.5", gate_named("gelu", "softmax", tempered(0.5))},
      {"softplus, estimated temperature, top-2 by slope", gate_named("softplus", "softmax", estimating(selecting(2)))},
      {"sigmoid, gelu, estimated temperature, top-2 by score",
       gate_named("gelu", "sigmoid", estimating(selecting(2, true)))},
  };
  for (const auto& [name, activation] : activations()) {
    if (activation.evaluate == nullptr) continue;
    list[name] = gate_named(name, "softmax");
    if (!activation.homogeneous) list[name + ", estimated temperature"] = gate_named(name, "softmax", estimating());
  }
  for (const auto& [name, normaliser] : normalisers())
    if (normaliser.evaluate) list["normalised " + name] = gate_named("identity", name);
  return list;
}

/// Families likewise: every one, and what else some of them can be.
inline std::map<std::string, std::shared_ptr<const Experts>> families() {
  FamilyChoices choices;
  choices.classes = 3;
  std::map<std::string, std::shared_ptr<const Experts>> list;
  for (const auto& [name, make] : family_makers()) list[name] = make(choices);
  choices.common_sigma = choices.counts = true;
  list["Gamma, common sigma"] = family_named("Gamma", choices);
  list["binomial, trials"] = family_named("binomial", choices);
  list["gaussian in units of sigma"] = std::make_shared<ScaledGaussianExperts>();
  list["gaussian in units of a common sigma"] = std::make_shared<ScaledGaussianExperts>(true);
  list["gaussian, common sigma"] = family_named("gaussian", choices);
  list["student_t, common sigma"] = family_named("student_t", choices);
  choices.degrees_of_freedom = 4.0;
  list["student_t, 4 degrees of freedom and a common sigma"] = family_named("student_t", choices);
  list["multinomial, counts"] = family_named("multinomial", choices);
  return list;
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
