#pragma once

#include <vector>

#include "predict.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Distances of every two experts at a data set, whose response is needed: with the shares p, responsibilities r, means
/// m and the mean v of the variances of the two (of classes summed over these; of Gamma experts the logarithms of means
/// and sigma^2; of t experts sigma^2),
///
///     D_ij = p_i p_j / (p_i + p_j) { sum_n (r_ni + r_nj) (m_ni - m_nj)^2 / v_nij / sum_n (r_ni + r_nj)
///            + log(sigma_i / sigma_j)^2 },
///
/// which no recoding of the data changes; after the heights of Do et al. (2024, arXiv:2403.01684). K x K, infinite on
/// the diagonal. Throws as `posterior` does.
mat expert_distances(const Data& data, const Mixture& mixture, const Coefficients& coefficients);

/// Responsibilities with two experts (from 0) as one, from which a fit of one expert less may start.
mat merged_responsibilities(const mat& responsibilities, uword into, uword from);

/// Responsibilities with one expert as two, from which a fit of one expert more may start: every expert that is not
/// empty in turn, cut by the sign of its residuals (not of classes) and at the median of the largest principal
/// component of z among its rows. The new expert, the last column, has a `share` of the rows above the cut and the rest
/// of this of those below. Throws as `posterior` does.
std::vector<mat> split_responsibilities(const Data& data, const Mixture& mixture, const Coefficients& coefficients,
                                        double share = 1.0);

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "merges.ipp"
#endif
