#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "../model/gate.hpp"
#include "activation.hpp"
#include "active_set.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The choices that make a gate: scores s_k = [h(beta_1k' z) + beta_0k] / tau, which a normaliser turns into
/// probabilities over the active experts.
struct GateChoices {
  Activation activation = activation_named("identity");
  double temperature = 1.0;
  bool estimate_temperature = false;
  uword top_k = 0;               ///< active experts: those with the largest h(beta_1k' z); 0: all
  bool select_by_score = false;  ///< those with the largest s_k instead
  Normaliser normaliser = normaliser_named("softmax");
  bool symmetric = false;  ///< slopes without a reference expert, as a penalty wants them

  /// Throws `invalid_argument`.
  void check(uword experts) const {
    require(temperature > 0.0 && std::isfinite(temperature), "gate", "temperature", "must be positive");
    require(top_k <= experts, "gate", "top_k", "must be between 1 and the number of experts");
  }
};

/// An estimated temperature stays between 1 / 100 and 100.
constexpr double largest_log_temperature = 4.605170185988091;

/// What a score depends on: its slopes (with the intercept, unless the gate splits them), its intercept, and the
/// logarithm of the temperature.
enum class Part { slope, intercept, log_temperature };

/// From a gate's predictors to its scores and their derivatives in these predictors. A gate splits its slopes from its
/// intercepts where the activation is not the identity, or where experts are selected by slopes alone. Predictors:
/// intercepts (if split), slopes, log-temperature (if estimated); the reference expert 1 has none of a kind that is
/// identified up to a translation only.
class Scores {
 public:
  Scores(GateChoices choices, bool relaxed) : choices_(std::move(choices)), relaxed_(relaxed) {}

  const GateChoices& choices() const { return choices_; }
  bool limits(uword experts) const { return choices_.top_k > 0 && choices_.top_k < experts; }
  bool selects(uword experts) const { return limits(experts) && !relaxed_; }
  bool hard(uword experts) const { return selects(experts) && choices_.top_k == 1; }
  bool splits(uword experts) const { return curved() || (limits(experts) && !choices_.select_by_score); }
  bool symmetric(uword experts) const { return choices_.symmetric && experts > 1 && !curved() && is_softmax(); }
  bool estimates() const { return choices_.estimate_temperature && !(choices_.activation.homogeneous); }

  /// Number of predictors of a part; it belongs to the last so many experts.
  std::size_t count(Part part, uword experts) const {
    if (experts == 1) return 0;
    if (part == Part::log_temperature) return estimates();
    if (part == Part::intercept && !splits(experts)) return 0;
    const bool free = !is_softmax() || (part == Part::slope && (curved() || choices_.symmetric));
    return experts - !free;
  }

  /// Predictors with one expert each; they come first.
  std::size_t single(uword experts) const { return count(Part::intercept, experts) + count(Part::slope, experts); }

  Part part(std::size_t predictor, uword experts) const {
    if (predictor >= single(experts)) return Part::log_temperature;
    return predictor < count(Part::intercept, experts) ? Part::intercept : Part::slope;
  }

  uword expert(std::size_t predictor, uword experts) const {
    const std::size_t before = part(predictor, experts) == Part::slope ? count(Part::intercept, experts) : 0;
    return predictor - before + experts - count(part(predictor, experts), experts);
  }

  std::vector<Predictor> predictors(uword experts) const;

  /// With one active expert pi_k is 0 or 1, whatever intercepts and temperature are.
  std::vector<std::size_t> deciding(uword experts) const {
    std::vector<std::size_t> list;
    for (std::size_t p = 0; selects(experts) && p < single(experts) + count(Part::log_temperature, experts); ++p)
      if (choices_.top_k == 1 || part(p, experts) == Part::slope ||
          (choices_.select_by_score && part(p, experts) == Part::intercept))
        list.push_back(p);
    return list;
  }

  /// Whether coefficients may be multiplied by a positive number without a change of the active sets.
  bool homogeneous() const {
    return choices_.activation.homogeneous || (choices_.activation.increasing && !choices_.select_by_score);
  }

  bool reflects(uword experts) const { return experts == 2 && choices_.activation.odd && is_softmax(); }

  std::size_t scratch(uword experts) const { return direct(experts) && !selects(experts) ? 1 : 7 + 12 * experts; }

  /// Writes scores (-infinity where not active, 0 where one expert is), their derivatives, and the gap of the active
  /// set.
  void evaluate(const Rows& rows, GateTables& out) const;

  /// d s_k / d part, a column; null stands for 1.
  const double* first(const GateTables& at, Part a, uword k, uword experts) const {
    return unit() && a != Part::log_temperature ? nullptr : first_column(at, a, k, experts);
  }

  /// d2 s_k / d a d b, a column; null stands for 0.
  const double* second(const GateTables& at, Part a, Part b, uword k, uword experts) const {
    const bool zero =
        is_softmax() && std::max(a, b) != Part::log_temperature && !(curved() && a == Part::slope && b == Part::slope);
    return zero ? nullptr : second_column(at, a, b, k, experts);
  }

  /// Two columns for a gate's intermediate results.
  static double* spare(const GateTables& at, int which, uword experts) { return at.own[3 + 3 * experts + which]; }

 private:
  Ties ties() const {
    const bool saturates = curved() && (choices_.select_by_score || !choices_.activation.increasing);
    const double other = saturates ? arma::datum::inf : 0.0;
    return {choices_.select_by_score ? other : arma::datum::inf, other};
  }

  bool is_softmax() const { return choices_.normaliser.evaluate == nullptr; }

  /// Whether the scores are the predictors themselves.
  bool direct(uword experts) const { return unit() && !splits(experts); }
  bool unit() const { return !curved() && choices_.temperature == 1.0 && !estimates() && is_softmax(); }
  bool curved() const { return choices_.activation.evaluate != nullptr; }

  static double* score_column(const GateTables& at, uword k) { return at.own[1 + k]; }
  static double* key_column(const GateTables& at, uword k, uword experts) { return at.own[1 + experts + k]; }
  static Table masked(const GateTables& at, uword experts) { return at.own.from(1 + 2 * experts); }
  static double* gap_column(const GateTables& at, int which, uword experts) { return at.own[1 + 3 * experts + which]; }
  static double* first_column(const GateTables& at, Part a, uword k, uword experts) {
    return at.own[7 + 3 * experts + 3 * k + static_cast<int>(a)];
  }
  static double* second_column(const GateTables& at, Part a, Part b, uword k, uword experts) {
    const int low = static_cast<int>(std::min(a, b)), high = static_cast<int>(std::max(a, b));
    return at.own[7 + 6 * experts + 6 * k + high * (high + 1) / 2 + low];
  }

  double log_temperature(const Rows& rows) const;
  void evaluate_one(const Rows& rows, uword k, double inverse, GateTables& out) const;
  void differentiate_in_temperature(std::size_t rows, uword k, uword experts, double inverse, GateTables& out) const;
  void take_normaliser(std::size_t rows, uword k, uword experts, GateTables& out) const;

  GateChoices choices_;
  bool relaxed_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "scores.ipp"
#endif
