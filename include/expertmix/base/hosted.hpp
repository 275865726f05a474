#pragma once

#include <algorithm>
#include <exception>
#include <limits>
#include <memory>
#include <utility>

#include "context.hpp"
#include "error.hpp"
#include "timer.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// What a callback of the host threw, on its way out of a job.
struct HostFailure {
  std::exception_ptr cause;
};

/// Calls back; what is thrown there cannot be taken for a failure of the job.
template <class Callback, class... Arguments>
auto call_host(const Callback& callback, const Arguments&... arguments) {
  try {
    return callback(arguments...);
  } catch (...) {
    throw HostFailure{std::current_exception()};
  }
}

/// A context whose callbacks are told since when the job runs and the best log-likelihood so far.
inline Context watched(Context context) {
  context.watched = true;
  if (context.stop) context.stop = [stop = std::move(context.stop)] { return call_host(stop); };
  if (!context.progress) return context;
  const auto best = std::make_shared<double>(-std::numeric_limits<double>::infinity());
  context.progress = [tell = std::move(context.progress), best, timer = Timer()](Progress now) {
    *best = std::max(*best, now.log_likelihood);
    now.best = *best;
    now.seconds = timer.seconds();
    call_host(tell, now);
  };
  return context;
}

/// Runs a job that users start, with its watched context. What its callbacks throw leaves the outermost job as it was
/// thrown, all else as `leave` says.
template <class Job>
auto hosted(const char* where, const Context& context, Job job) {
  try {
    return context.watched ? job(context) : job(watched(context));
  } catch (const HostFailure& failure) {
    if (context.watched) throw;
    std::rethrow_exception(failure.cause);
  } catch (...) {
    leave(where);
  }
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
