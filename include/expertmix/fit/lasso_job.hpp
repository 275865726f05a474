#pragma once

#include "../math/blas.hpp"
#include "lasso_checks.hpp"
#include "lasso_present.hpp"
#include "lasso_starts.hpp"
#include "timer.hpp"

namespace expertmix {

namespace detail {

/// A path of penalised fits from both its ends.
class LassoJob {
 public:
  LassoJob(const Data& rows, WideDesign design, const Mixture& mixture, const Lasso& lasso, const PathOptions& options,
           const Start& start, const Context& context)
      : rows_(rows),
        design_(std::move(design)),
        plain_(std::make_shared<SoftmaxGate>(), mixture.family, mixture.experts),
        mixture_(penalised_form(mixture, lasso)),
        lasso_(lasso),
        options_(options),
        start_(start),
        context_(context),
        problem_(rows, design_, mixture_, lasso_, options_, context_),
        starts_(problem_, rows, design_, options_, context_, [this] { return late(); }) {}

  LassoPath run();

 private:
  bool late() const { return timer_.seconds() > options_.time_limit; }
  bool alike() const { return !mixture_.family->numeric() && mixture_.family->responses() == 1; }
  vec null_point() const;
  void choose_lambdas(double largest);
  double least_ratio() const;
  static vec geometric(double first, double last, uword count);
  void walk(LassoPoint from, double at, uword first, int step);
  LassoPoint next(const LassoPoint& from, double at, uword i);
  void join(uword branch, uword other);
  void keep(uword i, const LassoPoint& found);
  LassoPoint given_start(double lambda);
  LassoPoint best_pilot(const std::vector<LassoPoint>& starts, double lambda);
  void follow(const std::vector<LassoPoint>& starts);
  void compare_neighbours(int step);
  void spread();
  void fill_gaps();
  void find_path();
  void refit();

  const Data& rows_;
  WideDesign design_;
  Mixture plain_, mixture_;  ///< without and with slopes
  const Lasso& lasso_;
  const PathOptions& options_;
  const Start& start_;
  const Context& context_;
  Timer timer_;
  LassoProblem problem_;
  LassoStarts starts_;
  vec lambda_;
  double largest_ = 0.0;
  uword hidden_ = 0;        ///< lambdas before those that are wanted
  uword branches_ = 1;      ///< the first one from zero slopes
  bool shortened_ = false;  ///< the last lambda is where the path ends, not what `ratio` says
  std::vector<LassoPoint> best_;
};

/// The mixture of constants, all slopes zero: the best that the search for unpenalised fits finds. One class a row does
/// not tell constant experts apart: then they are alike.
inline vec LassoJob::null_point() const {
  const mat ones(rows_.rows(), 1, arma::fill::ones);
  const Data data(ones, ones, rows_.y, rows_.weight, rows_.offset);
  Options options;
  options.seed = options_.seed, options.guard = options_.guard * problem_.weight();
  options.starts = starts_.count();
  const Mixture one(plain_.gate, plain_.family, 1);
  Coefficients null = fit(data, alike() ? one : plain_, options, {}, context_);
  if (alike()) {
    null.experts = arma::repmat(null.experts, 1, mixture_.experts);
    null.gate.zeros(1, mixture_.experts);
  }
  return null_parameters(problem_.layout(), design_.scaling, null, mixture_.gate->unit());
}

/// Paths end early where there are fewer rows than coefficients.
inline double LassoJob::least_ratio() const {
  if (options_.ratio > 0.0) return options_.ratio;
  return problem_.weight() < static_cast<double>(problem_.layout().parameters) ? 0.05 : 0.01;
}

inline vec LassoJob::geometric(double first, double last, uword count) {
  return arma::exp(arma::linspace(std::log(first), std::log(last), count));
}

/// To the lambdas that the user wants leads a short path that nobody sees.
inline void LassoJob::choose_lambdas(double largest) {
  const vec& wanted = options_.lambda;
  if (wanted.empty())
    lambda_ = geometric(largest, largest * least_ratio(), options_.count);
  else if (wanted(0) < 0.9 * largest)
    lambda_ = arma::join_cols(vec(geometric(largest, std::max(wanted(0), 1e-3 * largest), 10).head(9)), wanted);
  else
    lambda_ = wanted;
  hidden_ = wanted.empty() ? 0 : lambda_.n_elem - wanted.n_elem;
  best_.resize(lambda_.n_elem);
}

inline void LassoJob::keep(uword i, const LassoPoint& found) {
  if (found.better_than(best_[i])) best_[i] = found;
}

/// From one fit to the next, each where the last ended, until an expert collapses, another path is met or has been the
/// better one for a while.
inline void LassoJob::walk(LassoPoint from, double at, uword first, int step) {
  int worse = 0;
  for (uword i = first; i < lambda_.n_elem && !late(); i += step) {
    LassoPoint now = next(from, at, i);
    if (!now.found()) {
      if (!best_[i].found()) best_[i].branch = from.branch;
      return;
    }
    if (now.same_as(best_[i])) return join(from.branch, best_[i].branch);
    worse = now.better_than(best_[i]) ? 0 : worse + 1;
    if (worse == 5) return;
    keep(i, now);
    context_.report({"lambda", static_cast<double>(i + 1), static_cast<double>(lambda_.n_elem), now.log_likelihood});
    from = std::move(now), at = lambda_(i);
  }
}

/// The maximum at another lambda from one that belongs to the lambda `at`.
inline LassoPoint LassoJob::next(const LassoPoint& from, double at, uword i) {
  LassoPoint out = problem_.solve(lambda_(i), from, at);
  out.origin = from.origin, out.branch = from.branch;
  return out;
}

/// Two branches turn out to be one.
inline void LassoJob::join(uword branch, uword other) {
  for (LassoPoint& point : best_)
    if (point.branch == other) point.branch = branch;
}

/// Where the user wants to start.
inline LassoPoint LassoJob::given_start(double lambda) {
  if (!start_.responsibilities.empty()) return problem_.short_run(lambda, start_.responsibilities, 15);
  LassoPoint from;
  from.point = problem_.recoded(start_);
  return from;
}

/// The best of the places near a lambda's maxima that starting points lead to, with the variance guard: the plain
/// penalised likelihood is largest where experts interpolate.
inline LassoPoint LassoJob::best_pilot(const std::vector<LassoPoint>& starts, double lambda) {
  LassoPoint best;
  for (const LassoPoint& start : starts) {
    if (!start.found() || late()) continue;
    LassoPoint now = problem_.pilot(lambda, start);
    if (now.found() && !now.weak && (!best.found() || now.rank > best.rank)) best = std::move(now);
  }
  return best;
}

/// From maxima at some lambdas up and down the path, the smallest lambda first; below one where all starts lead to weak
/// experts there is nothing to find.
inline void LassoJob::follow(const std::vector<LassoPoint>& starts) {
  std::vector<std::pair<uword, LassoPoint>> pilots;
  for (double share : {0.8, 0.45, 0.25, 0.12}) {
    uword at = 0;
    while (at + 1 < lambda_.n_elem && lambda_(at) > share * largest_) ++at;
    if (!pilots.empty() && at == pilots.back().first) continue;
    LassoPoint pilot = best_pilot(starts, lambda_(at));
    if (!pilot.found()) break;
    pilots.emplace_back(at, std::move(pilot));
  }
  for (auto pilot = pilots.rbegin(); pilot != pilots.rend() && !late(); ++pilot) {
    const uword at = pilot->first;
    LassoPoint from = problem_.solve(lambda_(at), pilot->second, lambda_(at));
    from.origin = "start", from.branch = ++branches_;
    if (!from.found() || from.same_as(best_[at])) continue;
    keep(at, from);
    walk(from, lambda_(at), at - 1, -1);
    walk(from, lambda_(at), at + 1, 1);
  }
}

/// Where neighbours are of two branches, or the coefficients of one are better than the other as they are, one may be
/// better at the other's lambda: the path goes on from there.
inline void LassoJob::compare_neighbours(int step) {
  const int count = static_cast<int>(lambda_.n_elem);
  for (int i = step > 0 ? 1 : count - 2; i >= 0 && i < count && !late(); i += step) {
    const LassoPoint &from = best_[i - step], &own = best_[i];
    if (!from.found()) continue;
    const double here = from.value + problem_.penalty(lambda_(i - step)).value(from.point) -
                        problem_.penalty(lambda_(i)).value(from.point);
    if (from.branch == own.branch && here <= own.value + 1e-8 * problem_.weight()) continue;
    const LassoPoint now = next(from, lambda_(i - step), i);
    if (now.same_as(own)) join(from.branch, own.branch);
    keep(i, now);
  }
}

/// Where a path that the user does not bound ends early, its lambdas are spread over what there is of it.
inline void LassoJob::spread() {
  uword end = lambda_.n_elem;
  while (end > 0 && !best_[end - 1].found()) --end;
  if (!options_.lambda.empty() || options_.ratio > 0.0 || end < 2 || end == lambda_.n_elem || late()) return;
  const vec scouted = lambda_.head(end);
  const std::vector<LassoPoint> scouts(best_.begin(), best_.begin() + end);
  lambda_ = geometric(scouted(0), scouted(end - 1), options_.count);
  best_.assign(lambda_.n_elem, {});
  shortened_ = true;
  uword scout = 0;
  const auto passed = [&](uword i) { return scout < end && lambda_(i) <= scouted(scout) * (1.0 + 1e-12); };
  for (uword i = 0; i < lambda_.n_elem; ++i) {
    const bool met = passed(i);
    while (passed(i)) ++scout;
    const LassoPoint& from = met ? scouts[scout - 1] : best_[i - 1];
    if (from.found()) best_[i] = next(from, met ? scouted(scout - 1) : lambda_(i - 1), i);
  }
}

/// A lambda that the user wants gets a fit, if need be with a weak expert and the variance guard.
inline void LassoJob::fill_gaps() {
  for (uword i = hidden_; i < lambda_.n_elem; ++i) {
    if (best_[i].found() || (options_.lambda.empty() && i > 0)) continue;
    LassoPoint from;
    from.point = i > 0 && best_[i - 1].found() ? best_[i - 1].point : null_point();
    best_[i] = problem_.solve_guarded(lambda_(i), from, 0.0);
    best_[i].origin = i > 0 ? "start" : "zero";
  }
}

/// The maximum without penalty among the coefficients of the start that are not zero.
inline void LassoJob::refit() {
  lambda_ = vec{0.0};
  best_.resize(1);
  LassoPoint from;
  from.point = problem_.recoded(start_);
  problem_.keep_support(from.point);
  best_[0] = problem_.solve(0.0, from, 0.0);
  if (!best_[0].found()) best_[0] = problem_.solve_guarded(0.0, from, 0.0);
  best_[0].origin = "refit";
}

inline void LassoJob::find_path() {
  LassoPoint null;
  null.point = null_point(), null.origin = "zero", null.branch = 1;
  null.score = problem_.statistics(null.point).score;
  largest_ = problem_.largest_lambda(null.score) * (alike() ? static_cast<double>(mixture_.experts) : 1.0);
  choose_lambdas(largest_);
  std::vector<LassoPoint> ends;
  if (!start_.gate.empty() || !start_.responsibilities.empty())
    ends.push_back(given_start(0.05 * largest_));
  else if (mixture_.experts > 1)
    ends = starts_.short_runs(0.05 * largest_);
  follow(ends);
  walk(null, std::max(largest_, lambda_(0)), 0, 1);
  spread();
  compare_neighbours(1);
  compare_neighbours(-1);
  fill_gaps();
}

inline LassoPath LassoJob::run() {
  const BlasThreads one(1);
  lasso_.refit ? refit() : find_path();
  best_.erase(best_.begin(), best_.begin() + hidden_);
  LassoPath out = present(problem_, design_, lasso_, vec(lambda_.tail(best_.size())), best_);
  out.largest_lambda = largest_;
  out.starts = mixture_.experts == 1 ? 0 : starts_.count();
  out.passes = problem_.passes();
  if (out.fits.empty()) throw numerical_error("lasso", "lambda", "no start has a finite likelihood");
  const bool early = shortened_ || out.fits.size() < best_.size();
  out.status = late() ? "time limit" : early ? "an expert's variance collapses" : "complete";
  out.seconds = timer_.seconds();
  return out;
}

template <class Source>
LassoPath lasso_path_of(const Source& data, const Data& rows, const Mixture& mixture, const Lasso& lasso,
                        const PathOptions& options, const Start& start, const Context& context) {
  data.check("lasso");
  WideDesign design = wide_design(data, mixture.gate->splits(mixture.experts), mixture.family->numeric());
  check_lasso(rows, mixture, design, lasso, options);
  return LassoJob(rows, std::move(design), mixture, lasso, options, start, context).run();
}

}  // namespace detail

inline LassoPath lasso_path(const Data& data, const Mixture& mixture, const Lasso& lasso, const PathOptions& options,
                            const Start& start, const Context& context) {
  return detail::lasso_path_of(data, data, mixture, lasso, options, start, context);
}

inline LassoPath lasso_path(const SparseData& data, const Mixture& mixture, const Lasso& lasso,
                            const PathOptions& options, const Start& start, const Context& context) {
  return detail::lasso_path_of(data, data.rows, mixture, lasso, options, start, context);
}

}  // namespace expertmix
