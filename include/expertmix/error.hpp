#pragma once

#include <stdexcept>
#include <string>

namespace expertmix {

/// Base of everything the library throws. `where` names the function, `argument` what is at fault (empty if nothing is).
class error : public std::runtime_error {
 public:
  error(std::string where, std::string argument, const std::string& message)
      : std::runtime_error(where + ": " + message), where(std::move(where)), argument(std::move(argument)) {}

  std::string where, argument;
};

/// An argument that cannot be used: wrong size, not finite, out of range.
class invalid_argument : public error {
  using error::error;
};

/// A response that one expert already fits exactly: the likelihood has no maximum.
class degenerate_error : public error {
  using error::error;
};

/// No start led to a finite likelihood.
class numerical_error : public error {
  using error::error;
};

/// The host asked to stop.
class interrupted : public error {
 public:
  interrupted() : error("expertmix", "", "interrupted") {}
};

/// Throws `invalid_argument` unless `holds`.
inline void require(bool holds, const char* where, const char* argument, const std::string& message) {
  if (!holds) throw invalid_argument(where, argument, message);
}

}  // namespace expertmix
