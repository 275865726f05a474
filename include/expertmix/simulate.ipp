#pragma once

#include "base/random.hpp"
#include "predict.ipp"
#include "simulate.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// An expert, then a response of it, for each of the first n rows of a block.
inline void draw_block(Random& random, const Mixture& mixture, const Block& block, std::size_t n, const Workspace& work,
                       Table mean, Table response, uword* expert) {
  Rows rows = work.family_rows(block);
  mixture.family->mean(rows, block, mean);
  rows.count = n;
  for (std::size_t i = 0; i < n; ++i)
    expert[i] = random.choose(work.gate.pi.data + i, work.gate.pi.stride, mixture.experts);
  mixture.family->draw(rows, block, mean, expert, random, response);
}

/// Responses at the rows of a data set.
inline Draws draw_rows(Random& random, const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                       const Context& context) {
  Draws out{mat(data.rows(), mixture.family->responses()), uvec(data.rows())};
  const std::size_t stride = column_stride(max_block_rows),
                    outcomes = mixture.family->outcomes().columns(mixture.experts);
  AlignedVector memory((outcomes + mixture.family->responses()) * stride);
  const Table mean{memory.data(), stride}, response = mean.from(outcomes);
  const auto visit = [&](std::size_t first, std::size_t n, const Block& block, Workspace& work) {
    draw_block(random, mixture, block, n, work, mean, response, out.expert.memptr() + first);
    for (uword c = 0; c < out.y.n_cols; ++c) std::copy_n(response[c], n, out.y.colptr(c) + first);
  };
  walk(data, mixture, coefficients, visit, context);
  return out;
}

}  // namespace detail

EXPERTMIX_DEFINITION Draws draw(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                                std::uint64_t seed, const Context& context) try {
  mixture.check("draw");
  const bool counted = mixture.family->responses() > 1;
  if (counted) data.require_response("draw");
  const Data rows = detail::with_sizes(data, mixture);
  detail::check_model("draw", rows, mixture, coefficients);
  Random random(seed, 0);
  Draws out = detail::draw_rows(random, rows, mixture, coefficients, context);
  detail::check_numbers("draw", out.y);
  return out;
} catch (...) {
  detail::leave("draw");
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
