#pragma once

#include <expertmix/fit.hpp>
#include <expertmix/path.hpp>

#include "model.h"

/// A column a property of the parameters; experts, classes and columns from 1, the expert NA for what all share.
Rcpp::List write_table(const expertmix::Mixture& mixture, const std::vector<expertmix::Parameter>& table);

/// Penalised fits as R takes them.
Rcpp::List write_path(const expertmix::LassoPath& path);

/// All that R keeps of a fit.
Rcpp::List write_fit(const expertmix::Fit& fit);
