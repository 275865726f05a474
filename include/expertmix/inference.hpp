#pragma once

#include <string>
#include <vector>

#include "fit.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Log-likelihood l of a fit with d free parameters on n observations (the sum of the weights), and what weighs one
/// against the other. They say nothing of a fit with a spike (`Record::spikes`).
struct InformationCriteria {
  double log_likelihood = 0.0;  ///< l
  double parameters = 0.0;      ///< d
  double observations = 0.0;    ///< n
  double aic = 0.0;             ///< -2 l + 2 d
  double bic = 0.0;             ///< -2 l + d log n
};

/// Those of a fit.
InformationCriteria information_criteria(const Fit& fit);

/// Standard errors of a fit's parameters, by the inverse of the observed information and in the order of
/// `Fit::parameters`, scalars by their logarithms: P. NaN of a parameter that is not identified, or on which the data
/// have no bearing, and of all where the fit is no maximum; 0 of one that a tie fixes.
vec standard_errors(const Fit& fit);

/// Estimates -+ z standard errors, a row for each parameter: P x 2. Throws `invalid_argument` for a level that is not
/// between 0 and 1.
mat confidence_intervals(const Fit& fit, double level = 0.95);

/// Covariance of the parameters where the model may be wrong, V S V with the covariance V of the fit and the sum S of
/// s s' over the rows' scores s (White 1982, Econometrica 50, 1-25): P x P; NaN where the fit has no covariance.
/// Throws as `score_products` does.
mat sandwich_covariance(const Fit& fit, const Data& data, const Context& context = {});

/// Estimates -+ z standard errors by another covariance of the parameters: P x 2. Throws `invalid_argument` for one of
/// another size.
mat confidence_intervals(const Fit& fit, const mat& covariance, double level = 0.95);

/// A test whose statistic has a chi-squared distribution where the hypothesis is true and n large.
struct ChiSquaredTest {
  double statistic = 0.0;  ///< not negative
  double degrees = 0.0;    ///< of freedom
  double p = 1.0;          ///< probability of as much or more under the hypothesis
};

/// Likelihood-ratio test of a fit within a larger one of as many experts to the same rows, 2 (l_large - l_small). That
/// the one is nested in the other is not checked. Throws `invalid_argument` for other numbers of experts or
/// observations, for a larger one with no more parameters, and where the difference is negative beyond rounding: then
/// the larger is not at its maximum.
ChiSquaredTest likelihood_ratio_test(const Fit& small, const Fit& large);

/// Wald test of C theta = 0 for a matrix C of r rows and P columns, b' (C V C')^-1 b with b = C theta. Throws
/// `invalid_argument` where C has other columns, or dependent rows, or the data do not hold what it asks for.
ChiSquaredTest wald_test(const Fit& fit, const mat& contrast);

/// Parameters of fits to responses that are drawn from a fit, P x replicates (parametric bootstrap): each climbs from
/// the fit within the options' bounds, so that experts keep their labels. NaN where a fit fails. Replicate b is a
/// function of the options' seed and b only. A row is drawn once, whatever its weight, and has that in every fit.
/// Throws as `draw` does, and `interrupted`.
mat bootstrap(const Fit& fit, const Data& data, uword replicates, const Options& options = {},
              const Context& context = {});

/// Of experts with classes the likeliest class of every row, a number from 0, the smallest of those that are equally
/// likely: n. Throws `invalid_argument` for other experts, and as `predict` does.
uvec classes(const Fit& fit, const Data& data);

/// The expert (from 0) to which every row most probably belongs, given its response: n. Throws as `posterior` does.
uvec likeliest_experts(const Fit& fit, const Data& data);

/// Quantiles of a new response of every row between which it lies with the probability `level`, as far below as above:
/// n x 2. Throws `invalid_argument` for a level that is not between 0 and 1, and as `quantiles` does.
mat prediction_intervals(const Fit& fit, const Data& data, double level = 0.95);

/// Names of the columns of x and of z and of the classes, for a report; where there are none, columns are x1, x2, ...
/// and z1, z2, ..., classes numbers from 0.
struct Names {
  std::vector<std::string> x;        ///< as many as x has columns, or none
  std::vector<std::string> z;        ///< of z
  std::vector<std::string> classes;  ///< as many as the experts have classes, or none
};

/// What R's `summary()` says of a fit, as text: estimates with standard errors and z tests, what every expert holds,
/// log-likelihood, AIC and BIC, the search, the certificate, and what is wrong in words. Throws `invalid_argument` for
/// names of other columns.
std::string report(const Fit& fit, const Names& names = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "inference.ipp"
#endif
