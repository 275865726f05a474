#pragma once

#include <new>
#include <stdexcept>
#include <string>

#include "abi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Base of everything the library throws. `where` names the function, `argument` what is at fault (empty if nothing
/// is).
class error : public std::runtime_error {
 public:
  /// `what()` is where and message.
  error(std::string where_, std::string argument_, const std::string& message)
      : std::runtime_error(where_ + ": " + message), where(std::move(where_)), argument(std::move(argument_)) {}

  std::string where;     ///< the function that was called
  std::string argument;  ///< what is at fault, or empty
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

/// Memory ran out, or something failed that no argument explains: a fault of the library.
class internal_error : public error {
  using error::error;
};

/// A file that cannot be written, or not be read as what is asked for.
class file_error : public error {
 public:
  /// What is wrong.
  enum class Fault {
    unreadable,  ///< it is not there, or cannot be opened
    unwritable,  ///< there is no room, no right or no folder; what was there before still is
    foreign,     ///< not a file of this library
    version,     ///< of a version of the format that is not known here
    truncated,   ///< its end is missing
    edited,      ///< its contents are not those that were written
    kind,        ///< it holds something else, as a path instead of a fit
    own          ///< its gate or family is from outside the library, and the right one was not handed over
  };

  /// From a function, about its `path`.
  file_error(Fault fault_, std::string where_, const std::string& message)
      : error(std::move(where_), "path", message), fault(fault_) {}

  Fault fault;  ///< what is wrong
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

namespace detail {

/// Where a public function's exceptions leave: what the standard library or Armadillo threw becomes an `error`;
/// exceptions of the host's own, which its callbacks may throw, pass through.
[[noreturn]] inline void leave(const char* where) {
  try {
    throw;
  } catch (const error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw internal_error(where, "", "memory ran out");
  } catch (const std::logic_error& failure) {
    throw internal_error(where, "", failure.what());
  } catch (const std::runtime_error& failure) {
    throw internal_error(where, "", failure.what());
  }
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
