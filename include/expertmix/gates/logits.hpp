#pragma once

#include <algorithm>

#include "active_set.hpp"
#include "gate_predictors.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Where logits, their derivatives and what selects experts stand among a gate's own columns of a block.
struct LogitColumns {
  Table own;
  uword experts;

  static std::size_t count(uword experts) { return 7 + 12 * experts; }

  const double* zero() const { return own[0]; }
  double* logit(uword k) const { return own[1 + k]; }
  double* key(uword k) const { return own[1 + experts + k]; }
  Table masked() const { return own.from(1 + 2 * experts); }
  double* gap() const { return own[1 + 3 * experts]; }
  double* next_key() const { return own[2 + 3 * experts]; }

  /// Two columns for a gate's intermediate results.
  double* spare(std::size_t which) const { return own[3 + 3 * experts + which]; }

  double* first(Part a, uword k) const { return own[7 + 3 * experts + 3 * k + static_cast<std::size_t>(a)]; }

  double* second(Part a, Part b, uword k) const {
    const auto low = static_cast<std::size_t>(std::min(a, b)), high = static_cast<std::size_t>(std::max(a, b));
    return own[7 + 6 * experts + 6 * k + high * (high + 1) / 2 + low];
  }
};

/// From a gate's predictors to its logits and their derivatives in these predictors.
class Logits {
 public:
  Logits(GateChoices choices, bool relaxed) : predictors{std::move(choices), relaxed} {}

  const GatePredictors predictors;

  std::size_t scratch(uword experts) const {
    return direct(experts) && !predictors.selects(experts) ? 1 : LogitColumns::count(experts);
  }

  /// Writes logits (-infinity where not active, 0 where one expert is), their derivatives, and the gap of the active
  /// set.
  void evaluate(const Rows& rows, GateTables& out) const;

  /// d s_k / d part, a column; null stands for 1.
  const double* first(const GateTables& at, Part a, uword k, uword experts) const {
    return choices().unit() && a != Part::log_temperature ? nullptr : LogitColumns{at.own, experts}.first(a, k);
  }

  /// d2 s_k / d a d b, a column; null stands for 0.
  const double* second(const GateTables& at, Part a, Part b, uword k, uword experts) const {
    const bool slopes = a == Part::slope && b == Part::slope;
    const bool zero =
        choices().is_softmax() && std::max(a, b) != Part::log_temperature && !(choices().curved() && slopes);
    return zero ? nullptr : LogitColumns{at.own, experts}.second(a, b, k);
  }

 private:
  const GateChoices& choices() const { return predictors.choices; }

  /// Whether the logits are the predictors themselves.
  bool direct(uword experts) const { return choices().unit() && !predictors.splits(experts); }

  Ties ties() const;
  double log_temperature(const Rows& rows) const;
  const double* predictor(const Rows& rows, Part part, uword k, const double* zero) const;
  const double* direct_logit(const Rows& rows, uword k, const double* zero) const;
  void evaluate_one(const Rows& rows, uword k, double inverse, const LogitColumns& out) const;
  void activate(const double* slope, std::size_t rows, uword k, double inverse, const LogitColumns& out) const;
  void differentiate_in_temperature(std::size_t rows, uword k, double inverse, const LogitColumns& out) const;
  void take_normaliser(std::size_t rows, uword k, const LogitColumns& out) const;
  void select(const Rows& rows, GateTables& out) const;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "logits.ipp"
#endif
