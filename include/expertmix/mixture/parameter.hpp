#pragma once

#include "../base/armadillo.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// What a parameter is, and where it stands among the coefficients.
struct Parameter {
  /// Whose it is.
  enum class Part { gate, experts };
  /// What it multiplies: a column, or nothing.
  enum class Kind { coefficient, scalar };

  Part part;          ///< of the gate or of the experts
  Kind kind;          ///< scalars by their logarithms
  uword expert;       ///< K for what all experts share
  uword outcome = 0;  ///< class of a categorical response; which of the family's, or the gate's, scalars
  uword column = 0;   ///< of z or x, where it is a coefficient

  /// Whether it is the same parameter.
  bool operator==(const Parameter& other) const {
    return part == other.part && kind == other.kind && expert == other.expert && outcome == other.outcome &&
           column == other.column;
  }
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
