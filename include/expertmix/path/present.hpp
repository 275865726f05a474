#pragma once

#include <algorithm>

#include "../fit/spikes.hpp"
#include "point.hpp"
#include "problem.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The parameters with all slopes zero and the constants of a fit of constants.
inline vec null_parameters(const Layout& layout, const Scaling& scaling, Coefficients null, double unit) {
  vec out(layout.parameters, arma::fill::zeros);
  for (std::size_t p = 0; p < layout.predictors.size(); ++p) {
    const Predictor& predictor = layout.predictors[p];
    const auto& owned = layout.owned[p];
    const auto intercept = static_cast<uword>(std::find(owned.begin(), owned.end(), uword{0}) - owned.begin());
    if (intercept == owned.size()) continue;
    double& value = out(layout.offset[p] + intercept);
    if (p < layout.gate_predictors)
      value = unit * null.gate(0, predictor.expert);
    else if (predictor.design == Design::constant)
      value = std::log(null.scalar(predictor, std::min<uword>(predictor.expert, layout.experts - 1)) /
                       (predictor.unit == Unit::log_response ? scaling.response_scale : 1.0));
    else
      value = (null.experts(0, layout.outcomes.column(predictor.expert, predictor.outcome)) - scaling.response_centre) /
              scaling.response_scale;
  }
  return out;
}

/// Experts of `now` in the order in which they are nearest to those of `like`, pair by pair, nearest first; the expert
/// without a gate, number 0, at the label that it is to have.
inline uvec matched(const mat& now, const mat& like, const std::vector<uword>& reference) {
  const uword experts = now.n_cols;
  mat distance(experts, experts);
  for (uword to = 0; to < experts; ++to)
    for (uword from = 0; from < experts; ++from) distance(to, from) = arma::norm(now.col(from) - like.col(to));
  uvec order(experts);
  const auto pair = [&](uword to, uword from) {
    order(to) = from;
    distance.row(to).fill(arma::datum::inf);
    distance.col(from).fill(arma::datum::inf);
  };
  if (!reference.empty()) pair(reference[0], 0);
  for (uword round = reference.size(); round < experts; ++round) {
    const uword nearest = distance.index_min();
    pair(nearest % experts, nearest / experts);
  }
  return order;
}

/// Every expert's parameters, one column an expert, for comparing experts.
inline mat expert_table(const Layout& layout, const vec& point) {
  std::vector<std::vector<double>> of(layout.experts);
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p)
    for (uword j = 0; j < layout.size(p) && layout.predictors[p].expert < layout.experts; ++j)
      of[layout.predictors[p].expert].push_back(point(layout.offset[p] + j));
  mat out(of[0].size(), layout.experts);
  for (uword k = 0; k < layout.experts; ++k) out.col(k) = vec(of[k]);
  return out;
}

/// By decreasing mass of the gate; the expert without a gate at the label that it is to have.
inline uvec lasso_order(const vec& gate_mass, const std::vector<uword>& reference) {
  uvec order = arma::stable_sort_index(gate_mass, "descend");
  if (reference.empty()) return order;
  std::vector<uword> others;
  for (uword k : order)
    if (k != 0) others.push_back(k);
  others.insert(others.begin() + static_cast<std::ptrdiff_t>(reference[0]), uword{0});
  return uvec(others);
}

/// The columns of a table of experts in their new order.
inline mat reordered(const mat& table, const uvec& order, Outcomes outcomes) {
  mat out(table.n_rows, order.n_elem * outcomes.count);
  for (uword k = 0; k < order.n_elem; ++k) out.cols(outcomes.of(k)) = table.cols(outcomes.of(order(k)));
  return out;
}

/// Of two middle values that leave equally many zeros, makes the first one in a row zero: a common shift is the same
/// density, and this makes it one and the same fit.
inline void settle_tie(mat& table, uword row, const arma::span& own) {
  const arma::rowvec values = table(row, own), sorted = arma::sort(values);
  const double low = sorted((values.n_elem - 1) / 2), high = sorted(values.n_elem / 2);
  if (arma::accu(values == low) != arma::accu(values == high)) return;
  const uvec middle = arma::find(values == low || values == high, 1);
  const double zero = values(middle(0));
  table(row, own) -= zero;
}

/// Where a gate's slopes, or an expert's slopes of all classes, may be shifted together.
inline void settle_ties(const LassoProblem& problem, Coefficients& out) {
  const Layout& layout = problem.layout();
  const Columns& columns = problem.design().columns;
  if (problem.shifts().gate)
    for (uword j = 0; j < out.gate.n_rows; ++j)
      if (columns.gate[j] != 0) settle_tie(out.gate, j, arma::span(0, layout.experts - 1));
  for (uword k = 0; k < layout.experts && problem.shifts().classes; ++k)
    for (uword j = 0; j < out.experts.n_rows; ++j)
      if (columns.experts[j] != 0) settle_tie(out.experts, j, layout.outcomes.of(k));
}

/// Intercepts that only a common shift tells apart: the first one is zero.
inline void settle_intercepts(const LassoProblem& problem, Coefficients& out) {
  const Layout& layout = problem.layout();
  const WideDesign& design = problem.design();
  if (problem.mixture().gate->symmetric(layout.experts) && design.gate_intercept < design.gate_columns)
    out.gate.row(design.gate_intercept) -= double(out.gate(design.gate_intercept, 0));
  if (problem.shifts().intercepts.empty() || layout.outcomes.count == 1) return;
  for (uword j = 0; j < design.expert_columns; ++j)
    for (uword k = 0; k < layout.experts && design.columns.experts[j] == 0; ++k) {
      const arma::span own = layout.outcomes.of(k);
      out.experts(arma::span(j), own) -= double(out.experts(j, own.a));
    }
}

/// The coefficients of a point on the user's scale, its experts in the given order.
inline Coefficients presented_coefficients(const LassoProblem& problem, const vec& point, const uvec& order) {
  const WideDesign& design = problem.design();
  const uword q = design.gate_columns, p = design.expert_columns;
  const vec user = ParameterMap(problem.shown_layout(), design.scaling).to_user(problem.plain(point));
  Coefficients out = coefficients_of(problem.layout(), KeptColumns::all(q, p), q, p, user);
  out.gate = mat(out.gate.cols(order));
  out.experts = reordered(out.experts, order, problem.layout().outcomes);
  out.gate_intercept = design.gate_intercept;
  out.origin = design.origin;
  settle_intercepts(problem, out);
  settle_ties(problem, out);
  if (!out.sigma.empty()) out.sigma = vec(out.sigma(order));
  if (!out.scalars.empty()) out.scalars = mat(out.scalars.rows(order));
  return out;
}

/// Experts that follow a few rows, or whose variance is mostly the guard's.
inline std::vector<uword> penalised_spikes(const LassoProblem& problem, const PathOptions& options,
                                           const LassoPoint& from, const uvec& order, const LassoFit& fit) {
  if (fit.sigma.empty() || problem.layout().experts == 1) return {};
  const vec mass = from.mass(order), less = shrunken_slopes(problem.layout(), from.point, from.mass, from.gate_mass,
                                                            problem.penalty(fit.lambda));
  const vec coefficients = arma::sum(arma::conv_to<mat>::from(fit.experts != 0.0), 0).t() - less(order);
  vec ratio = fit.sigma / fit.sigma.max();
  const vec own = mass % arma::square(fit.sigma / problem.design().scaling.response_scale);
  if (fit.guarded) ratio.elem(arma::find(own < 4.0 * options.guard)).zeros();
  return few_or_narrow(options.spike, mass, coefficients, ratio);
}

inline LassoFit present_one(const LassoProblem& problem, const PathOptions& options, double lambda,
                            const LassoPoint& from, const uvec& order) {
  const Scaling& scaling = problem.design().scaling;
  const double shift = problem.weight() * std::log(scaling.response_scale), unit = scaling.weight_unit;
  LassoFit out;
  static_cast<Coefficients&>(out) = presented_coefficients(problem, from.point, order);
  out.guarded = from.guarded;
  out.mass = unit * vec(from.mass(order));
  out.gate_mass = unit * vec(from.gate_mass(order));
  out.empty = arma::conv_to<std::vector<uword>>::from(arma::find(from.mass(order) < least_held));
  out.lambda = lambda;
  out.spikes = penalised_spikes(problem, options, from, order, out);
  out.log_likelihood = on_user_scale("lasso", from.log_likelihood, shift, unit);
  out.objective = (from.value - shift) / problem.weight();
  out.violation = from.violation;
  out.degrees = problem.degrees(from.point);
  out.slopes = problem.nonzero_slopes(from.point);
  out.converged = from.converged;
  out.iterations = from.iterations;
  out.status = from.status;
  out.began = from.began;
  return out;
}

/// The fits of a path, experts named alike all along: like those of a table, or by the order at its end.
inline LassoPath present(const LassoProblem& problem, const Mixture& mixture, const PathOptions& options,
                         const Lasso& lasso, const vec& lambda, const std::vector<LassoPoint>& best,
                         const std::vector<LassoPoint>& refits, mat like) {
  const WideDesign& design = problem.design();
  LassoPath out(mixture);
  out.weight = design.scaling.weight_unit * problem.weight();
  out.response_scale = lasso.scaled ? 1.0 : design.scaling.response_scale;
  out.slopes = problem.identified_slopes();
  std::vector<uword> found;
  for (uword i = 0; i < best.size(); ++i)
    if (best[i].found()) found.push_back(i);
  const uvec own_labels = arma::sort_index(labels_of(problem.layout().experts, lasso.reference));
  for (auto i = found.rbegin(); i != found.rend(); ++i) {
    const mat table = expert_table(problem.layout(), best[*i].point);
    const uvec order = lasso.labelled() ? own_labels
                       : like.empty()   ? lasso_order(best[*i].gate_mass, lasso.reference)
                                        : matched(table, like, lasso.reference);
    like = mat(table.cols(order));
    out.fits.push_back(present_one(problem, options, lambda(*i), best[*i], order));
    out.refits.emplace_back();
    if (refits[*i].found()) out.refits.back() = present_one(problem, options, 0.0, refits[*i], order);
  }
  std::reverse(out.fits.begin(), out.fits.end());
  std::reverse(out.refits.begin(), out.refits.end());
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
