#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "certificate.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// How a climb goes on after its first steps: `em` to the end, Newton steps on the observed information, L-BFGS, or
/// what is cheaper of these two at the number of parameters.
enum class Method { automatic, em, newton, lbfgs };

/// An outcome of an expert whose predictor has its maximum at infinity: a class that the columns separate from others
/// among the expert's rows, a mean of counts that are all zero (from 0).
struct Runaway {
  uword expert;   ///< from 0
  uword outcome;  ///< from 0
};

/// A scalar of an expert (both from 0; K for one that all share) that went to its upper or its lower bound.
struct BoundedScalar {
  uword expert;  ///< K for a scalar that all share
  uword scalar;  ///< which of `Experts::scalars()`
  bool upper;    ///< else the lower bound
};

/// An expert that follows a few rows, or rows that a regression fits exactly, and those of its rows (all from 0).
struct Spike {
  uword expert;             ///< from 0
  std::vector<uword> rows;  ///< from 0
};

/// A maximum that a search saw: of what it climbs, the log-likelihood steered clear of spikes and hard gates.
struct SeenOptimum {
  double value;  ///< of the steering objective, on the user's scale
  uword starts;  ///< independent starts that ended there
  uword hops;    ///< hops from other optima that ended there
  bool spiked;   ///< an expert follows a few rows
};

/// Which experts are spikes, for which a likelihood says nothing: those with fewer distinct rows than `rows` for each
/// of their d coefficients and one more, or a standard deviation below `sd` of the largest.
struct SpikeRule {
  double rows = 2.0;  ///< distinct rows a coefficient
  double sd = 0.01;   ///< share of the largest standard deviation
};

/// The history of a fit.
struct Record {
  std::string objective;               ///< what the certificate and the covariance refer to, in words
  std::string method;                  ///< what finished the fit
  std::string status;                  ///< in words
  bool converged = false;              ///< whether the certificate is within the tolerance
  double objective_value = 0;          ///< of `objective`, on the user's scale
  Certificate certificate;             ///< how near the maximum is
  uword iterations = 0;                ///< accepted steps of the run that won
  uword passes = 0;                    ///< over the data, in all
  std::vector<double> trace;           ///< objective after each accepted step of that run
  uword starts = 0;                    ///< independent starts
  uword hops = 0;                      ///< hops from the best optima seen
  uword finished = 0;                  ///< optima finished on the likelihood
  uword reached = 0;                   ///< starts that ended at the returned one
  std::vector<SeenOptimum> optima;     ///< on the rows that were searched, best first
  double unseen = 1;                   ///< chance that one more start ends at an optimum not seen (Good and Turing)
  bool drifted = false;                ///< a scalar of the gate, the temperature, went to its bound
  std::vector<BoundedScalar> scalars;  ///< of the family's, those that went to a bound
  std::vector<std::string> at_bounds;  ///< what of the maximum is at a bound: "gate", "experts", "sigma"
  std::vector<Runaway> runaways;       ///< that were bounded
  std::vector<uword> collapsed;        ///< experts (from 0) whose variance was guarded
  SpikeRule spike_rule;                ///< by which they were told
  std::vector<Spike> spikes;           ///< for which log-likelihood, AIC and BIC say nothing
  std::vector<uword> separated;        ///< whose gate was bounded
  std::vector<uword> empty;            ///< that hold no rows
  double tolerance = 0;                ///< of the certificate
  double seconds = 0;                  ///< of wall time
  std::uint64_t seed = 0;              ///< of the search
  std::string version;                 ///< of the library
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
