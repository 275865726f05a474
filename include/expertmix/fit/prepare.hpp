#pragma once

#include "../mixture/coefficients.hpp"
#include "../source/origin.hpp"
#include "checks.hpp"
#include "one_expert.hpp"
#include "tied_space.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A data set made ready for a fit: union design, recoding, columns that are not aliased, and the scale of the guard.
struct Prepared {
  UnionDesign design;
  Scaling scaling;
  Layout layout;
  std::vector<bool> gate_aliased, experts_aliased;
  KeptColumns kept;
  TiedSpace ties;
  uword gate_intercept = 0;        ///< column of z
  vec origin;                      ///< of a gate that splits its slopes from its intercepts: a number a column of z
  double weight = 0.0;             ///< sum of the row weights, recoded
  double user_weight = 0.0;        ///< and as they are
  double residual_variance = 1.0;  ///< of one expert, recoded

  /// The smallest mass that an expert needs to be more than an interpolation.
  double least_mass() const { return static_cast<double>(layout.columns.experts.size()) + 1.0; }
};

/// Positions and union columns of what is not aliased.
inline std::vector<uword> keep(const std::vector<bool>& aliased, const std::vector<uword>& columns,
                               std::vector<uword>& kept) {
  std::vector<uword> out;
  for (uword j = 0; j < aliased.size(); ++j)
    if (!aliased[j]) {
      kept.push_back(j);
      out.push_back(columns[j]);
    }
  return out;
}

/// Union design, recoding and weights. Throws as `prepare` does.
inline void prepare_design(const Data& data, bool split, bool recodes, const vec& origin, const Coefficients* start,
                           Prepared& out) {
  out.gate_intercept = intercept_of(data);
  check_intercept("fit", split, out.gate_intercept, data.gate().n_cols);
  if (split) out.origin = gate_origin("fit", data, out.gate_intercept, origin, start);
  out.design = split ? split_design(data, out.gate_intercept, out.origin) : union_design(data);
  out.scaling = standardising(data, out.design, recodes);
  for (uword i = 0; i < data.rows(); ++i) out.user_weight += data.row_weight(i);
  out.weight = out.user_weight / out.scaling.weight_unit;
  if (out.scaling.response_scale == 0.0) throw degenerate_error("fit", "y", "the response is constant");
}

/// The columns that are not aliased, as a layout. Throws as `prepare` does.
inline void prepare_layout(const Memory& source, const Mixture& mixture, const Context& context, Prepared& out) {
  const Columns& all = out.design.columns;
  const auto aliased = [&](const std::vector<uword>& own) { return aliased_columns(source, own, all.count, context); };
  out.experts_aliased = aliased(all.experts);
  out.gate_aliased = all.gate == all.experts ? out.experts_aliased : aliased(all.gate);
  Columns columns;
  columns.count = all.count;
  columns.experts = keep(out.experts_aliased, all.experts, out.kept.experts);
  columns.gate = keep(out.gate_aliased, all.gate, out.kept.gate);
  require(!columns.experts.empty(), "fit", "x", "every column is zero");
  require(!columns.gate.empty(), "fit", "z", "every column is zero");
  require(!mixture.gate->splits(mixture.experts) || mixture.experts == 1 || columns.gate.size() > 1, "fit", "z",
          "this gate needs a covariate beside the column of ones");
  out.layout = mixture.layout(columns);
}

/// The guard's unit, where responses are numbers: the residual variance of one expert, or 1 where it fits all rows
/// because there are so few.
inline double guard_unit(const Data& data, const Source& source, const Columns& columns, const Context& context) {
  const double variance = residual_variance(source, columns.experts, columns.count, context);
  if (variance >= 1e-20) return variance;
  if (positive_rows(data) > columns.experts.size())
    throw degenerate_error("fit", "y", "one expert fits the response exactly: the likelihood has no maximum");
  return 1.0;
}

/// The same of scales that are relative to the mean: the residual variance of what a search sees, the logarithms.
inline double relative_guard_unit(const Data& data, const Mixture& mixture, const Prepared& prepared,
                                  const Context& context) {
  const mat seen = mixture.family->features_less(data.offset(), data.y());
  Data rows = Data(data.x(), seen).gate(data.gate());
  if (!data.weights().empty()) rows.weights(data.weights());
  return guard_unit(data, Memory(rows, prepared.design.pointers, prepared.scaling), prepared.layout.columns, context);
}

/// Recodes data that were checked, finds aliased columns and, for the guard, the residual variance of one expert; the
/// gate's origin is as `gate_origin` says. Throws `invalid_argument` for what cannot be used, `degenerate_error` where
/// the likelihood has no maximum.
inline Prepared prepare(const Data& data, const Mixture& mixture, const vec& origin, const Coefficients* start,
                        const Context& context) {
  const bool recodes = mixture.family->recodes();
  Prepared out;
  prepare_design(data, mixture.gate->splits(mixture.experts), recodes, origin, start, out);
  const Memory source(data, out.design.pointers, out.scaling);
  prepare_layout(source, mixture, context, out);
  out.ties = tied_space(mixture, out.layout, out.kept, out.scaling);
  if (recodes)
    out.residual_variance = guard_unit(data, source, out.layout.columns, context);
  else if (out.layout.has_scales())
    out.residual_variance = relative_guard_unit(data, mixture, out, context);
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
