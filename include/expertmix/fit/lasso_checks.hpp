#pragma once

#include "../lasso.hpp"

namespace expertmix {

namespace detail {

/// The mixture in the form that a penalty wants.
inline Mixture penalised_form(Mixture mixture, const Lasso& lasso) {
  if (!lasso.reference.empty()) return mixture;
  if (const auto gate = mixture.gate->without_reference()) mixture.gate = gate;
  if (const auto family = mixture.family->without_reference()) mixture.family = family;
  return mixture;
}

/// Throws `invalid_argument` for what a penalised fit cannot use.
inline void check_lasso(const RowData& rows, const Mixture& mixture, const WideDesign& design, const Lasso& lasso,
                        const PathOptions& options) {
  mixture.family->check(rows.y(), "lasso");
  mixture.gate->check(mixture.experts);
  require(mixture.gate->deciding(mixture.experts).empty(), "lasso", "gate",
          "top-K gates cannot be penalised: their likelihood jumps, so that no condition tells an optimum");
  const auto predictors = mixture.gate->predictors(mixture.experts);
  const bool estimates = std::any_of(predictors.begin(), predictors.end(),
                                     [&](const Predictor& p) { return p.expert == mixture.experts; });
  require(!estimates, "lasso", "gate",
          "an estimated temperature cannot be penalised: slopes and temperature would shrink together to no penalty");
  require(mixture.experts >= 1 && mixture.experts <= rows.rows(), "lasso", "experts",
          "must be between 1 and the number of rows");
  require(mixture.family->numeric() || rows.offset().empty(), "lasso", "offset", "needs a numeric response");
  require(lasso.reference.empty() || lasso.reference[0] < mixture.experts, "lasso", "reference", "is no expert");
  const auto factors = [](const vec& given, uword columns, const char* name) {
    require(given.empty() || given.n_elem == columns, "lasso", name, "must have a factor for each column");
    require(given.is_finite() && (given.empty() || given.min() >= 0.0), "lasso", name, "must not be negative");
  };
  factors(lasso.expert_factors, design.expert_columns, "expert_factors");
  factors(lasso.gate_factors, design.gate_columns, "gate_factors");
  for (double size : {lasso.experts, lasso.gate, lasso.ridge})
    require(size >= 0.0 && std::isfinite(size), "lasso", "lambda", "must not be negative");
  for (uword i = 0; i < options.lambda.n_elem; ++i)
    require(std::isfinite(options.lambda(i)) && options.lambda(i) >= 0.0 &&
                (i == 0 || options.lambda(i) < options.lambda(i - 1)),
            "lasso", "lambda", "must decrease and not be negative");
  if (design.scaling.response_scale == 0.0) throw degenerate_error("lasso", "y", "the response is constant");
}

}  // namespace detail

}  // namespace expertmix
