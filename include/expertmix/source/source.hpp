#pragma once

#include "../model/block.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// Hands out the rows of a data set, block by block, in the design that a model wants.
class Source {
 public:
  virtual ~Source() = default;

  virtual std::size_t blocks() const = 0;

  /// Block i; what it points to lives in the source or in `buffer`, until the next call with that buffer.
  virtual Block block(std::size_t i, AlignedVector& buffer) const = 0;

  /// How many columns the source keeps beside its blocks.
  virtual uword beside() const { return 0; }

  /// Adds the sums over block i's rows of `count` weight columns against the columns beside it to `sums`, count x
  /// columns.
  virtual void add_beside(std::size_t /*i*/, const double* /*weights*/, std::size_t /*count*/, mat& /*sums*/) const {}

  /// Where block i will be read from, if that is known.
  virtual Ahead ahead(std::size_t) const { return {}; }
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
