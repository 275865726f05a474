#pragma once

#include "../base/random.hpp"
#include "design.hpp"
#include "memory.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Some rows of a data set, recoded: where searches for starting values run.
struct Sample {
  mat design;  ///< union design, column 0 the constant
  mat response;
  vec weight, offset;  ///< the latter may be absent

  const Data& data() const { return data_; }

  /// The union design's columns after the constant.
  std::vector<const double*> columns() const {
    std::vector<const double*> out;
    for (uword j = 1; j < design.n_cols; ++j) out.push_back(design.colptr(j));
    return out;
  }

  Memory source(const mat* responsibilities = nullptr) const {
    return Memory(data_, columns(), Scaling::identity(design.n_cols), responsibilities);
  }

  /// The same rows with other weights.
  Memory reweighed(vec weights) const {
    return Memory(Data(data_).weights(std::move(weights)), columns(), Scaling::identity(design.n_cols));
  }

  Sample(const Data& from, const UnionDesign& design, const Scaling& scaling, const uvec& rows);
  Sample(const Sample&) = delete;

 private:
  Data data_;
};

inline Sample::Sample(const Data& from, const UnionDesign& columns, const Scaling& scaling, const uvec& rows)
    : design(rows.n_elem, columns.columns.count, arma::fill::ones),
      response(rows.n_elem, from.y().n_cols),
      weight(rows.n_elem, arma::fill::ones),
      offset(from.offset().empty() ? vec() : vec(from.offset().elem(rows) / scaling.response_scale)),
      data_(Data(design, response).weights(weight)) {
  if (!offset.empty()) data_.offset(offset);
  for (uword i = 0; i < rows.n_elem; ++i) {
    const uword row = rows(i);
    for (uword j = 1; j < columns.columns.count; ++j)
      design(i, j) = (columns.pointers[j - 1][row] - scaling.centre[j]) / scaling.scale[j];
    response.row(i) = (from.y().row(row) - scaling.response_centre) / scaling.response_scale;
    weight(i) = from.row_weight(row) / scaling.weight_unit;
  }
}

/// All rows of positive weight if there are at most `most`, else so many at random.
inline uvec sample_rows(const RowData& data, uword most, std::uint64_t seed) {
  uvec rows = arma::regspace<uvec>(0, data.rows() - 1);
  if (!data.weights().empty()) rows = arma::find(data.weights() > 0.0);
  if (rows.n_elem <= most) return rows;
  return arma::sort(uvec(rows(Random(seed, 0).sample(rows.n_elem, most))));
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
