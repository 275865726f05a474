#pragma once

#include <memory>
#include <vector>

#include "scores.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Every gate of the papers, by four choices (and a normaliser): softmax (2305.03288), top-K (2309.13850), temperature
/// and activation (2401.13875), normalised sigmoid (2405.13997). With the scores s as coordinates the derivatives are
/// those of a multinomial, d log pi_k / d s_l = 1{k = l} - pi_l; with a score's own predictors by the chain rule.
/// Experts that are not active have pi_k = 0 and take no part: derivatives are those with the active sets held.
class SoftmaxGate final : public Gate {
 public:
  explicit SoftmaxGate(GateChoices choices = {}, bool relaxed = false) : scores_(std::move(choices), relaxed) {}

  const GateChoices& choices() const { return scores_.choices(); }

  std::vector<Predictor> predictors(uword experts) const override { return scores_.predictors(experts); }
  void check(uword experts) const override { choices().check(experts); }
  bool splits(uword experts) const override { return scores_.splits(experts); }
  std::vector<std::size_t> deciding(uword experts) const override { return scores_.deciding(experts); }
  bool hard(uword experts) const override { return scores_.hard(experts); }
  bool homogeneous() const override { return scores_.homogeneous(); }
  bool selects_by_score() const override { return choices().select_by_score; }
  std::vector<std::string> scalars() const override { return {"temperature"}; }
  double unit() const override { return scores_.estimates() ? 1.0 : choices().temperature; }
  bool reflects(uword experts) const override { return scores_.reflects(experts); }
  bool symmetric(uword experts) const override { return scores_.symmetric(experts); }
  std::size_t scratch(uword experts) const override { return scores_.scratch(experts); }

  std::shared_ptr<const Gate> without_reference() const override;

  std::shared_ptr<const Gate> relaxed(uword experts) const override {
    return scores_.selects(experts) ? std::make_shared<SoftmaxGate>(choices(), true) : nullptr;
  }

  void probabilities(const Rows& rows, GateTables& out) const override;

  void score(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const override;
  void information(const Rows& rows, const GateTables& at, const double* w, const PairTable& out) const override;
  void observed(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const override;
  void crossed(const Rows& rows, const GateTables& at, Table r, const double* const* weighted, const double* sum,
               std::size_t b, const PairTable& out) const override;

 private:
  /// A predictor that one score depends on.
  struct Single {
    std::size_t at;
    Part part;
    uword expert;
    const double* first;
  };
  Single single(const Rows& rows, const GateTables& at, std::size_t p) const;
  bool tempered(const Rows& rows) const { return scores_.count(Part::log_temperature, rows.experts) > 0; }
  const double* in_temperature(const Rows& rows, const GateTables& at, uword k) const {
    return scores_.first(at, Part::log_temperature, k, rows.experts);
  }
  const double* curvature(const Rows& rows, const GateTables& at, Part a, Part b, uword k) const {
    return scores_.second(at, a, b, k, rows.experts);
  }

  template <class Visit>
  void for_each_pair(const Rows& rows, const GateTables& at, Visit visit) const {
    const std::size_t count = scores_.single(rows.experts);
    for (std::size_t a = 0; a < count; ++a)
      for (std::size_t b = a; b < count; ++b) visit(single(rows, at, a), single(rows, at, b));
  }
  static void scale(const Rows& rows, const double* by, double* column) {
    if (by) scale_by(by, column, rows.count);
  }
  const double* mean_in_temperature(const Rows& rows, const GateTables& at, Table p, int spare) const;
  void temper_information(const Rows& rows, const GateTables& at, const double* w, const PairTable& out) const;
  void temper_observed(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const;

  Scores scores_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "softmax.ipp"
#endif
