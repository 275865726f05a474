#pragma once

#include <string>

#include "../armadillo.hpp"
#include "../error.hpp"

namespace expertmix {

/// A data set in memory: expert design x (n x p) and gate design z (n x q), intercept columns included where wanted,
/// response y (one column, or as many as the expert family reads), and optional row weights (each counts repeated rows)
/// and offset of the experts' means. Refers to the caller's matrices, which must outlive it.
class Data {
 public:
  Data(const mat& x, const mat& y) : Data(x, x, y) {}
  Data(const mat& x, const mat& z, const mat& y, const vec& weight = none(), const vec& offset = none())
      : x(x), z(z), y(y), weight(weight), offset(offset) {}

  const mat &x, &z, &y;
  const vec &weight, &offset;

  uword rows() const { return y.n_rows; }
  double row_weight(uword i) const { return weight.empty() ? 1.0 : weight(i); }

  /// Throws `invalid_argument`, naming argument, row and column, unless the data can be used.
  void check(const char* where) const {
    check_rows(where);
    check_size(where, "x", x.n_rows), check_size(where, "z", z.n_rows);
    require(x.n_cols > 0, where, "x", "the expert design has no columns");
    require(z.n_cols > 0, where, "z", "the gate design has no columns");
    check_finite(where, "x", x);
    if (&z != &x) check_finite(where, "z", z);
  }

  /// The same for response, weights and offset alone.
  void check_rows(const char* where) const {
    require(rows() > 0, where, "y", "the response has no rows");
    if (!weight.empty()) check_size(where, "weights", weight.n_elem);
    if (!offset.empty()) check_size(where, "offset", offset.n_elem);
    check_finite(where, "y", y), check_finite(where, "offset", offset), check_finite(where, "weights", weight);
    for (uword i = 0; i < weight.n_elem; ++i)
      if (weight(i) < 0.0) throw invalid_argument(where, "weights", "row " + std::to_string(i + 1) + " is negative");
    require(weight.empty() || arma::any(weight > 0.0), where, "weights", "all weights are zero");
  }

  void check_size(const char* where, const char* argument, uword size) const {
    require(size == rows(), where, argument,
            "has " + std::to_string(size) + " rows where y has " + std::to_string(rows()));
  }

 private:
  static const vec& none() {
    static const vec empty;
    return empty;
  }

  static void check_finite(const char* where, const char* argument, const mat& values) {
    for (uword j = 0; j < values.n_cols; ++j)
      for (uword i = 0; i < values.n_rows; ++i)
        if (!std::isfinite(values(i, j)))
          throw invalid_argument(where, argument,
                                 "row " + std::to_string(i + 1) +
                                     (values.n_cols > 1 ? ", column " + std::to_string(j + 1) : "") + " is not finite");
  }
};

}  // namespace expertmix
