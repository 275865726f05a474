#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "../base/error.hpp"
#include "../base/random.hpp"
#include "description.hpp"
#include "gate.hpp"
#include "layout.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

/// Expert k's log-density depends on a predictor of the family (an index into `Experts::predictors`).
struct Term {
  uword expert;           ///< k, from 0
  std::size_t predictor;  ///< index into `Experts::predictors`
};

/// Two terms of one expert (indices into `Experts::terms`, predictors in increasing order). A family lists every such
/// pair, each term with itself included.
struct TermPair {
  std::size_t a;  ///< index into `Experts::terms`
  std::size_t b;  ///< the same or a later one
  bool em;        ///< also part of the EM information
};

/// How far a response is from an expert, in an order that replaces that of densities where they underflow.
using Distance = std::array<double, 3>;

/// Predictor p of row i with the row's offset, if there is one.
inline double with_offset(const Rows& rows, const Block& block, std::size_t i, std::size_t p) {
  return rows.predictor[p][i] + (block.offset ? block.offset[i] : 0.0);
}

/// How far to go along a Newton step under which a predictor changes by up to S on rows of standardised columns:
/// log(1 + S) / S of it. That far the curvature of an exponential family can be trusted (generalised self-concordance;
/// Bach 2010, Electronic Journal of Statistics 4, 384-414).
inline double trusted_length(double change) { return change > 0.0 ? std::log1p(change) / change : 1.0; }

/// A family of experts turns its predictors u of a row into log f_k(y | u), k = 1, ..., K, with derivatives in u.
/// It holds choices and never parameters; every virtual works on a whole block.
class Experts {
 public:
  virtual ~Experts() = default;

  /// What an expert predicts: one mean, or the probability of every class.
  virtual Outcomes outcomes() const { return {}; }

  /// Columns of the response that the family reads.
  virtual uword responses() const { return 1; }

  /// Throws `invalid_argument`, naming the row, unless finite numbers can be responses of this family.
  virtual void check(const mat& response, const char* where) const {
    require(response.n_cols == responses(), where, "y",
            "has " + std::to_string(response.n_cols) + " columns, not " + std::to_string(responses()));
  }

  /// The response as numbers that are close where responses are alike, in the scale of the predictors if it takes an
  /// offset: what a search sees, for guesses of which rows belong together.
  virtual mat features(const mat& response) const { return response; }

  /// The same less an offset, which may be absent. Throws `invalid_argument` where they are not finite.
  mat features_less(const vec& offset, const mat& response) const {
    mat out = features(response);
    require(out.is_finite(), "fit", "family", "has features() of these responses that are not finite");
    if (!offset.empty()) out.each_col() -= offset;
    return out;
  }

  /// The linear predictors of so many experts: those of their means expert by expert, then the scalars'.
  virtual std::vector<Predictor> predictors(uword experts) const = 0;

  /// By name, for files: `family_described` makes it again. One from outside the library needs none.
  virtual Description description() const { return {}; }

  /// The same family with predictors for every outcome; null where no outcome is a reference.
  virtual std::shared_ptr<const Experts> without_reference() const { return nullptr; }

  /// Whether no outcome is the reference, though a common shift of all predictors leaves the probabilities as they are.
  virtual bool symmetric() const { return false; }

  /// The same family with outcome 0 as the reference; null where it has one anyway.
  virtual std::shared_ptr<const Experts> with_reference() const { return nullptr; }

  /// The same family with the coefficients of its means in units of the expert's scale (`Unit::log_response`); null
  /// where it has none.
  virtual std::shared_ptr<const Experts> scaled() const { return nullptr; }

  /// Whether the response may be recoded as (y - centre) / scale: predictors are in its unit.
  bool recodes() const {
    const auto list = predictors(1);
    return std::any_of(list.begin(), list.end(), [](const Predictor& p) { return p.unit == Unit::response; });
  }

  /// Whether an offset is added to the predictor of the mean.
  virtual bool takes_offset() const { return true; }

  /// Whether the maximum may lie at infinite predictors (classes that are separated, counts that are all zero): then a
  /// fit bounds them and names the expert.
  virtual bool runs_away() const { return true; }

  /// Whether a mixture of experts without covariates is told from one expert.
  virtual bool identifies_constants() const { return true; }

  /// The expert's positive numbers beside its coefficients (a standard deviation, a dispersion), which enter by their
  /// logarithms: predictors on the constant column, in this order as their `outcome`.
  virtual std::vector<std::string> scalars() const { return {}; }
  /// Of which predictors the log-density of each expert depends, expert by expert.
  virtual std::vector<Term> terms(uword experts) const = 0;
  /// The pairs of terms for which `second` and `information` write a column.
  virtual std::vector<TermPair> pairs(uword experts) const = 0;

  /// Number of scratch columns that `log_density` fills for the derivatives to read.
  virtual std::size_t scratch(uword experts) const = 0;

  /// log f_k of every row: K columns.
  virtual void log_density(const Rows& rows, const Block& block, Table scratch, Table log_f) const = 0;

  /// Of a row where log f_k overflows to -infinity for every k: the expert that is least far, by the first of these
  /// numbers that differs, is infinitely more likely than the others.
  virtual Distance distance(const Rows& rows, const Block& block, std::size_t i, uword k) const = 0;

  /// First derivatives times weights, v_k d log f_k / d u_a: one column a term. Column k of `v` may be any column.
  virtual void first(const Rows& rows, Table scratch, Table v, double* const* out) const = 0;

  /// Minus the second derivatives times weights, -v_k d2 log f_k / d u_a d u_b: one column a term pair.
  virtual void second(const Rows& rows, Table scratch, Table v, double* const* out) const = 0;

  /// EM information v_k E(-d2 log f_k / d u_a d u_b): one column a term pair, written where `em` holds.
  virtual void information(const Rows& rows, Table scratch, Table v, double* const* out) const = 0;

  /// The experts' part of the M-step for the responsibilities behind the statistics. `step` is em^-1 score, the whole
  /// answer where the complete-data likelihood is quadratic in a predictor. Moves `parameters`.
  virtual void maximise(const Statistics& at, const Layout& layout, const vec& step, vec& parameters) const = 0;

  /// What a response is, in words ("a count", "one of 3 classes"): densities of the same are compared.
  virtual std::string response() const { return "a response of its own kind"; }

  /// Whether probability lies on points, to be summed over, or has a density, to be integrated.
  virtual bool discrete() const { return false; }

  /// Adds the points, or the ends of intervals, that hold all but a negligible part of expert k's probability in row i.
  virtual void support(const Rows& /*rows*/, const Block& /*block*/, std::size_t /*i*/, uword /*k*/,
                       std::vector<double>& /*points*/) const {
    throw invalid_argument("support", "family", "does not say where its responses lie");
  }

  /// Distribution functions F_k at the block's responses: K columns.
  virtual void distribution(const Rows& /*rows*/, const Block& /*block*/, Table /*out*/) const {
    throw invalid_argument("distribution", "family", "has no distribution function");
  }

  /// 1 - F_k at the block's responses: K columns, exact where F_k is close to 1 if the family says how.
  virtual void survival(const Rows& rows, const Block& block, Table out) const {
    distribution(rows, block, out);
    for (uword k = 0; k < rows.experts; ++k)
      for (std::size_t i = 0; i < rows.count; ++i) out[k][i] = 1.0 - out[k][i];
  }

  /// Mean of every outcome of every expert: K columns, or C K, expert by expert.
  virtual void mean(const Rows& rows, const Block& block, Table out) const = 0;

  /// The squares of the units in which outcomes of experts are compared, as are their `levels`: K columns or C K,
  /// `mean` being what `mean` wrote, which becomes those levels. Means stay as they are, in units of the standard
  /// deviations of experts that have them by their logarithms, of 1 where they have none.
  virtual void levels(const Rows& rows, const Block& block, Table mean, Table squared_unit) const;

  /// d m_kc / d u_a of the mean of one outcome c, for every term (k, a): one column each.
  virtual void mean_first(const Rows& /*rows*/, const Block& /*block*/, uword /*outcome*/,
                          double* const* /*out*/) const {
    throw invalid_argument("gradients", "family", "does not say how its means depend on its predictors");
  }

  /// Draws every row's response from its `expert`, given what `mean` wrote; a row of counts has the block's total.
  virtual void draw(const Rows& rows, const Block& block, Table mean, const uword* expert, Random& random,
                    Table response) const = 0;
};

inline void Experts::levels(const Rows& rows, const Block& /*block*/, Table /*mean*/, Table squared_unit) const {
  const Outcomes each = outcomes();
  for (uword column = 0; column < each.columns(rows.experts); ++column)
    std::fill_n(squared_unit[column], rows.count, 1.0);
  const std::vector<Predictor> own = predictors(rows.experts);
  for (std::size_t p = 0; p < own.size(); ++p) {
    if (own[p].unit != Unit::log_response) continue;
    const double square = std::exp(2.0 * rows.predictor[p][0]);
    for (uword column = 0; column < each.columns(rows.experts); ++column)
      if (own[p].expert == rows.experts || own[p].expert == each.expert_of(column))
        std::fill_n(squared_unit[column], rows.count, square);
  }
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
