#pragma once

#include <vector>

#include "choices.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// An estimated temperature stays between 1 / 100 and 100.
constexpr double largest_log_temperature = 4.605170185988091;

/// What a logit depends on: its slopes (with the intercept, unless the gate splits them), its intercept, and the
/// logarithm of the temperature.
enum class Part { slope, intercept, log_temperature };

/// Which predictors a gate has: intercepts (if split), slopes, log-temperature (if estimated); the reference expert 1
/// has none of a kind that is identified up to a translation only. A gate splits its slopes from its intercepts where
/// the activation is not the identity, or where experts are selected by slopes alone.
struct GatePredictors {
  GateChoices choices;
  bool relaxed;  ///< all experts are active, whatever the choices say

  bool limits(uword experts) const { return choices.top_k > 0 && choices.top_k < experts; }
  bool selects(uword experts) const { return limits(experts) && !relaxed; }
  bool hard(uword experts) const { return selects(experts) && choices.top_k == 1; }
  bool splits(uword experts) const { return choices.curved() || (limits(experts) && !choices.select_by_score); }
  bool symmetric(uword experts) const {
    return choices.symmetric && experts > 1 && !choices.curved() && choices.is_softmax();
  }
  bool reflects(uword experts) const { return experts == 2 && choices.activation.odd && choices.is_softmax(); }

  /// Number of predictors of a part; it belongs to the last so many experts.
  std::size_t count(Part part, uword experts) const {
    if (experts == 1) return 0;
    if (part == Part::log_temperature) return choices.estimates();
    if (part == Part::intercept && !splits(experts)) return 0;
    const bool free = !choices.is_softmax() || (part == Part::slope && (choices.curved() || choices.symmetric));
    return experts - !free;
  }

  /// Predictors with one expert each; they come first.
  std::size_t single(uword experts) const { return count(Part::intercept, experts) + count(Part::slope, experts); }

  /// Number of the first predictor of a part.
  std::size_t first(Part part, uword experts) const {
    return part == Part::slope ? count(Part::intercept, experts) : 0;
  }

  Part part(std::size_t predictor, uword experts) const {
    if (predictor >= single(experts)) return Part::log_temperature;
    return predictor < count(Part::intercept, experts) ? Part::intercept : Part::slope;
  }

  uword expert(std::size_t predictor, uword experts) const {
    const Part own = part(predictor, experts);
    return predictor - first(own, experts) + experts - count(own, experts);
  }

  std::vector<Predictor> list(uword experts) const;

  /// With one active expert pi_k is 0 or 1, whatever intercepts and temperature are.
  std::vector<std::size_t> deciding(uword experts) const {
    std::vector<std::size_t> list;
    for (std::size_t p = 0; selects(experts) && p < single(experts) + count(Part::log_temperature, experts); ++p)
      if (choices.top_k == 1 || part(p, experts) == Part::slope ||
          (choices.select_by_score && part(p, experts) == Part::intercept))
        list.push_back(p);
    return list;
  }
};

inline std::vector<Predictor> GatePredictors::list(uword experts) const {
  std::vector<Predictor> list;
  for (std::size_t p = 0; p < single(experts); ++p) {
    const uword k = expert(p, experts);
    const Design split = part(p, experts) == Part::intercept ? Design::constant : Design::gate_slopes;
    const Design design = splits(experts) ? split : Design::gate;
    list.push_back({design, Unit::none, k});
  }
  if (count(Part::log_temperature, experts))
    list.push_back({Design::constant, Unit::none, experts, 0, -largest_log_temperature, largest_log_temperature});
  return list;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
