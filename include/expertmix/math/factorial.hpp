#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "../base/abi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// log m! of a whole number, from a table where it is small; else by Stirling's series, exact to double precision.
inline double log_factorial(double m) {
  static const auto table = [] {
    std::array<double, 256> list{};
    for (std::size_t i = 2; i < list.size(); ++i) list[i] = list[i - 1] + std::log(static_cast<double>(i));
    return list;
  }();
  if (m < 256.0) return table[static_cast<std::size_t>(m)];
  constexpr double half_log_2pi = 0.91893853320467274178;
  return (m + 0.5) * std::log(m) - m + half_log_2pi + 1.0 / (12.0 * m) - 1.0 / (360.0 * m * m * m);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
