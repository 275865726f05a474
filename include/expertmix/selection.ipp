#pragma once

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <string>

#include "base/hosted.hpp"
#include "base/random.hpp"
#include "selection.hpp"
#include "source/folds.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

inline double log_choose(double n, double k) {
  return boost::math::lgamma(n + 1.0) - boost::math::lgamma(k + 1.0) - boost::math::lgamma(n - k + 1.0);
}

/// Whether a path has fits without penalty.
inline bool has_refits(const LassoPath& path) {
  return std::any_of(path.refits.begin(), path.refits.end(), [](const auto& fit) { return fit.has_value(); });
}

/// The same penalty for part of a path's data, whose response has another standard deviation.
inline Lasso as_for(const PartOfData& part, const LassoPath& path, Lasso lasso) {
  if (!lasso.response_unit) lasso.experts /= path.response_scale;
  lasso.response_unit = true;
  if (!lasso.expert_factors.empty()) lasso.expert_factors = mat(lasso.expert_factors.rows(part.x_columns));
  if (!lasso.gate_factors.empty()) lasso.gate_factors = mat(lasso.gate_factors.rows(part.z_columns));
  return lasso;
}

}  // namespace detail

EXPERTMIX_DEFINITION PathCriteria path_criteria(const LassoPath& path, double gamma) {
  require(gamma >= 0.0 && gamma <= 1.0, "path_criteria", "gamma", "must be between 0 and 1");
  const uword count = path.fits.size();
  PathCriteria out{vec(count), vec(count), vec(count), {}};
  const bool refitted = detail::has_refits(path);
  for (uword i = 0; i < count; ++i) {
    const LassoFit& fit = path.fits[i];
    double value = fit.log_likelihood;
    if (refitted) value = path.refits[i] ? path.refits[i]->log_likelihood : arma::datum::nan;
    out.bic(i) = -2.0 * value + std::log(path.weight) * fit.degrees;
    out.ebic(i) = out.bic(i) + 2.0 * gamma * detail::log_choose(path.slopes, fit.slopes);
    out.mbic(i) = -2.0 * value + std::log(path.weight) * fit.slopes;
    out.faulty.push_back(fit.guarded || !fit.spikes.empty());
  }
  return out;
}

EXPERTMIX_DEFINITION std::size_t select_fit(const LassoPath& path, Criterion criterion, double gamma) {
  const PathCriteria of = path_criteria(path, gamma);
  const vec& values = criterion == Criterion::ebic ? of.ebic : criterion == Criterion::bic ? of.bic : of.mbic;
  require(!arma::find_finite(values).is_empty(), "select_fit", "path", "has no fit to choose");
  return detail::best_of(values, of.faulty);
}

EXPERTMIX_DEFINITION uvec folds_of_rows(uword rows, uword folds, std::uint64_t seed) {
  require(folds >= 2 && folds <= rows, "folds_of_rows", "folds", "must be from 2 to the number of rows");
  uvec out = Random(seed, 0).sample(rows, rows);
  out.transform([folds](uword place) { return place % folds; });
  return out;
}

EXPERTMIX_DEFINITION vec fold_losses(const Data& data, const Mixture& mixture, const Lasso& lasso,
                                     const LassoPath& path, const uvec& folds, uword fold, const PathOptions& options,
                                     const Context& context) {
  return detail::hosted("fold_losses", context, [&](const Context& watched) -> vec {
    const detail::RowsOfFold rows("fold_losses", data, folds, fold);
    const detail::PartOfData part(data, rows.kept),
        out_of_it(data, rows.left, detail::all_columns(data.x()), detail::all_columns(data.gate()));
    const std::size_t best = select_fit(path);
    PathOptions own = options;
    own.refit = detail::has_refits(path);
    own.lambda.set_size(path.fits.size());
    for (uword i = 0; i < own.lambda.n_elem; ++i) own.lambda(i) = path.fits[i].lambda;
    Start start;
    static_cast<Coefficients&>(start) = part.narrowed(static_cast<const Coefficients&>(path.fits[best]));
    const LassoPath found = lasso_path(part.data(), mixture, detail::as_for(part, path, lasso), own, start, watched);
    vec out(path.fits.size());
    out.fill(arma::datum::nan);
    for (std::size_t j = 0; j < found.fits.size(); ++j) {
      const Coefficients* at = &found.fits[j];
      if (own.refit) at = found.refits[j] ? &*found.refits[j] : nullptr;
      if (!at) continue;
      const uword i = arma::index_min(arma::abs(own.lambda - found.fits[j].lambda));
      out(i) = -detail::mean_log_density(out_of_it.data(), path.mixture, part.widened(*at, path.fits[best]));
    }
    return out;
  });
}

EXPERTMIX_DEFINITION CrossValidation cross_validation(const Data& data, const LassoPath& path, const uvec& folds,
                                                      const mat& losses) {
  constexpr const char* where = "cross_validation";
  require(losses.n_rows == path.fits.size() && losses.n_cols > 1, where, "losses",
          "must have a row for every fit and a column for every fold, two or more");
  require(folds.n_elem == data.rows() && folds.max() < losses.n_cols, where, "folds", "must be a fold for every row");
  const detail::FoldMeans over(data, folds, losses);
  CrossValidation out;
  out.losses = losses;
  out.loss = over.mean;
  out.error = over.error;
  require(!arma::find_finite(out.loss).is_empty(), where, "losses", "no fit of the path was reached in every fold");
  const std::vector<bool> faulty = path_criteria(path).faulty;
  out.best = out.simple = detail::best_of(out.loss, faulty);
  const double most = out.loss(out.best) + out.error(out.best);
  for (std::size_t i = 0; i < out.best; ++i)
    if (out.loss(i) <= most && faulty[i] == faulty[out.best]) out.simple = std::min(out.simple, i);
  return out;
}

EXPERTMIX_DEFINITION CrossValidation cross_validate(const Data& data, const Mixture& mixture, const Lasso& lasso,
                                                    const LassoPath& path, uword folds, std::uint64_t seed,
                                                    const PathOptions& options, const Context& context) {
  const uvec fold = folds_of_rows(data.rows(), folds, seed);
  mat losses(path.fits.size(), folds);
  for (uword f = 0; f < folds; ++f) losses.col(f) = fold_losses(data, mixture, lasso, path, fold, f, options, context);
  return cross_validation(data, path, fold, losses);
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
