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

/// The union columns of those that are kept.
inline Columns kept_columns(const Columns& all, const KeptColumns& kept) {
  Columns out;
  out.count = all.count;
  for (uword j : kept.gate) out.gate.push_back(all.gate[j]);
  for (uword j : kept.experts) out.experts.push_back(all.experts[j]);
  return out;
}

/// A mixture with coefficients on the user's scale at the rows of a data set, of whose columns some are kept.
struct Evaluation {
  Evaluation(const Data& data, const Mixture& mixture_, const Coefficients& coefficients, const KeptColumns& kept)
      : mixture(mixture_),
        rows(data.rows()),
        design(evaluated_design(data, mixture, coefficients)),
        layout(mixture.layout(kept_columns(design.columns, kept))),
        map(layout, to_origin(design)),
        parameters(map.to_recoded(parameters_of(layout, kept, coefficients))),
        source(data, design.pointers, to_origin(design)) {}

  Evaluation(const Data& data, const Mixture& mixture_, const Coefficients& coefficients)
      : Evaluation(data, mixture_, coefficients, KeptColumns::all(data.gate().n_cols, data.x().n_cols)) {}

  const Mixture& mixture;
  std::size_t rows;
  UnionDesign design;
  Layout layout;
  ParameterMap map;  ///< between the user's coefficients and those of the columns in the blocks
  vec parameters;
  Memory source;

  /// `visit(first row, rows, block, workspace)` of block b. Throws `invalid_argument` where a predictor overflows.
  template <class Visit>
  void at(std::size_t b, Workspace& work, AlignedVector& buffer, Visit visit) const {
    const Block block = source.block(b, buffer);
    const std::size_t first = source.first(b), count = std::min<std::size_t>(block.rows, rows - first);
    mixture.evaluate(block, layout, parameters, {}, work);
    require_predictors(work, count, first, "predict");
    mend_extremes(mixture, block, work);
    visit(first, count, block, work);
  }
};

/// Walks a mixture, coefficients on the user's scale, over the rows of a data set: `visit(first row, rows, block,
/// workspace)` for every block. Throws `invalid_argument` where a predictor overflows, `interrupted`.
template <class Visit>
void walk(const Data& data, const Mixture& mixture, const Coefficients& coefficients, Visit visit,
          const Context& context = {}) {
  const Evaluation evaluation(data, mixture, coefficients);
  Workspace work(mixture, evaluation.layout);
  AlignedVector buffer;
  StopWatch watch(context);
  for (std::size_t b = 0; b < evaluation.source.blocks(); ++b) {
    watch.check();
    evaluation.at(b, work, buffer, visit);
  }
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
