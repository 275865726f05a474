#pragma once

#include <tuple>

#include "../mixture/ties.hpp"
#include "../model/description.hpp"
#include "../model/predictors.hpp"
#include "../solver/record.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// What small things of a fit are made of, in the order that a file has it.
inline auto members(Parameter& it) { return std::tie(it.part, it.kind, it.expert, it.outcome, it.column); }
inline auto members(Tie::Term& it) { return std::tie(it.parameter, it.factor); }
inline auto members(Tie& it) { return std::tie(it.terms, it.value); }
inline auto members(Predictor& it) { return std::tie(it.design, it.unit, it.expert, it.outcome, it.lower, it.upper); }
inline auto members(Certificate& it) { return std::tie(it.decrement, it.scaled_score, it.maximum); }
inline auto members(Runaway& it) { return std::tie(it.expert, it.outcome); }
inline auto members(BoundedScalar& it) { return std::tie(it.expert, it.scalar, it.upper); }
inline auto members(Spike& it) { return std::tie(it.expert, it.rows); }
inline auto members(SeenOptimum& it) { return std::tie(it.value, it.starts, it.hops, it.spiked); }
inline auto members(SpikeRule& it) { return std::tie(it.rows, it.sd); }
inline auto members(Description& it) { return std::tie(it.name, it.words, it.numbers); }

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
