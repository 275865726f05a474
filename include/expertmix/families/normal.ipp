#pragma once

#include <cmath>

#include "normal.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

EXPERTMIX_DEFINITION std::vector<Term> NormalExperts::terms(uword experts) const {
  std::vector<Term> list;
  for (uword k = 0; k < experts; ++k) list.push_back({k, k}), list.push_back({k, log_sigma(k, experts)});
  return list;
}

EXPERTMIX_DEFINITION Distance NormalExperts::distance(const Rows& rows, const Block& block, std::size_t i,
                                                      uword k) const {
  const double y = block.response[i], mean = centre(rows, block, i, k);
  const double log_s = log_sigma(rows, k);
  const double log_e = std::isinf(y) ? 0.0 : std::log(std::abs(0.5 * y - 0.5 * mean));
  return {log_e - log_s, -log_s, y > mean ? -mean : mean};
}

/// Out to 12 standard deviations.
EXPERTMIX_DEFINITION void NormalExperts::support(const Rows& rows, const Block& block, std::size_t i, uword k,
                                                 std::vector<double>& points) const {
  const double mean = centre(rows, block, i, k);
  const double sigma = std::exp(log_sigma(rows, k));
  for (double z : {-12.0, -4.0, -1.5, 0.0, 1.5, 4.0, 12.0}) points.push_back(mean + z * sigma);
}

/// Phi(sign (y - mean) / sigma).
EXPERTMIX_DEFINITION void NormalExperts::tail(const Rows& rows, const Block& block, double sign, Table out) const {
  constexpr double root_half = 0.70710678118654752440;
  mean(rows, block, out);
  for (uword k = 0; k < rows.experts; ++k) {
    const double scale = sign * root_half * std::exp(-log_sigma(rows, k));
    for (std::size_t i = 0; i < rows.count; ++i) out[k][i] = 0.5 * std::erfc(scale * (out[k][i] - block.response[i]));
  }
}

EXPERTMIX_DEFINITION void NormalExperts::draw(const Rows& rows, const Block& /*block*/, Table mean, const uword* expert,
                                              Random& random, Table response) const {
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double sigma = std::exp(log_sigma(rows, expert[i]));
    response[0][i] = mean[expert[i]][i] + sigma * random.normal();
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
