#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "../mixture/coefficients.hpp"
#include "data.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

inline uvec all_columns(const mat& design) { return arma::regspace<uvec>(0, design.n_cols - 1); }

/// Some rows of a data set, and of its columns those that vary among them or do not among all.
struct PartOfData {
  PartOfData(const Data& whole, const uvec& rows)
      : PartOfData(whole, rows, varying(whole.x(), rows), varying(whole.gate(), rows)) {}

  /// The same with given columns.
  PartOfData(const Data& whole, const uvec& rows, uvec of_x, uvec of_z)
      : x_columns(std::move(of_x)), z_columns(std::move(of_z)) {
    x = whole.x().submat(rows, x_columns);
    z = whole.gate().submat(rows, z_columns);
    y = whole.y().rows(rows);
    if (!whole.weights().empty()) weights = whole.weights()(rows);
    if (!whole.offset().empty()) offset = whole.offset()(rows);
  }

  Data data() const {
    Data out = Data(x, y).gate(z);
    if (!weights.empty()) out.weights(weights);
    if (!offset.empty()) out.offset(offset);
    return out;
  }

  /// Coefficients of all columns as those of the columns that are here, and back.
  template <class Set>
  Set narrowed(Set at) const {
    at.gate = mat(at.gate.rows(z_columns));
    at.experts = mat(at.experts.rows(x_columns));
    if (!at.origin.empty()) at.origin = vec(at.origin(z_columns));
    at.gate_intercept = static_cast<uword>(arma::accu(z_columns < at.gate_intercept));
    return at;
  }
  Coefficients widened(const Coefficients& here, const Coefficients& whole) const {
    Coefficients out = here;
    out.gate.zeros(whole.gate.n_rows, whole.gate.n_cols);
    out.experts.zeros(whole.experts.n_rows, whole.experts.n_cols);
    out.gate.rows(z_columns) = here.gate;
    out.experts.rows(x_columns) = here.experts;
    out.origin = whole.origin;
    out.gate_intercept = whole.gate_intercept;
    return out;
  }

  uvec x_columns, z_columns;
  mat x, z, y;
  vec weights, offset;

 private:
  static uvec varying(const mat& design, const uvec& rows) {
    std::vector<uword> out;
    for (uword j = 0; j < design.n_cols; ++j) {
      const vec all = design.col(j), here = all(rows);
      if (here.min() < here.max() || all.min() == all.max()) out.push_back(j);
    }
    return uvec(out);
  }
};

/// The rows of one fold, and all others. Throws `invalid_argument` unless there are both, of data with a response.
struct RowsOfFold {
  RowsOfFold(const char* where, const Data& data, const uvec& folds, uword fold) {
    data.check(where);
    data.require_response(where);
    require(folds.n_elem == data.rows(), where, "folds", "must have a fold for every row");
    left = arma::find(folds == fold);
    kept = arma::find(folds != fold);
    require(!left.empty() && !kept.empty(), where, "fold", "has no rows, or all");
  }

  uvec left, kept;
};

/// Weighted means of folds, and standard errors, of every row of a table with a column for each fold.
struct FoldMeans {
  FoldMeans(const Data& data, const uvec& folds, const mat& values) {
    vec sizes(values.n_cols, arma::fill::zeros);
    for (uword i = 0; i < folds.n_elem; ++i) sizes(folds(i)) += data.row_weight(i);
    mean = values * sizes / arma::accu(sizes);
    mat apart = values.cols(arma::find(sizes > 0.0));
    apart.each_col() -= mean;
    const auto count = static_cast<double>(apart.n_cols);
    error = arma::sqrt(arma::sum(arma::square(apart), 1) / (count - 1.0) / count);
  }

  vec mean, error;
};

/// The number of the smallest of some values, that of sound fits where there are any.
inline std::size_t best_of(const vec& values, const std::vector<bool>& faulty) {
  std::size_t best = values.n_elem;
  for (bool with_faulty : {false, true})
    for (std::size_t i = 0; i < values.n_elem && best == values.n_elem; ++i)
      if (std::isfinite(values(i)) && (with_faulty || !faulty[i])) best = i;
  for (std::size_t i = 0; i < values.n_elem; ++i)
    if (values(i) < values(best) && faulty[i] == faulty[best]) best = i;
  return best;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
