#pragma once

#include <string>

#include "../base/armadillo.hpp"
#include "../base/error.hpp"
#include "given.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// What a data set has beside its designs: the response (one column, or as many as the expert family reads), row
/// weights (each counts repeated rows) and an offset of the experts' means. All of it may be absent.
class RowData {
 public:
  /// Number of rows, n.
  uword rows() const { return rows_; }
  /// Whether a response was given.
  bool has_response() const { return static_cast<bool>(y_); }
  /// Response, n x as many columns as the family reads; empty where absent.
  const mat& y() const { return *y_; }
  /// Weights, n; empty where all are 1.
  const vec& weights() const { return *weights_; }
  /// Offset, n; empty where it is 0.
  const vec& offset() const { return *offset_; }
  /// Weight of row i.
  double row_weight(uword i) const { return weights_ ? (*weights_)(i) : 1.0; }

  /// Throws `invalid_argument` where there is no response.
  void require_response(const char* where) const {
    require(has_response(), where, "y", "the response is missing: give it as in Data(x, y)");
  }

 protected:
  /// Rows with a response or none.
  RowData(uword rows, Given<mat> y) : rows_(rows), y_(std::move(y)) {}

  /// Throws `invalid_argument`, naming argument, row and column, unless what is there can be used.
  void check_rows(const char* where) const {
    require(rows_ > 0, where, "x", "has no rows");
    if (y_) check_size(where, "y", y_->n_rows);
    if (weights_) check_size(where, "weights", weights_->n_elem);
    if (offset_) check_size(where, "offset", offset_->n_elem);
    check_finite(where, "y", *y_);
    check_finite(where, "offset", *offset_);
    check_finite(where, "weights", *weights_);
    for (uword i = 0; i < weights().n_elem; ++i)
      if (weights()(i) < 0.0) throw invalid_argument(where, "weights", "row " + std::to_string(i + 1) + " is negative");
    require(!weights_ || arma::any(weights() > 0.0), where, "weights", "all weights are zero");
    require(std::isfinite(arma::accu(weights())), where, "weights", "their sum overflows");
  }

  /// Throws `invalid_argument` unless an argument has as many rows as x.
  void check_size(const char* where, const char* argument, uword size) const {
    require(size == rows_, where, argument,
            "has " + std::to_string(size) + " rows where x has " + std::to_string(rows_));
  }

  /// Throws `invalid_argument`, naming row and column, unless all is finite.
  static void check_finite(const char* where, const char* argument, const mat& values) {
    if (values.is_finite()) return;
    uword bad = 0;
    while (std::isfinite(values[bad])) ++bad;
    const std::string row = "row " + std::to_string(bad % values.n_rows + 1),
                      column = values.n_cols > 1 ? ", column " + std::to_string(bad / values.n_rows + 1) : "";
    throw invalid_argument(where, argument, row + column + " is not finite");
  }

  /// The same of a sparse matrix, whose place is not named.
  static void check_finite(const char* where, const char* argument, const arma::sp_mat& values) {
    require(values.is_finite(), where, argument, "has entries that are not finite");
  }

  uword rows_;          ///< n
  Given<mat> y_;        ///< response, or none
  Given<vec> weights_;  ///< or none
  Given<vec> offset_;   ///< or none
};

/// A data set: expert design x (n x p) and gate design z (n x q; x itself unless given), intercept columns included
/// where wanted, a response unless there is none yet, and what is named:
///
///     Data(x, y).gate(z).weights(w).offset(o)
///
/// Borrows what has a name and keeps what has none (see `Given`); copies are cheap and see the same matrices.
template <class Design>
class DataSet : public RowData {
 public:
  /// Rows whose response is not known.
  explicit DataSet(Given<Design> x) : DataSet(std::move(x), {}) {}
  /// Rows with a response, n x 1 or as many columns as the family reads.
  DataSet(Given<Design> x, Given<mat> y) : RowData(x->n_rows, std::move(y)), x_(std::move(x)) {}
  /// A design with what other rows have beside theirs.
  DataSet(Given<Design> x, RowData rows) : RowData(std::move(rows)), x_(std::move(x)) {}

  /// Expert design, n x p.
  const Design& x() const { return *x_; }
  /// Gate design, n x q.
  const Design& gate() const { return z_ ? *z_ : *x_; }
  using RowData::offset;
  using RowData::weights;

  /// Gives the gate a design of its own, n x q.
  DataSet& gate(Given<Design> z) & { return z_ = std::move(z), *this; }
  /// Gives rows weights, n, not negative: a row of weight 2 counts as two.
  DataSet& weights(const Given<vec>& w) & { return weights_ = w, *this; }
  /// Gives the experts' linear predictors an offset, n.
  DataSet& offset(const Given<vec>& o) & { return offset_ = o, *this; }
  /// The same of a temporary.
  DataSet gate(Given<Design> z) && { return gate(std::move(z)); }
  /// The same of a temporary.
  DataSet weights(const Given<vec>& w) && { return this->weights(w); }
  /// The same of a temporary.
  DataSet offset(const Given<vec>& o) && { return this->offset(o); }

  /// The same rows, their response not known.
  DataSet without_response() const {
    DataSet out = *this;
    out.y_ = {};
    return out;
  }

  /// Throws `invalid_argument`, naming argument, row and column, unless the data can be used.
  void check(const char* where) const {
    check_size(where, "x", x().n_rows);
    check_rows(where);
    check_size(where, "z", gate().n_rows);
    require(x().n_cols > 0, where, "x", "the expert design has no columns");
    require(gate().n_cols > 0, where, "z", "the gate design has no columns");
    check_finite(where, "x", x());
    if (&gate() != &x()) check_finite(where, "z", gate());
  }

 private:
  Given<Design> x_, z_;
};

/// A data set with dense designs.
using Data = DataSet<mat>;

/// The same with sparse designs.
using SparseData = DataSet<arma::sp_mat>;

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
