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
