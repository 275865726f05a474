#pragma once

#include <string>
#include <vector>

#include "../math/softmax.hpp"
#include "../model/experts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

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
  explicit MultinomialExperts(uword classes, bool counts = false, bool symmetric = false)
      : classes_(classes), counts_(counts), first_(symmetric ? 0 : 1) {
    require(classes >= 2, "MultinomialExperts", "classes", "must be two or more");
  }

  Outcomes outcomes() const override { return {classes_}; }
  bool takes_offset() const override { return false; }
  bool identifies_constants() const override { return counts_; }
  uword responses() const override { return counts_ ? classes_ : 1; }

  void check(const mat& response, const char* where) const override;

  /// Indicators of the classes, or their shares in a row of counts.
  mat features(const mat& response) const override;

  std::shared_ptr<const Experts> without_reference() const override;

  bool symmetric() const override { return first_ == 0; }
  std::shared_ptr<const Experts> with_reference() const override;

  std::vector<Predictor> predictors(uword experts) const override;

  std::vector<Term> terms(uword experts) const override;

  std::vector<TermPair> pairs(uword experts) const override;

  /// K C columns of probabilities, the response, N, v N, log sum_c exp(u_c), log N! - sum_c log y_c! and zeros.
  std::size_t scratch(uword experts) const override { return experts * classes_ + responses() + 5; }

  void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const override;

  /// -sum_c (y_c / N) log p_kc
  Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const override;

  void first(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  void second(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  void information(const Rows& rows, Table scratch, Table v, double* const* out) const override;

  /// One Newton step d of each expert, shortened by the range of x'd over the classes (`trusted_length`).
  void maximise(const Statistics& /*at*/, const Layout& layout, const vec& step, vec& parameters) const override;

  std::string response() const override {
    return counts_ ? "counts of " + std::to_string(classes_) + " classes"
                   : "one of " + std::to_string(classes_) + " classes";
  }
  bool discrete() const override { return true; }
  void support(const Rows& rows, const Block& block, std::size_t i, uword k, std::vector<double>& at) const override;
  void distribution(const Rows& rows, const Block& block, Table out) const override;
  void mean(const Rows& rows, const Block& /*block*/, Table out) const override;

  void draw(const Rows& rows, const Block& block, Table mean, const uword* expert, Random& random,
            Table response) const override;

 private:
  /// One binomial draw a class: y_c of those that no class before has, with probability p_c / (p_c + ... + p_C).
  void draw_counts(std::size_t i, const Block& block, const double* p, std::size_t stride, Random& random,
                   Table response) const;

  struct Scratch {
    Table p, response;
    double *total, *weight, *log_sum, *coefficient, *zero;
  };

  Scratch parts(const Rows& rows, Table scratch) const;

  std::size_t predictor(uword k, uword c) const { return k * (classes_ - first_) + c - first_; }

  /// N and log N! - sum_c log y_c! of every row.
  void count(std::size_t n, const Scratch& own) const;

  void probabilities(const Rows& rows, uword k, const double* zero, const SoftmaxOutput& out,
                     const LogRatio* log_sum) const;

  uword classes_;
  bool counts_;
  uword first_;  ///< class with predictors
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "multinomial.ipp"
#endif
