#pragma once

#include <cstdint>
#include <vector>

#include "path.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// What chooses among the fits of a path with d degrees of freedom, s slopes that are not zero of p and log-likelihood
/// l on n observations (of the refits, where there are any).
struct PathCriteria {
  vec bic;                   ///< -2 l + d log n
  vec ebic;                  ///< + 2 gamma log choose(p, s) (Chen and Chen 2008, Biometrika 95, 759-771)
  vec mbic;                  ///< -2 l + s log n, so that the smallest is best as of the others
  std::vector<bool> faulty;  ///< an expert collapsed or follows a few rows: they say nothing
};

/// Throws `invalid_argument` unless gamma is between 0 and 1.
PathCriteria path_criteria(const LassoPath& path, double gamma = 1.0);

/// One of them.
enum class Criterion { ebic, bic, mbic };

/// The number of the fit of a path that a criterion prefers; faulty ones are passed over where there are others. Throws
/// `invalid_argument` for a path without fits.
std::size_t select_fit(const LassoPath& path, Criterion criterion = Criterion::ebic, double gamma = 1.0);

/// The fold of every row, numbers from 0, of sizes that differ by one at most. Throws `invalid_argument` unless there
/// are from 2 folds to as many as rows.
uvec folds_of_rows(uword rows, uword folds, std::uint64_t seed);

/// One fold of a cross-validation of a path: minus the mean log-likelihood of its rows at every fit of a path of the
/// other rows, at the same penalties and from the best fit of all rows by the EBIC; NaN where that path does not come
/// so far. A column that is constant without the fold has no slope there. A function of its arguments only: folds may
/// be computed in any order and place. Arguments as of `lasso_path`; throws as it does.
vec fold_losses(const Data& data, const Mixture& mixture, const Lasso& lasso, const LassoPath& path, const uvec& folds,
                uword fold, const PathOptions& options = {}, const Context& context = {});

/// A cross-validation of a path: means over folds that count as much as the weights of their rows.
struct CrossValidation {
  mat losses;              ///< fits x folds, as by `fold_losses`
  vec loss;                ///< mean of every fit; NaN where a fold did not come so far
  vec error;               ///< its standard error
  std::size_t best = 0;    ///< number of the fit with the smallest loss
  std::size_t simple = 0;  ///< of that with the largest lambda within one standard error of it
};

/// From the losses of all folds. Throws `invalid_argument` where no fit was reached in every fold.
CrossValidation cross_validation(const Data& data, const LassoPath& path, const uvec& folds, const mat& losses);

/// All folds one after the other.
CrossValidation cross_validate(const Data& data, const Mixture& mixture, const Lasso& lasso, const LassoPath& path,
                               uword folds = 10, std::uint64_t seed = 1, const PathOptions& options = {},
                               const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "selection.ipp"
#endif
