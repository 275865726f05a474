#pragma once

#include <expertmix/fit.hpp>

#include "model.h"

inline expertmix::Thoroughness thoroughness_named(const std::string& name) {
  if (name == "quick") return expertmix::Thoroughness::quick;
  return name == "thorough" ? expertmix::Thoroughness::thorough : expertmix::Thoroughness::usual;
}

/// Settings of a search from R's `control`.
inline void read_search(const Rcpp::List& control, expertmix::SearchOptions& out) {
  out.starts = static_cast<arma::uword>(Rcpp::as<double>(control["starts"]));
  out.search = thoroughness_named(Rcpp::as<std::string>(control["search"]));
  out.iterations = static_cast<arma::uword>(Rcpp::as<double>(control["iterations"]));
  out.tolerance = Rcpp::as<double>(control["tolerance"]);
  out.seed = static_cast<std::uint64_t>(Rcpp::as<double>(control["seed"]));
  out.guard = Rcpp::as<double>(control["guard"]);
  out.time_limit = Rcpp::as<double>(control["time_limit"]);
  const arma::vec spike = Rcpp::as<arma::vec>(control["spike"]);
  out.spike = {spike(0), spike(1)};
  out.origin = Rcpp::as<arma::vec>(control["origin"]);
}

/// Where a fit starts, from R's `responsibilities` or coefficients; nowhere if there are neither.
inline expertmix::Start read_start(const Rcpp::List& given) {
  expertmix::Start start;
  if (given.containsElementNamed("responsibilities"))
    start.responsibilities = Rcpp::as<arma::mat>(given["responsibilities"]);
  if (given.containsElementNamed("gate")) static_cast<expertmix::Coefficients&>(start) = read_coefficients(given);
  return start;
}
