#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "fit.hpp"
#include "source/wide_design.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A Lasso-penalised fit maximises
///
///     (1/n) sum_i w_i log f(y_i | x_i, z_i) - lambda g |gate slopes|_1 - lambda e |expert slopes|_1
///                                           - ridge / 2 |gate slopes|_2^2
///
/// over columns scaled to standard deviation 1 (2009.10622; 1810.12161, 1907.06994). `scaled`, the experts' part is
/// lambda e sum_k v_k |slopes of expert k|_1 / sigma_k with v_k the average gate probability of expert k, which takes
/// part in the maximisation (Staedler, Buehlmann and van de Geer 2010, TEST 19, 209-256). With `alpha` below 1 it is
/// the elastic net of these slopes (Zou and Hastie 2005, JRSS B 67, 301-320), where b^2 in the unit of the response is
/// over its standard deviation, so that both parts have that unit. Intercepts and standard deviations are not
/// penalised. Experts and, within a categorical expert, classes are alike: all have slopes, identified up to a common
/// shift of each covariate, of which the one with the smallest penalty and the most zeros is taken. In the `reference`
/// form one expert's gate and class 0 have no coefficients.
struct Lasso {
  double experts = 1.0;     ///< e
  double gate = 1.0;        ///< g
  double ridge = 0.0;       ///< times 1: it does not change with lambda
  double alpha = 1.0;       ///< of every slope: alpha |b| + (1 - alpha) b^2 / 2 takes the place of |b|
  mat expert_factors;       ///< of the columns of x, one for all experts or one column an expert, by label; empty: 1. 0
                            ///< leaves a slope free, infinity leaves it out
  mat gate_factors;         ///< of the columns of z, likewise
  bool standardize = true;  ///< false: columns as they are
  bool response_unit = false;  ///< e in units of the response instead of its standard deviation
  bool scaled = false;         ///< Gaussian experts: the slopes over sigma_k, times their average gate probability
  bool refit = false;          ///< no penalty, but only the slopes of the start that are not zero
  std::vector<uword> reference = {};  ///< empty, or the label (from 0) of the expert without a gate

  /// Whether experts have factors of their own, so that they keep their labels.
  bool labelled() const { return std::max(expert_factors.n_cols, gate_factors.n_cols) > 1; }

  /// Throws `invalid_argument` for what cannot penalise so many experts, q gate and p expert columns.
  void check(const char* where, uword number, uword q, uword p) const;
};

/// Which values of lambda a path takes, and how it searches: short runs are at the middle of the path, the tolerance is
/// of the optimality conditions.
struct PathOptions : SearchOptions {
  vec lambda;          ///< decreasing; empty chooses `count` values from the smallest that makes every slope zero
  uword count = 50;    ///< at most `most_lambdas`
  bool refit = false;  ///< every fit again without penalty, among its slopes that are not zero
  double ratio = 0.0;  ///< smallest over largest lambda; 0 chooses by the shape of the data and where the path ends

  /// Throws `invalid_argument`.
  void check(const char* where) const;
};

/// One penalised fit of a path, its coefficients on the user's scale.
struct LassoFit : Coefficients {
  double lambda = 0.0;          ///< penalty
  double log_likelihood = 0.0;  ///< not penalised
  double objective = 0.0;       ///< penalised, over n
  double violation = 0.0;       ///< largest, of the optimality conditions of the objective over n
  double degrees = 0.0;         ///< free coefficients and slopes that are not zero
  double slopes = 0.0;          ///< slopes of gate and experts that are not zero
  vec mass;                     ///< sum_i w_i r_ik: K
  vec gate_mass;                ///< sum_i w_i pi_ik: K
  std::vector<uword> empty;     ///< experts (from 0) that hold less than one row
  std::vector<uword> spikes;    ///< experts (from 0) that follow a few rows: `Record::spikes`
  bool guarded = false;         ///< an expert's variance collapsed: the objective holds the variance guard
  bool converged = false;       ///< whether `violation` is within the tolerance
  uword iterations = 0;         ///< of the climb that won
  std::string status;           ///< in words
  std::string began;  ///< where its climbs began: "zero" slopes and larger lambdas, or a "start" in the middle
};

/// Penalised fits by decreasing lambda.
struct LassoPath {
  /// No fits yet.
  explicit LassoPath(Mixture mixture_) : mixture(std::move(mixture_)) {}

  Mixture mixture;                              ///< in the form, symmetric or not, that the coefficients have
  std::vector<LassoFit> fits;                   ///< by decreasing lambda
  std::vector<std::optional<LassoFit>> refits;  ///< none where an expert has too few rows for its slopes
  double weight = 0.0;                          ///< sum_i w_i
  double response_scale = 1.0;                  ///< standard deviation of the response
  double largest_lambda = 0.0;                  ///< the smallest that makes every slope zero
  double seconds = 0.0;                         ///< of wall time
  double slopes = 0.0;  ///< how many there are to choose from, less one for each that a common shift makes zero
  uword passes = 0;     ///< over the data
  uword starts = 0;     ///< in the middle of the path
  std::string status;   ///< why the path ended
};

/// The fits at decreasing lambdas, from two ends: from zero slopes downwards, and from the best of several starts in
/// the middle (or from `start`) upwards and downwards; the better of the two at each lambda. The path ends where an
/// expert collapses; lambdas that are not given are then spread over what there is of it. A refit needs a start. Throws
/// as `fit` does.
///
///     arma::mat x = ...;  // n x p, a column of ones first
///     expertmix::Mixture mixture = ...;
///     for (const auto& fit : expertmix::lasso_path(expertmix::Data(x, y), mixture).fits) fit.experts.print();
LassoPath lasso_path(const Data& data, const Mixture& mixture, const Lasso& lasso = {}, const PathOptions& options = {},
                     const Start& start = {}, const Context& context = {});

/// The same for sparse designs, which are never made dense as a whole.
LassoPath lasso_path(const SparseData& data, const Mixture& mixture, const Lasso& lasso = {},
                     const PathOptions& options = {}, const Start& start = {}, const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "path.ipp"
#endif
