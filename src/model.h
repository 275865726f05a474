#pragma once

#include <expertmix/mixture/coefficients.hpp>
#include <expertmix/mixture/mixture.hpp>

/// A mixture from R's description of it: `experts`, `gate`, `family` and `common_sigma`, `degrees_of_freedom`, or
/// `classes` and `counts`; `symmetric` where no expert and no class is the reference.
expertmix::Mixture read_mixture(const Rcpp::List& model);

/// Coefficients on the user's scale from R's `gate`, `experts`, `sigma`, `scalars`, `temperature`, `gate_intercept`.
expertmix::Coefficients read_coefficients(const Rcpp::List& estimates);

/// A vector without dimensions.
SEXP as_vector(const arma::vec& values);
