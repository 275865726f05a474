#pragma once

#include <cmath>

#include "../base/armadillo.hpp"
#include "../base/error.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The most short runs that a search may be asked for, and the most values of lambda of a path.
constexpr uword most_starts = 100000, most_lambdas = 10000;

namespace detail {

/// Throws `invalid_argument` for settings that no search can run with, whatever it searches.
template <class Settings>
void check_run(const char* where, const Settings& settings) {
  require(settings.starts <= most_starts, where, "starts", "must be at most " + std::to_string(most_starts));
  require(settings.iterations >= 1, where, "iterations", "must be 1 or more");
  require(settings.tolerance > 0.0 && std::isfinite(settings.tolerance), where, "tolerance", "must be positive");
  require(settings.guard >= 0.0 && std::isfinite(settings.guard), where, "guard", "must not be negative");
  require(settings.time_limit >= 0.0, where, "time_limit", "must not be negative");
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
