#pragma once

#include <string>
#include <vector>

#include "../math/softmax.hpp"
#include "../model/experts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// The classes of a multinomial response, of which those from `first` on, 0 or 1, have predictors.
struct Classes {
  uword count, first;

  bool reference() const { return first == 1; }
  std::size_t predictor(uword k, uword c) const { return k * (count - first) + c - first; }
};

}  // namespace detail

/// Multinomial-logistic experts for C classes (2310.14188): p_k = softmax(0, u_k1, ..., u_k,C-1), class 0 the
/// reference; C = 2 is logistic regression. The response is a column of classes 0, ..., C - 1, and f_k = p_ky; or, as
/// rows of C counts y_c with sum N, log f_k = log N! - sum_c log y_c! + sum_c y_c log p_kc. Predictors: the classes 1,
/// ..., C - 1 of expert 1, then those of expert 2, and so on; `symmetric` experts, as a penalty wants them, have one
/// for class 0, too.
///
/// With u as coordinates the derivatives are those of an exponential family: d log f_k / d u_c = y_c - N p_c, and minus
/// the second derivative is its own expectation, N (1{c = d} p_c - p_c p_d).
class MultinomialExperts final : public Experts {
 public:
  /// Throws `invalid_argument` for less than two classes.
  explicit MultinomialExperts(uword classes, bool counts = false, bool symmetric = false)
      : classes_{classes, symmetric ? uword{0} : uword{1}}, counts_(counts) {
    require(classes >= 2, "MultinomialExperts", "classes", "must be two or more");
  }

  Outcomes outcomes() const override { return {classes_.count}; }
  bool takes_offset() const override { return false; }
  bool identifies_constants() const override { return counts_; }
  uword responses() const override { return counts_ ? classes_.count : 1; }

  void check(const mat& response, const char* where) const override;

  /// Indicators of the classes, or their shares in a row of counts.
  mat features(const mat& response) const override;

  std::shared_ptr<const Experts> without_reference() const override;

  bool symmetric() const override { return !classes_.reference(); }
  std::shared_ptr<const Experts> with_reference() const override;

  std::vector<Predictor> predictors(uword experts) const override;
  Description description() const override {
    return {"multinomial",
            {},
            {{"classes", static_cast<double>(classes_.count)}, {"counts", counts_}, {"symmetric", symmetric()}}};
  }

  std::vector<Term> terms(uword experts) const override;

  std::vector<TermPair> pairs(uword experts) const override;

  /// K C columns of probabilities, the response, N, v N, log sum_c exp(u_c), log N! - sum_c log y_c! and zeros.
  std::size_t scratch(uword experts) const override { return experts * classes_.count + responses() + 5; }

  void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const override;

  /// -sum_c (y_c / N) log p_kc
  Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const override;

  void first(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  void second(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  void information(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  /// One Newton step d of each expert, shortened by the range of x'd over the classes (`trusted_length`).
  void maximise(const Statistics& /*at*/, const Layout& layout, const vec& step, vec& parameters) const override;

  std::string response() const override {
    return counts_ ? "counts of " + std::to_string(classes_.count) + " classes"
                   : "one of " + std::to_string(classes_.count) + " classes";
  }
  bool discrete() const override { return true; }
  void support(const Rows& rows, const Block& block, std::size_t i, uword k,
               std::vector<double>& points) const override;
  void distribution(const Rows& rows, const Block& block, Table out) const override;
  void mean(const Rows& rows, const Block& /*block*/, Table out) const override;
  /// Probabilities in units of their square roots.
  void levels(const Rows& rows, const Block& block, Table mean, Table squared_unit) const override;
  void mean_first(const Rows& rows, const Block& block, uword outcome, double* const* out) const override;

  void draw(const Rows& rows, const Block& block, Table mean, const uword* expert, Random& random,
            Table response) const override;

 private:
  detail::Classes classes_;
  bool counts_;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "multinomial.ipp"
#endif
