#pragma once

#include <tuple>
#include <utility>
#include <vector>

#include "../solver/end_point.hpp"
#include "../solver/objective.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// An unpenalised ascent that came to its end, with all that a fit says of it.
struct Finished : EndPoint {
  Statistics at;       ///< of the objective there
  Information metric;  ///< latest EM information
  Certificate certificate;
  std::vector<double> trace;
  std::string method;
  Objective objective;
  vec steered;                         ///< the place that a search found, from which the ascent went on
  mat separation;                      ///< of a gate that was bounded: the direction that separates experts
  bool drifted = false;                ///< a scalar of the gate went to its bound
  std::vector<std::string> at_bounds;  ///< what is at a bound of the compact set

  /// Takes over where an ascent ended; what it stands for and what steered it stay.
  void end_at(AscentState end) {
    const auto before = std::make_pair(guarded, runs);
    static_cast<EndPoint&>(*this) = EndPoint(end);
    std::tie(guarded, runs) = before;
    at = std::move(end.at);
    metric = std::move(end.metric);
    certificate = end.certificate;
    trace = std::move(end.trace);
    method = std::move(end.method);
  }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
