#pragma once

#include <algorithm>

#include "../base/parallel.hpp"
#include "../mixture/extremes.hpp"
#include "checks.hpp"
#include "design.hpp"
#include "memory.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// The columns that coefficients on the user's scale belong to.
inline UnionDesign evaluated_design(const Data& data, const Mixture& mixture, const Coefficients& coefficients) {
  if (!mixture.gate->splits(mixture.experts)) return union_design(data);
  vec origin(data.gate().n_cols);
  for (uword j = 0; j < origin.n_elem; ++j) origin(j) = coefficients.origin_of(j);
  return split_design(data, coefficients.gate_intercept, origin);
}

/// Columns as they are, but those that count from an origin.
inline Scaling to_origin(const UnionDesign& design) {
  Scaling out = Scaling::identity(design.columns.count);
  if (!design.origin.empty()) out.centre = design.origin;
  return out;
}

/// Walks a mixture, coefficients on the user's scale, over the rows of a data set: `visit(first row, rows, block,
/// workspace)` for every block. Throws `invalid_argument` where a predictor overflows, `interrupted`.
template <class Visit>
void walk(const Data& data, const Mixture& mixture, const Coefficients& coefficients, Visit visit,
          const Context& context = {}) {
  const UnionDesign design = evaluated_design(data, mixture, coefficients);
  const Scaling scaling = to_origin(design);
  const Layout layout = mixture.layout(design.columns);
  const vec parameters =
      ParameterMap(layout, scaling)
          .to_recoded(parameters_of(layout, KeptColumns::all(data.gate().n_cols, data.x().n_cols), coefficients));
  const Memory source(data, design.pointers, scaling);
  Workspace work(mixture, layout);
  AlignedVector buffer;
  StopWatch watch(context);
  for (std::size_t b = 0, first = 0; first < data.rows(); ++b) {
    watch.check();
    const Block block = source.block(b, buffer);
    mixture.evaluate(block, layout, parameters, {}, work);
    const std::size_t rows = std::min<std::size_t>(block.rows, data.rows() - first);
    require_predictors(work, rows, first, "predict");
    mend_extremes(mixture, block, work);
    visit(first, rows, block, work);
    first += rows;
  }
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
