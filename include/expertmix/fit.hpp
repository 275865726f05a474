#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "base/abi.hpp"
#include "base/context.hpp"
#include "families/gaussian.hpp"
#include "gates/softmax.hpp"
#include "predict.hpp"
#include "search/options.hpp"
#include "solver/record.hpp"
#include "source/data.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A compact set of parameters on the user's scale, as theorems about rates suppose it: the same set for every naming
/// of the experts and whatever expert is the gate's reference. Coefficients of a gate that a common shift leaves
/// unidentified are bounded in their differences.
struct Bounds {
  double gate = arma::datum::inf;  ///< no coefficient of two experts' gates differs by more (or is larger, where the
                                   ///< gate identifies it)
  double experts_lower = -arma::datum::inf;  ///< of every coefficient of an expert
  double experts_upper = arma::datum::inf;   ///< likewise
  double sigma_lower = 0.0;                  ///< of every sigma
  double sigma_upper = arma::datum::inf;     ///< likewise

  /// Whether anything is bounded.
  bool given() const {
    return std::isfinite(gate) || std::isfinite(experts_lower) || std::isfinite(experts_upper) || sigma_lower > 0.0 ||
           std::isfinite(sigma_upper);
  }

  /// Throws `invalid_argument` for an empty set.
  void check(const char* where) const {
    require(gate > 0.0, where, "bounds", "of the gate must be positive");
    require(experts_lower < experts_upper, where, "bounds",
            "of the experts leave no room: the lower is not the smaller");
    require(sigma_lower >= 0.0 && sigma_lower < sigma_upper, where, "bounds", "of sigma leave no room");
  }
};

/// Settings of a fit: its tolerance is of the log-likelihood (Newton decrement), its guard times 1 / n.
struct Options : SearchOptions {
  Method method = Method::automatic;  ///< how climbs go on
  Bounds bounds;                      ///< of the maximum; not for top-K gates, whose likelihood jumps

  /// Throws `invalid_argument`.
  void check(const char* where) const {
    SearchOptions::check(where);
    bounds.check(where);
  }
};

/// Where a fit starts instead of searching: coefficients (their labels are kept), or n x K responsibilities, whose rows
/// sum to one. Empty means absent.
struct Start : Coefficients {
  mat responsibilities;  ///< n x K; empty: absent

  /// Whether there are coefficients.
  bool has_coefficients() const { return !gate.empty() || !experts.empty() || !sigma.empty(); }
  /// Whether there is a start at all.
  bool given() const { return has_coefficients() || !responsibilities.empty(); }

  /// The coefficients; null where there are none.
  const Coefficients* coefficients() const { return has_coefficients() ? this : nullptr; }

  /// Throws `invalid_argument` unless a fit of a mixture to so many rows, q gate and p expert columns can start here.
  void check(const char* where, const Mixture& mixture, uword rows, uword q, uword p) const {
    if (responsibilities.empty()) return Coefficients::check(where, "start", mixture, q, p);
    require(!has_coefficients(), where, "start", "has both coefficients and responsibilities: give one of them");
    require(responsibilities.n_rows == rows && responsibilities.n_cols == mixture.experts, where, "start",
            "responsibilities must be rows x experts");
    for (uword i = 0; i < rows; ++i) {
      const arma::rowvec row = responsibilities.row(i);
      require(row.min() >= 0.0 && std::abs(arma::accu(row) - 1.0) <= 1e-6, where, "start",
              "row " + std::to_string(i + 1) + " of the responsibilities does not hold probabilities that sum to one");
    }
  }
};

/// A fitted mixture of experts. Its coefficients are on the user's scale; those of aliased columns are 0 and flagged.
struct Fit : Coefficients {
  /// Nothing fitted yet.
  explicit Fit(Mixture mixture_) : mixture(std::move(mixture_)) {}

  Mixture mixture;  ///< what was fitted
  vec parameters;   ///< the P parameters: gates, then expert by expert
  AffineMap map;    ///< of a mixture with ties, from those of them that are free; else empty
  mat covariance;   ///< P x P inverse of the observed information; empty where this is no maximum
  std::vector<bool>
      identified;  ///< parameters with which the likelihood varies smoothly; the others' covariances are 0
  std::vector<bool>
      estimable;       ///< those of them on which the data have a bearing; the others' covariances mean nothing
  mat loose;           ///< P x P, variance along directions of which the data say nothing: a linear function a of the
                       ///< parameters is held if a' loose a is small beside a' covariance a; empty: there are none
  double degrees = 0;  ///< identified free parameters and, of a gate with one active expert, directions
  std::vector<Parameter> parameter_table;  ///< what each parameter is
  std::vector<bool> gate_aliased;          ///< columns of z left out: linear combinations of earlier ones
  std::vector<bool> experts_aliased;       ///< the same of x
  vec mass;                                ///< sum_i w_i r_ik: K
  vec gate_mass;                           ///< sum_i w_i pi_ik: K
  double log_likelihood = 0;               ///< sum_i w_i log f(y_i | x_i, z_i)
  double weight = 0;                       ///< sum_i w_i
  Record record;                           ///< how it was found

  /// The fit in words: `report` of inference.hpp, which is to be included for it.
  std::string report() const;
};

namespace detail {

/// A linear function of the parameters is held where its variance along directions without information is at most this
/// share of that across.
constexpr double most_loose = 0.01;

}  // namespace detail

/// Maximum likelihood fit of a mixture of experts. Experts are ordered by decreasing average gate probability. Throws
/// `invalid_argument`, `degenerate_error`, `numerical_error`, `interrupted` and, for want of memory, `internal_error`.
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

/// The parameters that a fit has, in their order, and the columns that it leaves out: what ties can be of.
struct FitParameters {
  std::vector<Parameter> table;       ///< of all parameters
  std::vector<bool> gate_aliased;     ///< columns of z left out
  std::vector<bool> experts_aliased;  ///< columns of x left out
};

/// Those of a mixture, whose ties are not looked at, on data; `origin` as in `Options`. Throws as `fit` does.
FitParameters fit_parameters(const Data& data, const Mixture& mixture, const vec& origin = {},
                             const Context& context = {});

/// Mean of a fitted mixture at a data set, with a response or without: n x 1, or n x C.
inline mat predict(const Fit& fit, const Data& data) { return predict(data, fit.mixture, fit); }

/// Quantiles of the fitted mixture, rows by probabilities.
inline mat quantiles(const Fit& fit, const Data& data, const vec& probabilities) {
  return quantiles(data, fit.mixture, fit, probabilities);
}

/// Scores of a fitted mixture at a data set, a column for each of its parameters; those that are not identified have
/// zeros.
mat scores(const Fit& fit, const Data& data, const Context& context = {});

/// Standard errors of a predicted quantity of a fit, by the delta method with its covariance: n; NaN where there is
/// none, or where the data do not hold a parameter on which the quantity depends. Throws `invalid_argument`.
vec standard_errors(const Fit& fit, const Data& data, const Quantity& quantity, const Context& context = {});

/// Which coefficients a fit had to bound, since the likelihood rises with them for ever.
struct Runaways {
  bool gate = false;     ///< of the gate
  bool experts = false;  ///< of the experts
};

/// Intervals of some parameters, a row each: the lower and the upper end. Infinite where the likelihood never falls
/// enough on that side, NaN where a climb on the way did not converge.
struct Profiles {
  mat ends;           ///< parameters x 2
  double rise = 0.0;  ///< how far above the fit's log-likelihood a climb came: the fit is no maximum if that is much
};

/// Profile-likelihood intervals { t : 2 (l - max_{theta_j = t} l) <= chi^2_1(level) } of parameters j, numbers in the
/// order of `Fit::parameters`, at the maximum with some coefficients, every value found with the others at their best,
/// from those of the value before. Throws `invalid_argument`, also for a gate whose likelihood jumps, and as `fit`
/// does.
Profiles profile_intervals(const Data& data, const Mixture& mixture, const Coefficients& fit, const Runaways& away,
                           const std::vector<uword>& parameters, double level = 0.95, const Context& context = {});

/// The same of all parameters of a fit. Throws `invalid_argument` for one at its bounds, or whose expert collapsed.
Profiles profile_intervals(const Fit& fit, const Data& data, double level = 0.95, const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "fit.ipp"
#endif
