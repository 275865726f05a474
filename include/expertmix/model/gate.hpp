#pragma once

#include <memory>
#include <string>
#include <vector>

#include "block.hpp"
#include "description.hpp"
#include "predictors.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// What a gate or an expert family sees of a block: its own linear predictors, one column each. A predictor on
/// `Design::constant` is the same for all rows, and only its first 8 are written.
struct Rows {
  std::size_t count = 0;  ///< a multiple of 8
  uword experts = 0;      ///< K
  Table predictor;        ///< a column each
};

/// What a gate computes for every row.
struct GateTables {
  Table pi;                          ///< K columns
  std::vector<const double*> logit;  ///< K column pointers, into the predictors or into `own`
  Table own;                         ///< a gate's own columns; the first starts out as zero
  double* top = nullptr;             ///< what is taken off the logits of a row before they are exponentiated
  double* inverse = nullptr;         ///< one over the sum of their exponentials
  const double* gap = nullptr;  ///< where experts are selected: relative distance of the last active key to the next
  detail::Ahead ahead;          ///< of the block, for kernels with much to compute
};

/// Where the weight column of a pair of predictors a <= b is to be written.
struct PairTable {
  Table weights;                          ///< all weight columns
  const std::vector<std::size_t>* slots;  ///< predictors x predictors
  std::size_t predictors;                 ///< their number
  std::size_t first = 0;                  ///< the predictor that is number 0 here

  /// The column of predictors a <= b.
  double* operator()(std::size_t a, std::size_t b) const {
    return weights[(*slots)[(first + a) * predictors + first + b]];
  }
  /// The same, counted from a predictor on.
  PairTable from(std::size_t predictor) const { return {weights, slots, predictors, predictor}; }
};

/// A gate turns its predictors u of a row into log pi_k(u), k = 1, ..., K, and differentiates the mixture in u.
///
/// All derivatives come contracted with the responsibilities r_k (the experts' posterior probabilities) and multiplied
/// by the row's weight w. A gate holds choices and never parameters; every virtual works on a whole block.
class Gate {
 public:
  virtual ~Gate() = default;

  /// The linear predictors of so many experts: each names its design and its expert.
  virtual std::vector<Predictor> predictors(uword experts) const = 0;

  /// By name, for files: `gate_described` makes it again. One from outside the library needs none.
  virtual Description description() const { return {}; }

  /// Throws `invalid_argument` where the choices do not suit the number of experts.
  virtual void check(uword /*experts*/) const {}

  /// Whether slopes and intercepts are predictors of their own: columns must then not be centred.
  virtual bool splits(uword /*experts*/) const { return false; }

  /// The same gate with all experts active, for a search to start with; null where they are.
  virtual std::shared_ptr<const Gate> relaxed(uword /*experts*/) const { return nullptr; }

  /// The predictors on which the active sets depend, and those that the probabilities do not depend on otherwise: the
  /// likelihood jumps along the former and is constant along the latter. Empty where all experts are active.
  virtual std::vector<std::size_t> deciding(uword /*experts*/) const { return {}; }

  /// Whether one expert is active in every row: probabilities are 0 or 1.
  virtual bool hard(uword /*experts*/) const { return false; }

  /// Whether the gate's decisions stay the same when all its coefficients are multiplied by the same positive number.
  virtual bool homogeneous() const { return true; }

  /// Whether intercepts have a part in deciding the active sets.
  virtual bool selects_by_score() const { return false; }

  /// Positive numbers that all experts share, which enter by their logarithms: predictors of expert K, in this order.
  virtual std::vector<std::string> scalars() const { return {}; }

  /// The unit in which slopes count: a fixed temperature.
  virtual double unit() const { return 1.0; }

  /// Whether two experts' slopes (b1, b2) and (-b2, -b1) are the same gate.
  virtual bool reflects(uword /*experts*/) const { return false; }

  /// Whether no expert is the reference, though a common shift of all predictors leaves the gate as it is.
  virtual bool symmetric(uword /*experts*/) const { return false; }

  /// The same gate in that form; null where it has no reference expert anyway.
  virtual std::shared_ptr<const Gate> without_reference() const { return nullptr; }

  /// Number of own columns that `probabilities` fills, some for the derivatives to read.
  virtual std::size_t scratch(uword experts) const = 0;

  /// Logits s_k, probabilities pi_k and their normaliser: log pi_k = s_k - top + log(inverse). A logit is -infinity
  /// where an expert is not active.
  virtual void probabilities(const Rows& rows, GateTables& out) const = 0;

  /// Score: w sum_k r_k d log pi_k / d u_a, to out(a, a).
  virtual void score(const Rows& rows, const GateTables& at, Table r, const double* w, const PairTable& out) const = 0;

  /// EM information: w sum_k pi_k (d log pi_k / d u_a) (d log pi_k / d u_b), a <= b; positive semi-definite.
  virtual void information(const Rows& rows, const GateTables& at, const double* w, const PairTable& out) const = 0;

  /// Observed information, by the identity of Louis (1982, JRSS B 44, 226-233), a <= b:
  /// w { -sum_k r_k d2 log pi_k / d u_a d u_b - Cov_r(d log pi / d u_a, d log pi / d u_b) }.
  virtual void observed(const Rows& rows, const GateTables& at, Table r, const double* w,
                        const PairTable& out) const = 0;

  /// Observed information between all gate predictors a and the expert predictor b, on which log f_k depends with
  /// derivative t_k: -w Cov_r(d log pi / d u_a, t) to out(a, b). Column `weighted[k]` is w r_k t_k, null where log f_k
  /// does not depend on b, and `sum` is the sum of these columns.
  virtual void crossed(const Rows& rows, const GateTables& at, Table r, const double* const* weighted,
                       const double* sum, std::size_t b, const PairTable& out) const = 0;
};

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
