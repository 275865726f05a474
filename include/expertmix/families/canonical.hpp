#pragma once

#include <string>
#include <vector>

#include "../model/experts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Experts of a one-parameter exponential family whose natural parameter is the predictor, eta_k = x' b_k + offset:
/// log f_k(y) = y eta_k - m b(eta_k) + c(y, m), with mean m b' and variance m b''. The size m of a row (the trials of a
/// binomial count) is the response's second column where it has one, else 1; what an expert predicts is b', the mean
/// for size 1. A family says its cumulant b, its base measure c, what its responses are, and how they are drawn.
class CanonicalExperts : public Experts {
 public:
  std::vector<Predictor> predictors(uword experts) const final;
  std::vector<Term> terms(uword experts) const final;
  std::vector<TermPair> pairs(uword experts) const final;
  void check(const mat& response, const char* where) const final;

  std::size_t scratch(uword experts) const final { return 2 * experts + 3; }
  void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const final;
  Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const final;
  void first(const Rows& rows, Table scratch, Table v, double* const* out) const final;
  void second(const Rows& rows, Table scratch, Table v, double* const* out) const final;
  void information(const Rows& rows, Table scratch, Table v, double* const* out) const final;
  void maximise(const Statistics& at, const Layout& layout, const vec& step, vec& parameters) const final;

  void support(const Rows& rows, const Block& block, std::size_t i, uword k, std::vector<double>& points) const final;
  void distribution(const Rows& rows, const Block& block, Table out) const final;
  void survival(const Rows& rows, const Block& block, Table out) const final;
  void mean(const Rows& rows, const Block& block, Table out) const final;
  /// Means in units of standard deviations, for size 1.
  void levels(const Rows& rows, const Block& block, Table mean, Table squared_unit) const final;
  void mean_first(const Rows& rows, const Block& block, uword outcome, double* const* out) const final;
  void draw(const Rows& rows, const Block& block, Table mean, const uword* expert, Random& random,
            Table response) const final;

 private:
  /// The natural parameter, b and the mean of expert k in row i.
  struct At {
    double eta, b, mean;
  };
  At at(const Rows& rows, const Block& block, std::size_t i, uword k) const;

  /// m of a row; throws `invalid_argument` where it is not known.
  double size(const Block& block, std::size_t i) const;

 protected:
  /// b, b' and b'' of n values of eta, n a multiple of 8. Finite for every eta.
  virtual void cumulant(const double* eta, double* b, double* mean, double* variance, std::size_t n) const = 0;

  /// c(y, m)
  virtual double base(double y, double size) const = 0;

  /// Whether finite numbers can be a response and its size.
  virtual bool possible(double y, double size) const = 0;

  /// P(Y <= y), `mean` being b'.
  virtual double cumulative(double y, double size, double mean) const = 0;

  /// P(Y > y)
  virtual double exceedance(double y, double size, double mean) const { return 1.0 - cumulative(y, size, mean); }

  /// The points, or ends of intervals, that hold all but a negligible part of the probability.
  virtual void bracket(double size, double mean, std::vector<double>& points) const = 0;

  /// A response of that size and mean b'.
  virtual double draw_one(double size, double mean, Random& random) const = 0;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "canonical.ipp"
#endif
