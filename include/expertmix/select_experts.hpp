#pragma once

#include <string>
#include <vector>

#include "inference.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// What chooses the number of experts: the BIC; the ICL, which is the BIC plus twice the entropy of the
/// responsibilities (Biernacki, Celeux and Govaert 2000, IEEE PAMI 22, 719-725); the AIC; the mean log-density of rows
/// left out, the largest of which is best; the dendrogram criterion -(h_K + log(n) l / n) of a path, h_K the height of
/// the merge that leaves K - 1 experts (Do et al. 2024, arXiv:2403.01684), which cannot choose one expert.
enum class ExpertCriterion { bic, icl, aic, cv, dsc };

/// Whether every number is searched by itself, and fits then help each other; or the largest alone, from ten starts,
/// and pairs of its experts are merged one after the other.
enum class ExpertSearch { sweep, path };

/// Settings of a choice of the number of experts; the rest is that of every fit.
struct SelectionOptions : Options {
  ExpertCriterion criterion = ExpertCriterion::bic;  ///< what chooses
  ExpertSearch route = ExpertSearch::sweep;          ///< how fits are found
  uword fewest = 1;                                  ///< the smallest number of experts
  uword folds = 10;                                  ///< of `ExpertCriterion::cv`
};

/// The fit of one number of experts, and what it is judged by.
struct Candidate {
  Fit fit;                          ///< of so many experts
  InformationCriteria criteria;     ///< of the fit
  double icl = arma::datum::nan;    ///< BIC plus twice the entropy of the responsibilities
  double cv = arma::datum::nan;     ///< mean log-density of rows left out, where that was asked for
  double error = arma::datum::nan;  ///< its standard error over folds
  double dsc = arma::datum::nan;    ///< dendrogram criterion, of a path
  std::string fault = {};           ///< why it is passed over ("a spike", ...); empty for a sound fit
};

/// Two experts that were merged, by the numbers (from 0) that they have in the fit of so many.
struct Merge {
  uword experts;  ///< how many there were
  uword into;     ///< the one that holds both
  uword from;     ///< the one that is gone
  double height;  ///< their distance; the smallest of the fit in the table where that is another by now
};

/// Fits of several numbers of experts, the smallest first.
struct ExpertSelection {
  std::vector<Candidate> table;                      ///< one a number
  std::vector<Merge> tree;                           ///< the merges of a path, the first first
  ExpertCriterion criterion = ExpertCriterion::bic;  ///< what chose
  std::size_t chosen = 0;                            ///< a number of `table`

  /// The fit that was chosen.
  const Fit& best() const { return table[chosen].fit; }
};

/// Chooses the number of experts from `options.fewest` to that of the mixture, R's `moe_select()`. With
/// `ExpertSearch::sweep` every number is searched; then each fit is climbed from those of one expert fewer, one of
/// whose experts is split, and of one more, two of whose are merged, until none rises. Either way a fit that is faulty,
/// or lower than a sound one of fewer experts, is climbed from that. Fits with a collapsed variance, a spike, an empty
/// expert, without convergence, or that stay below a smaller one, are passed over where there are others:
/// log-likelihoods of the rest do not fall with the number of experts. Of a gate that selects k experts numbers below
/// k, but one, are left out. A `time_limit` is of every fit; `Context::deadline` ends the whole. Throws
/// `invalid_argument`, and as `fit` does.
///
///     const auto chosen = expertmix::select_experts(expertmix::Data(x, y), 6);
///     std::cout << expertmix::report(chosen) << chosen.best().report();
ExpertSelection select_experts(const Data& data, const Mixture& mixture, const SelectionOptions& options = {},
                               const Context& context = {});

/// The same for a softmax gate and Gaussian experts.
inline ExpertSelection select_experts(const Data& data, uword most, const SelectionOptions& options = {},
                                      const Context& context = {}) {
  return select_experts(data, Mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), most),
                        options, context);
}

/// The number in the table of what another criterion prefers. Throws `invalid_argument` where no fit has it.
std::size_t select_fit(const ExpertSelection& selection, ExpertCriterion criterion);

/// The choice in a sentence, and the table.
std::string report(const ExpertSelection& selection);

/// The mean log-density of the rows of one fold (`folds` has its number for every row) under a fit that is searched
/// among all others; NaN where that has collapsed, has not converged or cannot be made. A function of its arguments
/// only: folds may be computed in any order and place. Throws as `fit` does, but for fits that fail.
double fold_score(const Data& data, const Mixture& mixture, const uvec& folds, uword fold, const Options& options = {},
                  const Context& context = {});

/// A fit with one expert less, that starts where two are one: of the six nearest pairs that whose climb ends highest.
/// Throws `invalid_argument` for one expert or ties, and as `fit` does where no climb can be made.
Fit merge_experts(const Fit& fit, const Data& data, const Options& options = {}, const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "select_experts.ipp"
#endif
