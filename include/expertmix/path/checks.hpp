#pragma once

#include "../fit/checks.hpp"
#include "../path.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// The mixture in the form that a penalty wants.
inline Mixture penalised_form(Mixture mixture, const Lasso& lasso) {
  if (!lasso.reference.empty()) return mixture;
  if (const auto gate = mixture.gate->without_reference()) mixture.gate = gate;
  if (const auto family = mixture.family->without_reference()) mixture.family = family;
  return mixture;
}

/// The mixture in whose parameters the penalty is a sum of absolute values.
inline Mixture scaled_form(Mixture mixture, const Lasso& lasso) {
  if (lasso.scaled) mixture.family = mixture.family->scaled();
  return mixture;
}

/// A mixture of constants: the same family behind a softmax gate, each with its reference.
inline Mixture unpenalised_form(const Mixture& mixture) {
  const auto family = mixture.family->with_reference();
  return Mixture(std::make_shared<SoftmaxGate>(), family ? family : mixture.family, mixture.experts);
}

/// Throws `invalid_argument` for what cannot be penalised so.
inline void check_penalised(const Mixture& mixture, const Lasso& lasso) {
  require(mixture.ties.empty(), "lasso", "ties", "are not for penalised fits, whose zeros would be tied, too");
  require(!lasso.scaled || mixture.family->scaled(), "lasso", "scaled",
          "this family has no scale: its penalty is plain");
  require(lasso.scaled || lasso.power == 1.0, "lasso", "power", "is of a scaled penalty: the plain one has no v");
  require(mixture.gate->deciding(mixture.experts).empty(), "lasso", "gate",
          "top-K gates cannot be penalised: their likelihood jumps, so that no condition tells an optimum");
  const auto predictors = mixture.gate->predictors(mixture.experts);
  const bool estimates = std::any_of(predictors.begin(), predictors.end(),
                                     [&](const Predictor& p) { return p.expert == mixture.experts; });
  require(!estimates, "lasso", "gate",
          "an estimated temperature cannot be penalised: slopes and temperature would shrink together to no penalty");
  if (!lasso.reference.empty()) check_identified("lasso", mixture);
}

/// Throws unless there is something in the data to fit.
inline void check_design(const WideDesign& design, const Mixture& mixture) {
  const auto& gate = design.columns.gate;
  const bool varies = std::any_of(gate.begin(), gate.end(), [](uword column) { return column != 0; });
  require(varies || mixture.experts == 1 || !mixture.gate->splits(mixture.experts), "lasso", "z",
          "this gate needs a covariate beside the column of ones");
  if (design.scaling.response_scale == 0.0) throw degenerate_error("lasso", "y", "the response is constant");
}

}  // namespace detail

inline void Lasso::check(const char* where, uword number, uword q, uword p) const {
  const auto factors = [where, number](const mat& given, uword columns, const char* name) {
    const bool fits = given.n_rows == columns && (given.n_cols == 1 || given.n_cols == number);
    require(given.empty() || fits, where, name, "must have a factor for each column, or one column for each expert");
    require(!given.has_nan() && arma::all(arma::vectorise(given) >= 0.0), where, name, "must not be negative");
  };
  factors(expert_factors, p, "expert_factors");
  factors(gate_factors, q, "gate_factors");
  for (double size : {experts, gate, ridge})
    require(size >= 0.0 && std::isfinite(size), where, "lambda", "must not be negative");
  require(alpha > 0.0 && alpha <= 1.0, where, "alpha", "must be above 0 and at most 1");
  require(power >= 0.0 && power <= 1.0, where, "power", "must be between 0 and 1");
  require(reference.size() <= 1 && (reference.empty() || reference[0] < number), where, "reference",
          "must be empty or one expert's label");
}

inline void PathOptions::check(const char* where) const {
  SearchOptions::check(where);
  require(count >= 1 && count <= most_lambdas, where, "count", "must be between 1 and " + std::to_string(most_lambdas));
  require(ratio >= 0.0 && ratio < 1.0, where, "ratio", "must be between 0 and 1");
  require(lambda.n_elem <= most_lambdas, where, "lambda", "has more than " + std::to_string(most_lambdas) + " values");
  for (uword i = 0; i < lambda.n_elem; ++i)
    require(std::isfinite(lambda(i)) && lambda(i) >= 0.0 && (i == 0 || lambda(i) < lambda(i - 1)), where, "lambda",
            "must decrease and not be negative");
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
