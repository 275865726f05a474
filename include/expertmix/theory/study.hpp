#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../fit.hpp"
#include "../simulate.hpp"
#include "distance.hpp"
#include "voronoi.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// A mixture with coefficients, what theory calls a mixing measure; designs begin with the column of ones.
struct Measure {
  Mixture mixture;            ///< gate, family and how many experts
  Coefficients coefficients;  ///< of its gate and experts
};

/// The setting of a simulation of a theorem: one covariate, uniform from `from` to `to`, a truth, and the mixture that
/// is fitted to draws from it.
struct TheoryDesign {
  std::string name;           ///< as `theory_design` takes it
  std::string source;         ///< the paper
  Measure truth;              ///< from which data are drawn
  Mixture fitted;             ///< to them
  double from = 0.0;          ///< the smallest covariate
  double to = 1.0;            ///< the largest
  std::string loss = {};      ///< of `loss_named`; "hellinger": the distance of densities at -0.95, -0.85, ..., 0.95
  std::vector<uword> n = {};  ///< sizes of a study
  uword replications = 40;    ///< of every size
  double slope = -0.5;        ///< of log loss on log n, by the theorem; NaN where it says nothing
  bool modified = false;      ///< the gate sees tanh of the covariate
};

/// The names of the designs, those of R's `theory_design()`.
std::vector<std::string> theory_designs();

/// A design by name, with R's numbers. Throws `invalid_argument` for an unknown one.
TheoryDesign theory_design(const std::string& name);

/// The loss of an estimate from a design's truth, and whether it is attained. Throws `invalid_argument`, `interrupted`.
struct StudyLoss {
  double value = 0.0;    ///< not negative
  bool attained = true;  ///< false where it is only approached
};

/// That loss.
StudyLoss study_loss(const TheoryDesign& design, const Coefficients& estimate, const Context& context = {});

/// Where the fits of a study start: near the truth, its atoms split where there are fewer (2305.03288), or from
/// several starts that do not know it.
enum class StudyStart { truth, several };

/// One replication of a study.
struct Replication {
  uword n = 0;                  ///< rows
  uword number = 0;             ///< from 1 in a study, among those of its size
  double loss = 0.0;            ///< NaN where the fit failed
  bool attained = true;         ///< of the loss
  bool converged = false;       ///< of the fit
  double log_likelihood = 0.0;  ///< of the fit
  double seconds = 0.0;         ///< of the fit and the loss
  Coefficients estimate;        ///< experts in the order of the fit
  std::string failure;          ///< in words; empty where there was none
};

/// Draws n rows from the truth of a design, fits, and measures the loss. A function of design, n, number, seed and
/// options only: replications may be computed in any order and place. A fit that fails is said so; throws
/// `invalid_argument`, and `interrupted`.
Replication replicate(const TheoryDesign& design, uword n, uword number, std::uint64_t seed,
                      StudyStart start = StudyStart::truth, const Options& options = {}, const Context& context = {});

/// A study: all replications, the mean loss at every size and the least-squares slope of its logarithm on log n.
struct RateStudy {
  std::vector<Replication> replications;  ///< all
  vec n;                                  ///< sizes, increasing
  vec mean;                               ///< loss at every size
  double slope = 0.0;                     ///< of log mean on log n
};

/// From replications, in whatever order. Throws `invalid_argument` for fewer than two sizes with a positive mean loss.
RateStudy rate_study(std::vector<Replication> replications);

/// All replications of a design, sizes and their number as it says unless they are given. Throws as `replicate` does.
RateStudy rate_study(const TheoryDesign& design, std::uint64_t seed, const std::vector<uword>& n = {},
                     uword replications = 0, StudyStart start = StudyStart::truth, const Options& options = {},
                     const Context& context = {});

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#ifndef EXPERTMIX_COMPILED
#include "study.ipp"
#endif
