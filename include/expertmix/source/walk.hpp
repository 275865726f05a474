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

/// Walks a mixture, coefficients on the user's scale, over the rows of a data set: `visit(first row, rows, block,
/// workspace)` for every block. Throws `invalid_argument` where a predictor overflows, `interrupted`.
template <class Visit>
void walk(const Data& data, const Mixture& mixture, const Coefficients& coefficients, Visit visit,
          const Context& context = {}) {
  const UnionDesign design =
      mixture.gate->splits(mixture.experts) ? split_design(data, coefficients.gate_intercept) : union_design(data);
  const Layout layout = mixture.layout(design.columns);
  const vec parameters = parameters_of(layout, KeptColumns::all(data.gate().n_cols, data.x().n_cols), coefficients);
  const Memory source(data, design.pointers, Scaling::identity(design.columns.count));
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
