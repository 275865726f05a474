#pragma once

#include "../base/version.hpp"
#include "../fit.hpp"
#include "../solver/relabel.hpp"
#include "finished.hpp"
#include "prepare.hpp"
#include "recession.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The coefficient matrices, and what every parameter is.
inline void present_coefficients(const Data& data, const Prepared& prepared, Fit& out) {
  const Layout& layout = prepared.layout;
  static_cast<Coefficients&>(out) =
      coefficients_of(layout, prepared.kept, data.gate().n_cols, data.x().n_cols, out.parameters);
  out.gate_intercept = prepared.gate_intercept;
  out.origin = prepared.origin;
  out.parameter_table = parameter_table(layout, prepared.kept);
}

/// Experts that are empty, or whose variance the guard makes up by half or more.
inline void name_weak_experts(const Prepared& prepared, const Finished& best, Fit& out) {
  const double guard =
      2.0 * best.objective.guard * prepared.residual_variance * std::pow(prepared.scaling.response_scale, 2);
  for (uword k = 0; k < out.mass.n_elem; ++k) {
    if (out.mass(k) < least_held)
      out.record.empty.push_back(k);
    else if (best.guarded &&
             (out.mass(k) < prepared.least_mass() || guard > 0.5 * out.mass(k) * std::pow(out.sigma(k), 2)))
      out.record.collapsed.push_back(k);
  }
}

/// Experts that take part in the gate's direction without information, seen from the new reference expert.
inline void name_separated_experts(mat direction, const uvec& order, Record& record) {
  if (direction.empty()) return;
  direction = mat(direction.cols(order));
  direction.each_col() -= vec(direction.col(0));
  const arma::rowvec part = arma::sqrt(arma::sum(arma::square(direction), 0));
  for (uword k = 1; k < order.n_elem; ++k)
    if (part(k) > 0.3 * part.max()) record.separated.push_back(k);
}

/// Experts' numbers of runaways, from those of the climb to those of the fit.
inline void rename_runaways(const uvec& order, Record& record) {
  for (Runaway& runaway : record.runaways) runaway.expert = arma::as_scalar(arma::find(order == runaway.expert, 1));
}

/// The family's scalars that are at a bound, by the experts' new names.
inline void name_bounded_scalars(const Layout& layout, const vec& point, const uvec& order, Record& record) {
  for (std::size_t p = layout.gate_predictors; p < layout.predictors.size(); ++p) {
    const Predictor& own = layout.predictors[p];
    if (own.design != Design::constant) continue;
    const double value = point(layout.offset[p]);
    const bool upper = value >= own.upper;
    const uword expert = own.expert < layout.experts ? arma::as_scalar(arma::find(order == own.expert, 1)) : own.expert;
    if (upper || value <= own.lower) record.scalars.push_back({expert, own.outcome, upper});
  }
}

/// Spikes by the experts' new names, collapsed experts among them, with the rows that are more likely theirs than not.
inline void name_spikes(const Data& data, const uvec& order, Fit& out) {
  std::vector<uword> experts = out.record.collapsed;
  for (const Spike& spike : out.record.spikes) experts.push_back(arma::as_scalar(arma::find(order == spike.expert, 1)));
  out.record.spikes.clear();
  if (experts.empty()) return;
  std::sort(experts.begin(), experts.end());
  experts.erase(std::unique(experts.begin(), experts.end()), experts.end());
  const mat r = posterior(data, out.mixture, out);
  for (uword k : experts) {
    std::vector<uword> rows;
    for (uword i = 0; i < r.n_rows; ++i)
      if (r(i, k) > 0.5) rows.push_back(i);
    if (!rows.empty()) out.record.spikes.push_back({k, rows});
  }
}

/// The log-likelihoods of a record, from those of recoded data to the user's.
inline void unscale_record(double shift, double unit, const Finished& best, Record& record) {
  const auto user = [&](double value) { return unit * (value - shift); };
  for (double value : best.trace) record.trace.push_back(user(value));
  record.objective_value = user(best.at.objective());
  record.certificate.decrement *= unit;
  record.certificate.scaled_score *= std::sqrt(unit);
}

inline void record_climb(const Finished& best, const Options& options, Record& record) {
  record.objective = best.objective.description();
  record.method = best.method;
  record.status = best.status;
  record.converged = best.converged;
  record.certificate = best.certificate;
  record.iterations = best.iterations;
  record.drifted = best.drifted;
  record.at_bounds = best.at_bounds;
  record.tolerance = options.tolerance;
  record.spike_rule = options.spike;
  record.seed = options.seed;
  record.version = version;
}

/// Renames the experts; of a gate and its reflection, takes the one whose slopes have the larger positive sum.
inline arma::sp_mat presented_labels(const Mixture& mixture, const Prepared& prepared, const uvec& order,
                                     const vec& point) {
  const Layout& layout = prepared.layout;
  const arma::sp_mat relabel = relabelling(layout, order);
  if (!mixture.gate->reflects(mixture.experts)) return relabel;
  if (!prepared.ties.kept_by(reflection(layout) * relabel)) return relabel;
  const vec named = relabel * point;
  for (const GateGroup& group : layout.gate_groups) {
    const vec sum = arma::sum(layout.gather(group, named), 1);
    if (!group.reference && sum(arma::index_max(arma::abs(sum))) < 0.0) return reflection(layout) * relabel;
  }
  return relabel;
}

/// With one active expert only the direction of what decides it is identified: unit norm, where the activation carries
/// a scale through; the rest of the gate is zero.
inline void normalise_gate(const Mixture& mixture, const Layout& layout, Fit& out) {
  double square = 0.0;
  out.degrees -= static_cast<double>(layout.gate_parameters()) + 1.0;
  for (std::size_t p = 0; p < layout.gate_predictors; ++p) {
    const auto& [design, unit, expert, outcome, lower, upper] = layout.predictors[p];
    const bool decides = design != Design::constant || (mixture.gate->selects_by_score() && expert < layout.experts);
    if (!decides) out.parameters(layout.span(p)).zeros();
    if (decides && expert > 0) out.degrees += static_cast<double>(layout.size(p));
    square += arma::dot(out.parameters(layout.span(p)), out.parameters(layout.span(p)));
  }
  if (mixture.gate->homogeneous() && square > 0.0) out.parameters.head(layout.gate_parameters()) /= std::sqrt(square);
}

/// Directions along which the likelihood is flat at the end of a climb; nothing where this is no maximum.
inline std::optional<mat> null_directions(const Layout& layout, const Finished& best, const mat& information) {
  if (best.certificate.maximum) return recession_directions(layout, best.objective, information);
  return best.converged ? flat_directions(information) : std::nullopt;
}

/// And those of scalars that a bound holds.
inline mat with_bounded(const Layout& layout, const vec& point, const mat& directions) {
  mat out = directions;
  for (const Bound& bound : layout.bounds) {
    if (!bound.reached(point(bound.parameter))) continue;
    out.insert_cols(out.n_cols, 1);
    out(bound.parameter, out.n_cols - 1) = 1.0;
  }
  return out;
}

/// Covariance on the user's scale, and which parameters the null directions leave alone: their variance along these is
/// below a hundredth (`most_loose`) of that across.
inline void present_covariance(const Prepared& prepared, const Finished& best, const arma::sp_mat& relabel,
                               const ParameterMap& map, const uvec& unidentified, Fit& out) {
  if (best.at.observed.empty() || !best.at_bounds.empty()) return;
  Information observed = best.at.observed;
  for (uword i : unidentified) observed.isolate(i);
  const TiedSpace& ties = prepared.ties;
  if (ties.given() && ties.basis.empty()) {
    out.covariance.zeros(out.parameters.n_elem, out.parameters.n_elem);
    return;
  }
  Information informed = observed;
  inform_across(ties, informed);
  const auto flat = null_directions(prepared.layout, best, informed.block[0]);
  if (!flat) return;
  const mat directions = ties.directions_within(with_bounded(prepared.layout, best.point, *flat));
  const mat information = ties.within(observed.block[0]);
  mat across = ties.whole(inverse_holding({{0}, {information}}, directions));
  if (across.empty()) return;
  for (uword i : unidentified) across(i, i) = 0.0;
  const auto on_user_scale = [&](const mat& covariance) -> mat {
    const mat user = map.covariance(mat(relabel * covariance * relabel.t())) / prepared.scaling.weight_unit;
    return out.map.given() ? out.map.covariance(user) : user;
  };
  out.covariance = on_user_scale(across);
  if (!out.covariance.is_finite()) return out.covariance.reset();
  if (directions.n_cols == 0) return;
  out.loose = on_user_scale(ties.whole(variance_along(information, directions)));
  for (uword i = 0; i < out.loose.n_rows; ++i)
    out.estimable[i] = out.identified[i] && out.loose(i, i) <= most_loose * out.covariance(i, i);
}

/// Parameters, their number and their covariance on the user's scale.
inline void present_parameters(const Prepared& prepared, const Finished& best, const uvec& order,
                               const uvec& unidentified, Fit& out) {
  const arma::sp_mat relabel = presented_labels(out.mixture, prepared, order, best.point);
  const ParameterMap map(prepared.layout, prepared.scaling);
  out.parameters = map.to_user(vec(relabel * best.point));
  out.degrees = static_cast<double>(out.parameters.n_elem);
  out.map = prepared.ties.user;
  if (out.map.given()) {
    out.parameters = out.map.parameters(out.parameters);
    out.degrees = static_cast<double>(out.map.free.n_elem);
  }
  if (!unidentified.empty()) normalise_gate(out.mixture, prepared.layout, out);
  out.identified.assign(out.parameters.n_elem, true);
  for (uword i : unidentified) out.identified[i] = false;
  out.estimable = out.identified;
  present_covariance(prepared, best, relabel, map, unidentified, out);
}

/// Who is weak, a spike, separated or without a maximum, by the experts' new names; masses are still recoded.
inline void name_experts(const Data& data, const Prepared& prepared, const Finished& best, const uvec& order,
                         const mat& separation, Fit& out) {
  name_weak_experts(prepared, best, out);
  name_spikes(data, order, out);
  name_separated_experts(separation, order, out.record);
  name_bounded_scalars(prepared.layout, best.point, order, out.record);
  rename_runaways(order, out.record);
}

/// A finished climb as a fit on the user's scale, its experts in the given order. The likelihood does not vary smoothly
/// with the `unidentified` parameters.
inline Fit present(const Data& data, const Mixture& mixture, const Prepared& prepared, const Finished& best,
                   const uvec& order, const mat& separation, const uvec& unidentified, const Options& options,
                   Record record) {
  Fit out(mixture);
  present_parameters(prepared, best, order, unidentified, out);
  out.mass = vec(best.mass.elem(order));
  out.gate_mass = vec(best.gate_mass.elem(order));
  out.gate_aliased = prepared.gate_aliased;
  out.experts_aliased = prepared.experts_aliased;
  const double shift = prepared.weight * std::log(prepared.scaling.response_scale), unit = prepared.scaling.weight_unit;
  out.weight = prepared.user_weight;
  out.log_likelihood = on_user_scale("fit", best.log_likelihood, shift, unit);
  out.record = std::move(record);
  present_coefficients(data, prepared, out);
  name_experts(data, prepared, best, order, separation, out);
  out.mass *= unit;
  out.gate_mass *= unit;
  record_climb(best, options, out.record);
  unscale_record(shift, unit, best, out.record);
  return out;
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
