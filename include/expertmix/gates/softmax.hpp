#pragma once

#include <memory>
#include <string>
#include <vector>

#include "logits.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Every gate of the papers, by four choices (and a normaliser): softmax (2305.03288), top-K (2309.13850), temperature
/// and activation (2401.13875), normalised sigmoid (2405.13997). With the logits s as coordinates the derivatives are
/// those of a multinomial, d log pi_k / d s_l = 1{k = l} - pi_l; with a logit's own predictors by the chain rule.
/// Experts that are not active have pi_k = 0 and take no part: derivatives are those with the active sets held.
class SoftmaxGate final : public Gate {
 public:
  /// `relaxed`: all experts are active, whatever the choices say.
  explicit SoftmaxGate(GateChoices choices = {}, bool relaxed = false) : logits_(std::move(choices), relaxed) {}

  std::vector<Predictor> predictors(uword experts) const override { return logits_.predictors.list(experts); }
  Description description() const override { return logits_.predictors.choices.description(); }
  void check(uword experts) const override { logits_.predictors.choices.check(experts); }
  bool splits(uword experts) const override { return logits_.predictors.splits(experts); }
  std::vector<std::size_t> deciding(uword experts) const override { return logits_.predictors.deciding(experts); }
  bool hard(uword experts) const override { return logits_.predictors.hard(experts); }
  bool homogeneous() const override { return logits_.predictors.choices.homogeneous(); }
  bool selects_by_score() const override { return logits_.predictors.choices.select_by_score; }
  std::vector<std::string> scalars() const override { return {"temperature"}; }
  double unit() const override;
  bool reflects(uword experts) const override { return logits_.predictors.reflects(experts); }
  bool symmetric(uword experts) const override { return logits_.predictors.symmetric(experts); }
  std::size_t scratch(uword experts) const override { return logits_.scratch(experts); }

  std::shared_ptr<const Gate> without_reference() const override;
  std::shared_ptr<const Gate> relaxed(uword experts) const override;

  void probabilities(const Rows& rows, GateTables& out) const override;

  void score(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const override;
  void information(const Rows& rows, const GateTables& at, const double* w, const PairTable& out) const override;
  void observed(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const override;
  void crossed(const Rows& rows, const GateTables& at, Table r, const double* const* weighted, const double* sum,
               std::size_t b, const PairTable& out) const override;

 private:
  detail::Logits logits_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "softmax.ipp"
#endif
