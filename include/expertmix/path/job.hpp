#pragma once

#include "../base/blas.hpp"
#include "../base/hosted.hpp"
#include "../base/timer.hpp"
#include "checks.hpp"
#include "grid.hpp"
#include "present.hpp"
#include "starts.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// A path of penalised fits from both its ends.
class LassoJob {
 public:
  LassoJob(const RowData& rows, WideDesign design, const Mixture& mixture, const Lasso& lasso,
           const PathOptions& options, const Start& start, const Context& context)
      : rows_(rows),
        design_(std::move(design)),
        plain_(unpenalised_form(mixture)),
        shown_(penalised_form(mixture, lasso)),
        mixture_(scaled_form(shown_, lasso)),
        lasso_(lasso),
        options_(options),
        context_(within(context, options.time_limit)),
        problem_(rows, design_, shown_, mixture_, lasso_),
        ascents_(problem_, options_, context_),
        starts_(ascents_, rows, design_, options_, context_),
        grid_(ascents_, context_) {
    if (context.progress)
      context_.progress = [&](Progress now) {
        now.log_likelihood = user_value(now.log_likelihood);
        context.progress(now);
      };
    if (start.given()) start_ = arranged(start);
  }

  LassoPath run();

 private:
  bool late() const { return context_.deadline.passed(); }
  /// A log-likelihood of recoded rows in the user's units.
  double user_value(double value) const {
    return design_.scaling.weight_unit * (value - problem_.weight() * std::log(design_.scaling.response_scale));
  }
  Start arranged(Start start) const;
  vec constants(uword different) const;
  bool may_do_with_fewer() const { return !grid_.constants.empty(); }
  /// Slopes that count over sigma, or experts without a scale, do not let a variance collapse.
  const char* why_early() const {
    const bool collapses = problem_.layout().has_scales() && !lasso_.scaled;
    return collapses ? "an expert's variance collapses" : "an expert has too few rows for its slopes";
  }
  LassoPoint zero_slopes(uword different);
  double largest_of(const LassoPoint& zero) const { return problem_.largest_lambda(zero.score, zero.gate_mass); }
  void find_zeros();
  double middle() const;
  double default_ratio() const;
  bool wide() const { return problem_.weight() < static_cast<double>(problem_.slopes().n_elem); }
  vec scouted() const;
  vec lambdas();
  LassoPoint given_start(double lambda);
  mat given_experts() const;
  LassoPoint best_pilot(const std::vector<LassoPoint>& starts, double lambda);
  void branch_off(LassoPoint from, uword i);
  void follow(const std::vector<LassoPoint>& starts);
  void fill_gaps();
  void find_path();
  void climb_from_start(double lambda);
  std::vector<LassoPoint> refits(const std::vector<LassoPoint>& fits);

  const RowData& rows_;
  WideDesign design_;
  Mixture plain_, shown_, mixture_;  ///< without slopes; with slopes, as users see it and as it is climbed
  const Lasso& lasso_;
  const PathOptions& options_;
  Start start_;  ///< experts in the order of the parameters
  Context context_;
  Timer timer_;
  LassoProblem problem_;
  LassoAscents ascents_;
  LassoStarts starts_;
  LassoGrid grid_;
  std::vector<LassoPoint> zeros_;  ///< fits with all penalised slopes zero, the best one first
  double largest_ = 0.0;
  bool shortened_ = false;  ///< the last lambda is where the path ends, not what the ratio says
};

/// The parameters of a mixture of constants, the best that the search for unpenalised fits finds with so many experts
/// that are different; the one that holds most is several that are alike.
inline vec LassoJob::constants(uword different) const {
  const Data data(mat(rows_.rows(), 1, arma::fill::ones), rows_);
  Options options;
  options.seed = options_.seed;
  options.guard = options_.guard * problem_.weight();
  options.starts = starts_.count();
  Context silent = context_;
  silent.progress = nullptr;
  const Mixture own(plain_.gate, plain_.family, different);
  const Fit found = fit(data, own, options, {}, silent);
  uvec of = arma::regspace<uvec>(0, mixture_.experts - 1);
  const uword largest = found.gate_mass.index_max(), alike = 1 + mixture_.experts - different;
  of.tail(mixture_.experts - different).fill(largest);
  Coefficients null = found;
  null.experts = reordered(found.experts, of, mixture_.family->outcomes());
  null.gate = mat(found.gate.cols(of));
  null.gate.cols(arma::find(of == largest)) -= std::log(static_cast<double>(alike));
  null.gate -= double(null.gate(0, 0));
  if (null.sigma.n_elem == different) null.sigma = vec(found.sigma(of));
  if (null.scalars.n_rows == different) null.scalars = mat(found.scalars.rows(of));
  return problem_.scaled(null_parameters(problem_.shown_layout(), design_.scaling, null, mixture_.gate->unit()));
}

/// The fit with all penalised slopes zero of constants so many of which are different.
inline LassoPoint LassoJob::zero_slopes(uword different) {
  const double beyond = 1e10;
  LassoPoint from;
  from.point = constants(different);
  LassoPoint zero = ascents_.solve(beyond, from, beyond);
  if (!zero.found() && (different == 1 || !problem_.penalises_experts())) {
    zero = from;
    const Statistics at = ascents_.statistics(zero.point);
    zero.score = at.score;
    zero.gate_mass = at.gate_mass;
  }
  zero.began = "zero";
  zero.branch = grid_.new_branch();
  return zero;
}

/// Mixtures of constants, with fewer that are different where one would collapse, or, where the penalty is scaled, with
/// all numbers of them down to one: what is alike there is fewer experts' path. One class a row does not tell constants
/// apart. Experts without penalised slopes are never alike: the gate's score would be zero. The largest lambda is the
/// smallest at which they are maxima.
inline void LassoJob::find_zeros() {
  const bool may_be_alike = problem_.penalises_experts();
  uword different = may_be_alike && !mixture_.family->identifies_constants() ? 1 : mixture_.experts;
  const uword least = may_be_alike ? 1 : different;
  for (; different >= least && (zeros_.empty() || lasso_.scaled); --different) {
    LassoPoint zero = zero_slopes(different);
    if (zero.found()) zeros_.push_back(std::move(zero));
  }
  std::stable_sort(zeros_.begin(), zeros_.end(),
                   [](const LassoPoint& a, const LassoPoint& b) { return a.better_than(b); });
  for (const LassoPoint& zero : zeros_) largest_ = std::max(largest_, largest_of(zero));
  if (different == 0 && !lasso_.scaled) largest_ *= static_cast<double>(mixture_.experts);
}

/// The largest lambda at which starts are tried: where slopes of noise are zero, if the penalty is free of units, with
/// the v of experts of equal size.
inline double LassoJob::middle() const {
  if (!lasso_.scaled || !lasso_.expert_factors.empty() || lasso_.experts == 0.0) return 0.8 * largest_;
  const double columns = 1.0 + static_cast<double>(design_.columns.count);
  const double noise = std::sqrt(2.0 * std::log(columns) / problem_.weight());
  return noise * std::pow(static_cast<double>(mixture_.experts), lasso_.power - 0.5) / (lasso_.alpha * lasso_.experts);
}

/// Paths end early where there are fewer rows than coefficients.
inline double LassoJob::default_ratio() const { return wide() ? 0.05 : 0.005; }

/// Where the search goes, whichever lambdas the user wants: as far as paths go by default, or on to the last one wanted
/// where that is far beyond.
inline vec LassoJob::scouted() const {
  constexpr double least = 1e-3, far = 0.6;
  const vec& wanted = options_.lambda;
  if (!(largest_ > 0.0 && std::isfinite(largest_))) {
    require(!wanted.empty(), "lasso", "lambda", "nothing is penalised, so that no lambda stands out: give lambda");
    return wanted;
  }
  double last = largest_ * default_ratio();
  if (!wanted.empty() && wanted.back() < far * last) last = std::max(wanted.back(), least * largest_);
  const double steps = std::ceil(std::log(largest_ / last) / std::log(scout_step));
  return geometric(largest_, last, 1 + static_cast<uword>(steps));
}

/// Those that the user wants, or from the smallest lambda that makes every slope zero to where the path ends.
inline vec LassoJob::lambdas() {
  if (!options_.lambda.empty()) return options_.lambda;
  const uword end = grid_.end();
  double last = largest_ * (options_.ratio > 0.0 ? options_.ratio : default_ratio());
  if (options_.ratio == 0.0 && end > 0 && end < grid_.lambda.n_elem) {
    shortened_ = true;
    last = grid_.lambda(std::max<uword>(1, end - 1));
  }
  return geometric(largest_, last, options_.count);
}

/// A start's experts in the order of the parameters.
inline Start LassoJob::arranged(Start start) const {
  const uvec labels = labels_of(mixture_.experts, lasso_.reference);
  if (!start.responsibilities.empty()) start.responsibilities = mat(start.responsibilities.cols(labels));
  if (start.gate.empty()) return start;
  start.gate = mat(start.gate.cols(labels));
  start.experts = reordered(start.experts, labels, mixture_.family->outcomes());
  if (start.sigma.n_elem == labels.n_elem) start.sigma = vec(start.sigma(labels));
  return start;
}

/// The experts of a start by their labels, which the fits keep.
inline mat LassoJob::given_experts() const {
  if (start_.gate.empty()) return {};
  const mat table = expert_table(problem_.layout(), problem_.recoded(start_));
  return table.cols(arma::sort_index(labels_of(mixture_.experts, lasso_.reference)));
}

/// Where the user wants to start.
inline LassoPoint LassoJob::given_start(double lambda) {
  if (!start_.responsibilities.empty()) return ascents_.short_run(lambda, start_.responsibilities, steps_given);
  LassoPoint from;
  from.point = problem_.recoded(start_);
  return from;
}

/// The best of the places near a lambda's maxima that starting points lead to, with the variance guard: the plain
/// penalised likelihood is largest where experts interpolate. A weak one only where an expert may be emptied.
inline LassoPoint LassoJob::best_pilot(const std::vector<LassoPoint>& starts, double lambda) {
  LassoPoint best;
  for (const LassoPoint& start : starts) {
    if (!start.found() || late()) continue;
    LassoPoint now = ascents_.pilot(lambda, start);
    if ((!now.weak || may_do_with_fewer()) && now.better_than(best)) best = std::move(now);
  }
  return best;
}

/// A branch from a maximum that a start led to, if it did and this is news.
inline void LassoJob::branch_off(LassoPoint from, uword i) {
  from.began = "start";
  if (from.found() && !from.same_as(grid_.best[i])) grid_.branch_off(std::move(from), i);
}

/// From maxima at some lambdas up and down the path, the smallest lambda first; once all starts lead to weak experts,
/// they do at smaller ones. Where that leaves lambdas without a fit, from maxima with fewer experts.
inline void LassoJob::follow(const std::vector<LassoPoint>& starts) {
  std::vector<std::pair<uword, LassoPoint>> pilots;
  uword last = grid_.lambda.n_elem;
  std::vector<double> places{1.0, 0.75, 0.55, 0.4, 0.28, 0.15};
  for (double& place : places) place *= middle();
  if (!wide()) places.push_back(grid_.lambda.back());
  for (double place : places) {
    const uword i = grid_.first_at_most(place);
    if (i == std::exchange(last, i)) continue;
    LassoPoint pilot = best_pilot(starts, grid_.lambda(i));
    if (!pilot.found() && !pilots.empty() && !lasso_.scaled) break;
    if (pilot.found()) pilots.emplace_back(i, std::move(pilot));
  }
  for (auto pilot = pilots.rbegin(); pilot != pilots.rend() && !late(); ++pilot) {
    const auto& [i, near] = *pilot;
    if (!near.weak) branch_off(ascents_.solve(grid_.lambda(i), near, grid_.lambda(i)), i);
  }
  for (const auto& [i, near] : pilots) {
    if (!may_do_with_fewer() || late()) return;
    if (grid_.best[i].found()) continue;
    branch_off(ascents_.solve_with_fewer(grid_.lambda(i), near, grid_.constants), i);
    if (!grid_.best[i].found()) return;
  }
}

/// A lambda that the user wants, or within the path, gets a fit, if need be with a weak expert and the variance guard.
inline void LassoJob::fill_gaps() {
  const uword end = options_.lambda.empty() ? std::max<uword>(1, grid_.end()) : grid_.lambda.n_elem;
  for (uword i = 0; i < end; ++i) {
    if (grid_.best[i].found() || (i > 0 && late())) continue;
    LassoPoint from;
    from.point = i > 0 && grid_.best[i - 1].found() ? grid_.best[i - 1].point : zeros_[0].point;
    if (late()) grid_.best[i] = ascents_.solve(grid_.lambda(i), from, grid_.lambda(i));
    for (const LassoPoint& zero : zeros_)
      if (largest_of(zero) <= grid_.lambda(i)) grid_.keep(i, ascents_.solve(grid_.lambda(i), zero, largest_));
    if (!grid_.best[i].found()) grid_.best[i] = ascents_.solve_guarded(grid_.lambda(i), from, 0.0);
    grid_.best[i].began = i > 0 ? "start" : "zero";
  }
}

/// The search has its own lambdas, so that what is found does not depend on those that are wanted.
inline void LassoJob::find_path() {
  find_zeros();
  grid_.place(scouted());
  if (mixture_.experts > 2) grid_.constants = constants(1);
  std::vector<LassoPoint> ends;
  if (start_.given())
    ends.push_back(given_start(0.06 * middle()));
  else if (mixture_.experts > 1)
    ends = starts_.short_runs(0.06 * middle());
  follow(ends);
  for (const LassoPoint& zero : zeros_) grid_.walk(zero, std::max(largest_, grid_.lambda(0)), 0, 1);
  grid_.compare_neighbours();
  largest_ = grid_.find_top(zeros_[0], largest_of(zeros_[0]));
  grid_.respace(lambdas(), !options_.lambda.empty());
  if (!options_.lambda.empty()) grid_.go_on();
  grid_.compare_neighbours();
  fill_gaps();
}

/// The maximum next to the start: without penalty among the start's slopes that are not zero, or at one penalty.
inline void LassoJob::climb_from_start(double lambda) {
  grid_.place(vec{lambda});
  const LassoPoint from = given_start(lambda);
  if (lasso_.refit) problem_.keep_support(from.point);
  LassoPoint& found = grid_.best[0];
  found = ascents_.solve(lambda, from, lambda);
  if (!found.found()) found = ascents_.solve_guarded(lambda, from, 0.0);
  found.began = lasso_.refit ? "refit" : "start";
}

/// Every fit again without penalty, on its own support.
inline std::vector<LassoPoint> LassoJob::refits(const std::vector<LassoPoint>& fits) {
  std::vector<LassoPoint> out(fits.size());
  for (std::size_t i = 0; i < fits.size() && !late(); ++i) {
    if (!fits[i].found()) continue;
    problem_.keep_support(fits[i].point);
    out[i] = ascents_.refit(fits[i]);
  }
  problem_.keep_all();
  return out;
}

inline LassoPath LassoJob::run() {
  const OneBlasThread blas;
  if (lasso_.refit)
    climb_from_start(0.0);
  else if (start_.given() && options_.lambda.n_elem == 1)
    climb_from_start(options_.lambda(0));
  else
    find_path();
  const std::vector<LassoPoint>& best = grid_.best;
  const std::vector<LassoPoint> again = options_.refit ? refits(best) : std::vector<LassoPoint>(best.size());
  LassoPath out = present(problem_, shown_, options_, lasso_, grid_.lambda, best, again, given_experts());
  out.largest_lambda = largest_;
  out.starts = mixture_.experts == 1 || start_.given() ? 0 : starts_.count();
  out.passes = ascents_.passes();
  if (out.fits.empty()) throw numerical_error("lasso", "lambda", "no start has a finite likelihood");
  const bool early = shortened_ || out.fits.size() < best.size();
  out.status = early ? why_early() : "complete";
  if (late()) out.status = "time limit";
  out.seconds = timer_.seconds();
  return out;
}

template <class Design>
LassoPath lasso_path_of(const DataSet<Design>& data, const Mixture& mixture, const Lasso& lasso,
                        const PathOptions& options, const Start& start, const Context& context) {
  return hosted("lasso", context, [&](const Context& watched) {
    options.check("lasso");
    check_task("lasso", data, mixture, start);
    lasso.check("lasso", mixture.experts, data.gate().n_cols, data.x().n_cols);
    check_penalised(mixture, lasso);
    require(!lasso.refit || start.given(), "lasso", "start",
            "a refit needs one: its slopes that are not zero are kept");
    WideDesign design = wide_design(data, mixture.gate->splits(mixture.experts), mixture.family->recodes(),
                                    options.origin, start.coefficients());
    check_design(design, mixture);
    return LassoJob(data, std::move(design), mixture, lasso, options, start, watched).run();
  });
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
