#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "mixture.hpp"
#include "parameter.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// The coefficients of a mixture as a user reads them.
struct Coefficients {
  mat gate;                  ///< q x K; where the gate has a reference, expert 1's column is zero
  mat experts;               ///< p x K; p x (C K), expert by expert, where every expert has C outcomes
  vec sigma;                 ///< K scales (standard deviations, coefficients of variation); empty where there are none
  double temperature = 1.0;  ///< of the gate's scores; of another gate, its scalar
  uword gate_intercept = 0;  ///< the intercept's row of `gate`, where slopes and intercepts are apart
  mat scalars = {};          ///< K x S, the family's other scalars in its order (a dispersion); empty where it has none
  vec origin = {};           ///< what slopes that act alone count from: q, 0 for the intercept; empty: 0

  /// Throws `invalid_argument` unless these can be coefficients of a mixture with q gate and p expert columns.
  void check(const char* where, const char* argument, const Mixture& mixture, uword q, uword p) const;

  /// The origin of a column of z.
  double origin_of(uword column) const { return origin.empty() ? 0.0 : origin(column); }

  /// Where the value of an expert's scalar stands, which is a predictor of the family.
  double& scalar(const Predictor& predictor, uword expert);

 private:
  void check_origin(const char* where, const char* argument, const Mixture& mixture, uword q) const;
  void check_scalars(const char* where, const char* argument, const Mixture& mixture) const;
};

/// The columns of z and x that take part; others are aliased.
struct KeptColumns {
  std::vector<uword> gate;     ///< of z, increasing
  std::vector<uword> experts;  ///< of x, increasing

  /// All of so many columns.
  static KeptColumns all(uword gate, uword experts) {
    KeptColumns out{std::vector<uword>(gate), std::vector<uword>(experts)};
    std::iota(out.gate.begin(), out.gate.end(), uword{0});
    std::iota(out.experts.begin(), out.experts.end(), uword{0});
    return out;
  }

  /// All but those that are aliased.
  static KeptColumns without(const std::vector<bool>& gate, const std::vector<bool>& experts) {
    KeptColumns out;
    for (uword j = 0; j < gate.size(); ++j)
      if (!gate[j]) out.gate.push_back(j);
    for (uword j = 0; j < experts.size(); ++j)
      if (!experts[j]) out.experts.push_back(j);
    return out;
  }
};

namespace detail {

/// Every parameter in its order.
std::vector<Parameter> parameter_table(const Layout& layout, const KeptColumns& kept);

/// The parameters of coefficients; where the gate has a reference, its columns are taken relative to expert 1's, and
/// where classes have one, relative to class 0's.
vec parameters_of(const Layout& layout, const KeptColumns& kept, const Coefficients& from);

/// The coefficients of parameters, for a gate design of q columns and an expert design of p; those of columns left out
/// are zero.
Coefficients coefficients_of(const Layout& layout, const KeptColumns& kept, uword q, uword p, const vec& parameters);

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "coefficients.ipp"
#endif
