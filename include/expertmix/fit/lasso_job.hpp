#pragma once

#include <chrono>

#include "../source/proposals.hpp"
#include "lasso_present.hpp"
#include "lasso_problem.hpp"

namespace expertmix {

namespace detail {

/// The mixture in the form that a penalty wants.
inline Mixture penalised_form(Mixture mixture, const Lasso& lasso) {
  if (!lasso.reference.empty()) return mixture;
  if (const auto gate = mixture.gate->without_reference()) mixture.gate = gate;
  if (const auto family = mixture.family->without_reference()) mixture.family = family;
  return mixture;
}

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
        problem_(rows, design_, mixture_, lasso_, options_, context_) {}

  LassoPath run();

 private:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }
  bool late() const { return seconds() > options_.time_limit; }
  bool alike() const { return !mixture_.family->numeric() && mixture_.family->responses() == 1; }
  vec null_point() const;
  void choose_lambdas(double largest);
  double least_ratio() const;
  void walk(LassoPoint from, double at, uword first, int step);
  void keep(uword i, const LassoPoint& found);
  std::vector<LassoPoint> short_runs(double lambda);
  LassoPoint given_start(double lambda);
  LassoPoint best_from(const std::vector<LassoPoint>& starts, double lambda);
  void follow(const std::vector<LassoPoint>& starts);
  void fill_gaps();
  void find_path();
  void refit();
  LassoPoint short_run(double lambda, uword start, const mat& features, const vec& relevance);
  std::vector<uword> some_columns(const std::vector<uword>& columns, const vec& relevance, Random& random) const;
  vec relevance(const mat& features) const;
  uword starts() const { return options_.starts > 0 ? options_.starts : rows_.rows() <= 2000 ? 20 : 10; }

  const Data& rows_;
  WideDesign design_;
  Mixture plain_, mixture_;  ///< without and with slopes
  const Lasso& lasso_;
  const PathOptions& options_;
  const Start& start_;
  const Context& context_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  LassoProblem problem_;
  vec lambda_;
  double largest_ = 0.0;
  uword hidden_ = 0;  ///< lambdas before those that are wanted
  std::vector<LassoPoint> best_;
};

/// The mixture of constants, all slopes zero: the best that the search for unpenalised fits finds. One class a row does
/// not tell constant experts apart: then they are alike.
inline vec LassoJob::null_point() const {
  const mat ones(rows_.rows(), 1, arma::fill::ones);
  const Data data(ones, ones, rows_.y, rows_.weight, rows_.offset);
  Options options;
  options.seed = options_.seed, options.guard = options_.guard * problem_.weight();
  if (options_.starts > 0) options.starts = options_.starts;
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

/// To the lambdas that the user wants leads a short path that nobody sees.
inline void LassoJob::choose_lambdas(double largest) {
  const auto down_to = [&](double least, uword count) -> vec {
    return arma::exp(arma::linspace(std::log(largest), std::log(least), count));
  };
  const vec& wanted = options_.lambda;
  if (wanted.empty())
    lambda_ = down_to(largest * least_ratio(), options_.count);
  else if (wanted(0) < 0.9 * largest)
    lambda_ = arma::join_cols(vec(down_to(std::max(wanted(0), 1e-3 * largest), 10).head(9)), wanted);
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
  const std::string origin = from.origin;
  int worse = 0;
  for (uword i = first; i < lambda_.n_elem && !late(); i += step) {
    LassoPoint now = problem_.solve(lambda_(i), from, at);
    if (!now.found() || now.same_as(best_[i])) return;
    now.origin = origin;
    worse = now.better_than(best_[i]) ? 0 : worse + 1;
    if (worse == 5) return;
    keep(i, now);
    context_.report({"lambda", static_cast<double>(i + 1), static_cast<double>(lambda_.n_elem), now.log_likelihood});
    from = std::move(now), at = lambda_(i);
  }
}

/// Correlation of every column with the response and its square, the larger one.
inline vec LassoJob::relevance(const mat& features) const {
  mat centred = features.each_row() - arma::mean(features, 0);
  centred = arma::join_rows(centred, arma::square(centred));
  centred.each_row() -= arma::mean(centred, 0);
  AlignedVector weights(centred.n_cols * weight_stride, 0.0);
  mat sums(centred.n_cols, design_.columns.count, arma::fill::zeros);
  for (uword first = 0; first < centred.n_rows; first += max_block_rows) {
    const uword n = std::min<uword>(max_block_rows, centred.n_rows - first);
    std::fill(weights.begin(), weights.end(), 0.0);
    for (uword s = 0; s < centred.n_cols; ++s)
      std::copy_n(centred.colptr(s) + first, n, weights.data() + s * weight_stride);
    design_.values->add_products(first, n, weights.data(), centred.n_cols, sums);
  }
  const vec size = arma::sqrt(arma::sum(arma::square(centred), 0)).t() + 1e-300;
  sums.each_col() /= size;
  return arma::max(arma::abs(sums), 0).t();
}

/// At most eight of some columns: half of them among the 16 most relevant, the others at random.
inline std::vector<uword> LassoJob::some_columns(const std::vector<uword>& columns, const vec& relevance,
                                                 Random& random) const {
  std::vector<uword> slopes;
  for (uword c : columns)
    if (c != 0) slopes.push_back(c);
  if (slopes.size() <= 8) return slopes;
  std::stable_sort(slopes.begin(), slopes.end(), [&](uword a, uword b) { return relevance(a) > relevance(b); });
  std::vector<uword> out;
  const auto take = [&](uword among) {
    const uword c = slopes[random.index(std::min<uword>(among, slopes.size()))];
    if (std::find(out.begin(), out.end(), c) == out.end()) out.push_back(c);
  };
  while (out.size() < 4) take(16);
  while (out.size() < 8) take(slopes.size());
  return out;
}

/// A short run from a guess of who belongs to whom, guess and run on a few columns.
inline LassoPoint LassoJob::short_run(double lambda, uword start, const mat& features, const vec& relevance) {
  Random random(options_.seed, start + 1);
  const auto experts = some_columns(design_.columns.experts, relevance, random),
             gate = some_columns(design_.columns.gate, relevance, random);
  mat design(rows_.rows(), 1 + experts.size() + gate.size(), arma::fill::ones);
  Columns columns;
  columns.count = design.n_cols, columns.experts = columns.gate = {0};
  const auto add = [&](uword from, std::vector<uword>& own, uword to) {
    design_.values->recoded(from, 0, rows_.rows(), design.colptr(to));
    own.push_back(to);
  };
  for (uword j = 0; j < experts.size(); ++j) add(experts[j], columns.experts, 1 + j);
  for (uword j = 0; j < gate.size(); ++j) add(gate[j], columns.gate, 1 + experts.size() + j);
  const mat guess = propose(proposal_of(start), design, features, columns, mixture_.experts, random);
  return problem_.short_run(lambda, guess, 15);
}

/// The different end points of short runs, best first.
inline std::vector<LassoPoint> LassoJob::short_runs(double lambda) {
  mat response = rows_.y;
  if (!rows_.offset.empty()) response.col(0) -= rows_.offset;
  if (mixture_.family->numeric())
    response = (response - design_.scaling.response_centre) / design_.scaling.response_scale;
  const mat features = mixture_.family->features(response);
  const vec relevant = relevance(features);
  std::vector<LassoPoint> found;
  for (uword start = 0; start < starts() && !late(); ++start) {
    found.push_back(short_run(lambda, start, features, relevant));
    context_.report({"starts", start + 1.0, static_cast<double>(starts()), found.back().log_likelihood});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const LassoPoint& a, const LassoPoint& b) { return a.better_than(b); });
  const auto alike = [](const LassoPoint& a, const LassoPoint& b) { return std::abs(a.value - b.value) < 0.05; };
  found.erase(std::unique(found.begin(), found.end(), alike), found.end());
  found.resize(std::min<std::size_t>(5, found.size()));
  return found;
}

/// Where the user wants to start.
inline LassoPoint LassoJob::given_start(double lambda) {
  if (!start_.responsibilities.empty()) return problem_.short_run(lambda, start_.responsibilities, 15);
  LassoPoint from;
  from.point = problem_.recoded(start_);
  return from;
}

/// The best maximum at a lambda that starting points lead to, with the variance guard: the plain penalised likelihood
/// is largest where experts interpolate.
inline LassoPoint LassoJob::best_from(const std::vector<LassoPoint>& starts, double lambda) {
  LassoPoint best;
  for (const LassoPoint& start : starts) {
    if (!start.found() || late()) continue;
    LassoPoint now = problem_.solve_guarded(lambda, start.point, 60, false);
    if (now.found() && !now.weak && (!best.found() || now.rank > best.rank)) best = std::move(now);
  }
  if (best.found()) best = problem_.solve(lambda, best, lambda);
  best.origin = "start";
  return best;
}

/// From maxima at some lambdas up and down the path.
inline void LassoJob::follow(const std::vector<LassoPoint>& starts) {
  for (double share : {0.12, 0.25, 0.45, 0.8}) {
    uword at = 0;
    while (at + 1 < lambda_.n_elem && lambda_(at) > share * largest_) ++at;
    const LassoPoint from = best_from(starts, lambda_(at));
    if (!from.found() || from.same_as(best_[at])) continue;
    keep(at, from);
    walk(from, lambda_(at), at - 1, -1);
    walk(from, lambda_(at), at + 1, 1);
  }
}

/// A lambda that the user wants gets a fit, if need be with a weak expert and the variance guard.
inline void LassoJob::fill_gaps() {
  for (uword i = hidden_; i < lambda_.n_elem; ++i) {
    if (best_[i].found() || (options_.lambda.empty() && i > 0)) continue;
    const vec from = i > 0 && best_[i - 1].found() ? best_[i - 1].point : null_point();
    best_[i] = problem_.solve_guarded(lambda_(i), from, options_.iterations, true);
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
  if (!best_[0].found()) best_[0] = problem_.solve_guarded(0.0, from.point, options_.iterations, true);
  best_[0].origin = "refit";
}

inline void LassoJob::find_path() {
  LassoPoint null;
  null.point = null_point(), null.origin = "zero";
  null.score = problem_.statistics(null.point).score;
  largest_ = problem_.largest_lambda(null.score) * (alike() ? static_cast<double>(mixture_.experts) : 1.0);
  choose_lambdas(largest_);
  std::vector<LassoPoint> ends;
  if (!start_.gate.empty() || !start_.responsibilities.empty())
    ends.push_back(given_start(0.05 * largest_));
  else if (mixture_.experts > 1)
    ends = short_runs(0.05 * largest_);
  follow(ends);
  walk(null, std::max(largest_, lambda_(0)), 0, 1);
  fill_gaps();
}

inline LassoPath LassoJob::run() {
  lasso_.refit ? refit() : find_path();
  best_.erase(best_.begin(), best_.begin() + hidden_);
  LassoPath out = present(problem_, design_, lasso_, vec(lambda_.tail(best_.size())), best_);
  out.largest_lambda = largest_;
  out.starts = mixture_.experts == 1 ? 0 : starts();
  out.passes = problem_.passes();
  if (out.fits.empty()) throw numerical_error("lasso", "lambda", "no start has a finite likelihood");
  out.status = late() ? "time limit" : out.fits.size() < best_.size() ? "an expert's variance collapses" : "complete";
  out.seconds = seconds();
  return out;
}

/// Throws `invalid_argument` for what a penalised fit cannot use.
inline void check_lasso(const Data& rows, const Mixture& mixture, const WideDesign& design, const Lasso& lasso,
                        const PathOptions& options) {
  mixture.family->check(rows.y, "lasso");
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
  require(mixture.family->numeric() || rows.offset.empty(), "lasso", "offset", "needs a numeric response");
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
