#pragma once

#include "../base/blas.hpp"
#include "../base/timer.hpp"
#include "../search/jumps.hpp"
#include "../search/search.hpp"
#include "checks.hpp"
#include "present.hpp"
#include "spikes.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// The mixture with all experts active in every row.
inline Mixture with_all_experts(const Mixture& mixture) {
  const auto gate = mixture.gate->relaxed(mixture.experts);
  return gate ? Mixture(gate, mixture.family, mixture.experts) : mixture;
}

/// The climbs of one fit: from a search's short runs or a given start to the best maximum.
class FitJob {
 public:
  FitJob(const Data& data, const Mixture& mixture, const Options& options, const Start& start, const Context& context)
      : data_(data),
        mixture_(mixture),
        dense_(with_all_experts(mixture)),
        options_(options),
        start_(start),
        context_(within(context, options.time_limit)),
        prepared_(prepare(data, mixture, context_)),
        all_(data, prepared_.design.pointers, prepared_.scaling, dense_, layout(), context_,
             start.responsibilities.empty() ? nullptr : &start.responsibilities),
        telling_(telling(prepared_.weight)) {
    if (jumps()) full_ = std::make_unique<JumpSearch>(mixture_, dense_, layout(), all_.source, telling_);
  }

  Fit run();

 private:
  const Layout& layout() const { return prepared_.layout; }
  Objective plain() const { return {0.0, prepared_.residual_variance, 0.0}; }
  Objective guarded() const { return {options_.guard / prepared_.weight, prepared_.residual_variance, 0.0}; }
  /// rho of gate and classes where they are bounded: a share of the rows, so that rows that are repeated and rows that
  /// weigh as much have the same bound.
  double bound() const { return 1e-9 * prepared_.weight; }
  bool jumps() const { return !mixture_.gate->deciding(mixture_.experts).empty(); }
  double smallest_log_scale() const { return std::log(1e-3) + 0.5 * std::log(prepared_.residual_variance); }
  Finished ranked(Finished out, const Ground& ground) const;
  bool late() const { return context_.deadline.passed(); }
  uword starts() const;

  double user_value(double value, double weight) const;
  Context telling(double weight) const;
  ClimbState climb(const vec& from, Objective objective, ClimbSettings settings, Fold& fold);
  bool collapsed(const ClimbState& state) const;
  void climb_soundly(Finished& out, const vec& from, ClimbSettings settings, Fold& fold);
  Finished finish(const vec& from, ClimbSettings settings, uword runs, Ground& ground);
  void consider(Finished finished);
  void search();
  void move(Search& search, Ground& ground);
  void finish_on_all_rows();
  Finished jump(const vec& from, uword runs, std::uint64_t item, JumpSearch& search, Ground& ground,
                bool rough = false);
  void descend(Ground& sampled, const Context& telling);
  void descend_from(const vec& start);
  void release();
  vec start_parameters() const;
  void from_start();
  mat separation() const;
  void bound_experts(Finished& out, ClimbSettings settings, Fold& fold);
  void name_runaways();
  Finished bounded(const Finished& from, double steep);
  void bound_separated();
  uvec order();

  const Data& data_;
  const Mixture& mixture_;
  Mixture dense_;
  const Options& options_;
  const Start& start_;
  Context context_;
  Timer timer_;
  Prepared prepared_;
  Ground all_;
  Context telling_;
  std::unique_ptr<JumpSearch> full_;  ///< on all rows, where active sets change
  std::vector<Finished> finished_;    ///< at most three, best first
  mat separation_;
  Record record_;
};

/// A log-likelihood of recoded rows of some weight as one of all rows in the user's units.
inline double FitJob::user_value(double value, double weight) const {
  return prepared_.scaling.weight_unit * prepared_.weight *
         (value / weight - std::log(prepared_.scaling.response_scale));
}

/// The context of work on rows of some weight.
inline Context FitJob::telling(double weight) const {
  Context out = context_;
  out.progress = [this, weight](Progress now) {
    now.log_likelihood = user_value(now.log_likelihood, weight);
    context_.report(now);
  };
  return out;
}

inline ClimbState FitJob::climb(const vec& from, Objective objective, ClimbSettings settings, Fold& fold) {
  settings.method = options_.method;
  settings.iterations = std::min(settings.iterations, options_.iterations);
  settings.tolerance = options_.tolerance;
  Climb climb(mixture_, layout(), objective, settings);
  climb.start(from);
  expertmix::run(
      climb, [&fold](const Request& request) { return fold(request); }, context_.deadline,
      [this](const ClimbState& state) {
        context_.report({"climb", static_cast<double>(state.iterations), static_cast<double>(options_.iterations),
                         user_value(state.at.log_likelihood, state.at.weight)});
      });
  record_.passes += climb.state.passes;
  return climb.state;
}

/// An expert with a sigma has collapsed where that is below 1e-3 of one expert's residual sd or its mass below p + 1.
inline bool FitJob::collapsed(const ClimbState& state) const {
  if (state.point.empty() || !layout().has_scales()) return false;
  return state.collapsed || (layout().experts > 1 && state.at.mass.min() < prepared_.least_mass());
}

/// Climbs an objective; where an expert collapses, the same with the variance guard.
inline void FitJob::climb_soundly(Finished& out, const vec& from, ClimbSettings settings, Fold& fold) {
  if (!out.guarded) settings.smallest_log_scale = smallest_log_scale();
  out.state = climb(from, out.objective, settings, fold);
  if (out.guarded || options_.guard == 0.0 || !collapsed(out.state)) return;
  settings.smallest_log_scale = -arma::datum::inf;
  out.guarded = true;
  out.objective.guard = guarded().guard;
  out.state = climb(from, out.objective, settings, fold);
}

inline Finished FitJob::finish(const vec& from, ClimbSettings settings, uword runs, Ground& ground) {
  Finished out;
  out.runs = runs;
  out.objective = plain();
  settings.bounds_experts = true;
  climb_soundly(out, from, settings, ground.fold);
  bound_experts(out, settings, ground.fold);
  return ranked(std::move(out), ground);
}

inline Finished FitJob::ranked(Finished out, const Ground& ground) const {
  if (!out.found()) return out;
  out.spiked = !spiked_experts(ground, mixture_, layout(), out.state, context_).empty();
  out.log_likelihood = out.state.at.log_likelihood - out.objective.value(layout(), out.state.point);
  out.rank = out.log_likelihood + guarded().value(layout(), out.state.point);
  for (const Bound& bound : layout().bounds)
    out.drifted = out.drifted || bound.reached(out.state.point(bound.parameter));
  return out;
}

/// Keeps the best ones; one that ends where another did is counted with it.
inline void FitJob::consider(Finished finished) {
  if (!finished.found()) return;
  ++record_.finished;
  record_.optima.push_back(finished.log_likelihood);
  for (Finished& other : finished_)
    if (std::abs(other.log_likelihood - finished.log_likelihood) < 1e-4) {
      other.runs += finished.runs;
      return;
    }
  const auto place = std::find_if(finished_.begin(), finished_.end(),
                                  [&](const Finished& other) { return finished.better_than(other); });
  finished_.insert(place, std::move(finished));
  if (finished_.size() > (jumps() ? 6 : 3)) finished_.pop_back();
}

/// Short runs cost milliseconds on small data.
inline uword FitJob::starts() const {
  if (options_.starts > 0) return options_.starts;
  if (layout().experts == 1) return 1;
  if (data_.rows() <= 1000) return 150;
  return data_.rows() <= 10000 ? 60 : 30;
}

/// Short runs, climbs from where they ended, and moves from the best: on a sample where there are many rows. Classes
/// and counts tell less about a parameter than numbers do.
inline void FitJob::search() {
  const uword per_parameter = mixture_.family->recodes() ? 20 : 100;
  const uvec rows = sample_rows(data_, std::max<uword>(4000, per_parameter * layout().parameters), options_.seed);
  const Sample sample(data_, prepared_.design, prepared_.scaling, rows);
  Ground sampled(sample.data(), sample.columns(), Scaling::identity(sample.design.n_cols), dense_, layout(), context_);
  const Context telling = this->telling(arma::accu(sample.weight));
  Search search(dense_, layout(), sample, guarded(), options_.seed, telling);
  record_.starts = starts();
  const auto found = search.short_runs(record_.starts);
  ClimbSettings settings;
  settings.warm = 3;
  for (std::size_t i = 0; i < std::min<std::size_t>(data_.rows() <= 1000 ? 40 : 8, found.size()); ++i)
    if (i == 0 || !late()) consider(finish(found[i].point, settings, found[i].runs, sampled));
  if (layout().experts > 2 && !finished_.empty()) move(search, sampled);
  record_.passes += search.passes();
  if (jumps()) return descend(sampled, telling);
  if (rows.n_elem < data_.rows()) finish_on_all_rows();
}

/// Split-and-merge moves from the best point as long as they lead higher, three rounds at most.
inline void FitJob::move(Search& search, Ground& ground) {
  ClimbSettings settings;
  settings.warm = 3;
  for (uword round = 0; round < 3 && !late(); ++round) {
    const double before = finished_[0].rank;
    const auto found = search.moved_runs(finished_[0].state.point, 8, round);
    for (std::size_t i = 0; i < std::min<std::size_t>(2, found.size()) && !late(); ++i)
      consider(finish(found[i].point, settings, 0, ground));
    if (finished_[0].rank < before + 1e-6) return;
  }
}

/// From the two best places on the sample to the maxima of the whole likelihood.
inline void FitJob::finish_on_all_rows() {
  std::vector<Finished> found;
  std::swap(found, finished_);
  ClimbSettings settings;
  settings.warm = 3;
  const uword climbs = record_.finished;
  record_.optima.clear();
  for (std::size_t i = 0; i < std::min<std::size_t>(2, found.size()); ++i)
    if (i == 0 || !late()) consider(finish(found[i].state.point, settings, found[i].runs, all_));
  record_.finished = climbs;
}

inline vec FitJob::start_parameters() const {
  return ParameterMap(layout(), prepared_.scaling).to_recoded(parameters_of(layout(), prepared_.kept, start_));
}

inline void FitJob::from_start() {
  ClimbSettings settings;
  record_.starts = 1;
  if (start_.responsibilities.empty()) {
    if (jumps()) return descend_from(start_parameters());
    return consider(finish(start_parameters(), settings, 1, all_));
  }
  settings.given = steps_given;
  Random random(options_.seed, 0);
  consider(finish(blank_point(layout(), random), settings, 1, all_));
  if (jumps() && !finished_.empty()) descend_from(vec(finished_[0].state.point));
}

/// By decreasing average gate probability; a start's labels are kept, and those of a gate that breaks ties by them.
inline uvec FitJob::order() {
  const ClimbState& best = finished_[0].state;
  const uvec as_found = arma::regspace<uvec>(0, layout().experts - 1);
  if (!start_.gate.empty()) return as_found;
  const uvec order = arma::stable_sort_index(best.at.gate_mass, "descend");
  if (!jumps()) return order;
  const vec renamed = relabelling(layout(), order) * best.point;
  const double value = full_->fold()({renamed, {}, {}})[0].log_likelihood;
  const double before = full_->fold()({best.point, {}, {}})[0].log_likelihood;
  return std::abs(value - before) <= 1e-9 * std::abs(before) ? order : as_found;
}

inline Fit FitJob::run() {
  const OneBlasThread blas;
  start_.given() ? from_start() : search();
  if (finished_.empty()) throw numerical_error("fit", "start", "no start has a finite likelihood");
  record_.reached = finished_[0].runs;
  bound_separated();
  for (uword k : spiked_experts(all_, mixture_, layout(), finished_[0].state, context_))
    record_.spikes.push_back({k, {}});
  if (jumps()) release();
  record_.seconds = timer_.seconds();
  const bool only_jumps = mixture_.gate->hard(mixture_.experts);
  const uvec unidentified = only_jumps ? JumpSearch::deciding_parameters(mixture_, layout()) : uvec();
  return present(data_, mixture_, prepared_, finished_[0], order(), separation_, unidentified, options_, record_);
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#include "job_bounds.hpp"
#include "job_jumps.hpp"
