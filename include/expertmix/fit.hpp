#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "context.hpp"
#include "predict.hpp"
#include "solver/record.hpp"
#include "source/data.hpp"

namespace expertmix {

/// Settings of a fit.
struct Options {
  uword starts = 0;  ///< short runs; 0 chooses by the number of rows
  Method method = Method::automatic;
  uword iterations = 1000;  ///< at most so many accepted steps of one run
  double tolerance = 1e-8;  ///< a run ends when the log-likelihood can rise by less (Newton decrement)
  std::uint64_t seed = 1;
  double guard = 1.0;  ///< strength of the variance guard that steers the search, times 1 / n
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
};

/// Where a fit starts instead of searching: coefficients (their labels are kept), or n x K responsibilities. Empty
/// means absent.
struct Start : Coefficients {
  mat responsibilities;

  bool given() const { return !gate.empty() || !responsibilities.empty(); }
};

/// A fitted mixture of experts. Its coefficients are on the user's scale; those of aliased columns are 0 and flagged.
struct Fit : Coefficients {
  explicit Fit(Mixture mixture) : mixture(std::move(mixture)) {}

  Mixture mixture;
  vec parameters;  ///< the P free parameters: gates, then expert by expert
  mat covariance;  ///< P x P inverse of the observed information; empty where that is singular
  std::vector<bool>
      identified;      ///< parameters with which the likelihood varies smoothly; the others' covariances are 0
  double degrees = 0;  ///< identified parameters and, of a gate with one active expert, directions
  std::vector<std::string> parameter_predictor;     ///< "gate2", "expert1", "expert1:log(sigma)", ... of each parameter
  std::vector<uword> parameter_column;              ///< its column of z or x; 0 for log(sigma)
  std::vector<bool> gate_aliased, experts_aliased;  ///< columns left out: linear combinations of earlier ones
  vec mass, gate_mass;                              ///< sum_i w_i r_ik and sum_i w_i pi_ik
  double log_likelihood = 0, weight = 0;
  Record record;
};

/// Maximum likelihood fit of a mixture of experts. Experts are ordered by decreasing average gate probability. Throws
/// `invalid_argument`, `degenerate_error`, `numerical_error`, `interrupted`.
///
///     arma::mat x = ...;  // n x p, a column of ones first
///     expertmix::Fit fit = expertmix::fit(expertmix::Data(x, y), 2);
///     fit.experts.print(); fit.sigma.print();
Fit fit(const Data& data, const Mixture& mixture, const Options& options = {}, const Start& start = {},
        const Context& context = {});

/// The same for a softmax gate and Gaussian experts with separate standard deviations (2305.03288).
inline Fit fit(const Data& data, uword experts, const Options& options = {}, const Start& start = {},
               const Context& context = {}) {
  return fit(data, Mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), experts), options,
             start, context);
}

/// Mean of a fitted mixture at a data set, with a response or without: n x 1, or n x C.
inline mat predict(const Fit& fit, const Data& data) { return predict(data, fit.mixture, fit); }

}  // namespace expertmix

#include "fit/job.hpp"
