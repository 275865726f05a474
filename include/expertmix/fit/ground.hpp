#pragma once

#include <cstring>
#include <memory>
#include <unordered_set>

#include "../source/fold.hpp"
#include "../source/memory.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Weight 1 for every row of positive weight that is unlike all before it in columns, response and offset, else 0. Rows
/// are told apart by 64 bits made from theirs.
inline vec distinct_rows(const Data& data, const std::vector<const double*>& columns) {
  std::vector<std::uint64_t> key(data.rows(), 0);
  const auto add = [&](const double* column) {
    for (std::size_t i = 0; i < key.size(); ++i) {
      std::uint64_t bits;
      std::memcpy(&bits, column + i, sizeof bits);
      key[i] = (key[i] ^ bits) * 0x9e3779b97f4a7c15ULL;
      key[i] ^= key[i] >> 32;
    }
  };
  for (const double* column : columns) add(column);
  for (uword c = 0; c < data.y().n_cols; ++c) add(data.y().colptr(c));
  if (!data.offset().empty()) add(data.offset().memptr());
  std::unordered_set<std::uint64_t> seen;
  vec out(data.rows(), arma::fill::zeros);
  for (uword i = 0; i < out.n_elem; ++i)
    if (data.row_weight(i) > 0.0 && seen.insert(key[i]).second) out(i) = 1.0;
  return out;
}

/// Rows to climb on.
struct Ground {
  Ground(const Data& data_, std::vector<const double*> columns_, Scaling scaling_, const Mixture& mixture,
         const Layout& layout, const Context& context, const mat* responsibilities = nullptr)
      : data(data_),
        columns(std::move(columns_)),
        scaling(std::move(scaling_)),
        source(data, columns, scaling, responsibilities),
        fold(source, mixture, layout, context) {}
  Ground(const Ground&) = delete;

  const Data& data;
  std::vector<const double*> columns;
  Scaling scaling;
  Memory source;
  Fold fold;
};

/// The experts' masses in distinct rows.
inline vec distinct_mass(const Ground& ground, const Mixture& mixture, const Layout& layout, const vec& point,
                         const Context& context) {
  Data data = ground.data;
  data.weights(distinct_rows(ground.data, ground.columns));
  Scaling scaling = ground.scaling;
  scaling.weight_unit = 1.0;
  const Memory source(data, ground.columns, scaling, nullptr, 0);
  return Fold(source, mixture, layout, context)({point, {true, false, false}, {}})[0].mass;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
