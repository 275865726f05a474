#pragma once

#include "../base/blas.hpp"
#include "../base/timer.hpp"
#include "../search/jumps.hpp"
#include "../search/search.hpp"
#include "bounds.hpp"
#include "checks.hpp"
#include "finalists.hpp"
#include "present.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// The mixture with all experts active in every row.
inline Mixture with_all_experts(const Mixture& mixture) {
  const auto gate = mixture.gate->relaxed(mixture.experts);
  return gate ? Mixture(gate, mixture.family, mixture.experts) : mixture;
}

/// What a search costs: on few rows, where a whole climb takes a millisecond, much; on many, what more experts need.
inline Effort effort(uword rows, uword experts) {
  if (rows <= 500) return {80, 150, 1200};
  if (rows <= 2000) return {60, 100, 800};
  if (rows <= 10000) return {16 * experts, 12 * experts, 96 * experts};
  return {8 * experts, 8 * experts, 48 * experts};
}

inline double share_of_usual(Thoroughness search) {
  if (search == Thoroughness::quick) return 0.25;
  return search == Thoroughness::thorough ? 4.0 : 1.0;
}

inline Effort times(double factor, const Effort& effort) {
  const auto part = [factor](uword count) {
    return std::max<uword>(1, static_cast<uword>(std::llround(factor * static_cast<double>(count))));
  };
  return {part(effort.starts), part(effort.patience), part(effort.hops)};
}

/// Rows of the sample on which a search runs: so many, or so many a parameter where that is more. Classes and counts
/// tell less about a parameter than numbers do.
constexpr uword sample_rows_least = 4000, sample_rows_a_parameter = 20, sample_rows_a_class_parameter = 100;

/// The best optima of what steers a search are finished on the likelihood, whose order may differ: so many, and more as
/// long as all are spikes.
constexpr std::size_t kept_places = 6, most_places = 12;

/// Of the places on the sample the best two are climbed on all rows: the second in case the sample misjudges them.
constexpr std::size_t places_on_all_rows = 2;

/// One fit: from a search or a given start to the best maximum.
class FitJob {
 public:
  FitJob(const Data& data, const Mixture& mixture, const Options& options, const Start& start, const Context& context)
      : data_(data),
        mixture_(mixture),
        dense_(with_all_experts(mixture)),
        options_(options),
        start_(start),
        context_(within(context, options.time_limit)),
        prepared_(prepare(data, mixture, options.origin, start.coefficients(), context_)),
        ascents_(mixture_, prepared_, options_, context_),
        all_(data, prepared_.design.pointers, prepared_.scaling, dense_, layout(), context_,
             start.responsibilities.empty() ? nullptr : &start.responsibilities),
        telling_(ascents_.telling(prepared_.weight)),
        idle_(JumpSearch::idle_intercepts(mixture, prepared_.layout)),
        finalists_(jumps() ? most_places : kept_places) {
    if (jumps()) require(!options.bounds.given(), "fit", "bounds", "are not for top-K gates, whose likelihood jumps");
    if (jumps()) require(!ascents_.ties().given(), "fit", "ties", "are not for top-K gates, whose likelihood jumps");
    if (jumps()) full_ = std::make_unique<JumpSearch>(mixture_, dense_, layout(), all_.source, telling_);
  }

  Fit run();

 private:
  const Layout& layout() const { return prepared_.layout; }
  bool jumps() const { return !mixture_.gate->deciding(mixture_.experts).empty(); }
  bool late() const { return ascents_.late(); }
  Effort effort() const;
  uword sample_size() const;
  std::size_t enough_places() const;

  void search();
  void record_search(const Search& search, double weight);
  void finish_places(const Optima& optima, Ground& ground);
  void forget_unfinished();
  Finished finish_by_any_name(const EndPoint& place, Ground& ground);
  Finished finish_place(const EndPoint& place, const vec& from, Ground& ground);
  void finish_on_all_rows();
  Finished jump(const vec& from, uword runs, std::uint64_t item, JumpSearch& search, Ground& ground,
                bool rough = false);
  void descend(Ground& sampled, const Context& telling);
  void descend_from(const vec& start);
  void release();
  vec start_parameters() const;
  void from_start();
  void bound_what_runs_away();
  uvec order();

  const Data& data_;
  const Mixture& mixture_;
  Mixture dense_;
  const Options& options_;
  const Start& start_;
  Context context_;
  Timer timer_;
  Prepared prepared_;
  Ascents ascents_;
  Ground all_;
  Context telling_;
  std::unique_ptr<JumpSearch> full_;  ///< on all rows, where active sets change
  uvec idle_;                         ///< parameters that stay at zero while a dense gate is climbed
  Finalists finalists_;
  Record record_;
};

/// A number of starts that a user gives stands for itself, and for as many hops in a row at most.
inline Effort FitJob::effort() const {
  if (layout().experts == 1) return {1, 0, 0};
  Effort out = times(share_of_usual(options_.search), detail::effort(data_.rows(), layout().experts));
  if (options_.starts > 0) {
    out.starts = options_.starts;
    out.patience = std::min(out.patience, out.starts);
  }
  return out;
}

inline uword FitJob::sample_size() const {
  const uword each = mixture_.family->recodes() ? sample_rows_a_parameter : sample_rows_a_class_parameter;
  return std::max(sample_rows_least, each * layout().parameters);
}

/// The search's optima, finished on the likelihood: on a sample where there are many rows.
inline void FitJob::search() {
  const uvec rows = sample_rows(data_, sample_size(), options_.seed);
  const Sample sample(data_, prepared_.design, prepared_.scaling, rows);
  Ground sampled(sample.data(), sample.columns(), Scaling::identity(sample.design.n_cols), dense_, layout(), context_);
  const double weight = arma::accu(sample.weight);
  const Context telling = ascents_.telling(weight);
  const auto spiked = [&](const EndPoint& end) { return ascents_.spiked(end, sampled); };
  Search search(dense_, layout(), sample, ascents_.stages(weight), idle_, tied_set(ascents_.ties(), layout()),
                options_.seed, spiked, telling);
  search.run(effort());
  record_search(search, weight);
  finish_places(search.optima(), sampled);
  forget_unfinished();
  if (jumps()) return descend(sampled, telling);
  if (rows.n_elem < data_.rows()) finish_on_all_rows();
}

inline void FitJob::record_search(const Search& search, double weight) {
  const Optima& optima = search.optima();
  for (std::size_t i : optima.order()) {
    const Optimum& one = optima.list()[i];
    record_.optima.push_back({ascents_.user_value(one.value, weight), one.starts, one.hops, one.spiked});
  }
  record_.starts = search.starts();
  record_.hops = search.hops();
  record_.unseen = layout().experts > 1 ? optima.unseen() : 0.0;
  record_.passes += search.passes();
}

/// How many sound places are finished. Where there are no scales what steers ranks them, so that the first is the best.
inline std::size_t FitJob::enough_places() const {
  if (jumps()) return most_places;
  return layout().has_scales() ? kept_places : 1;
}

/// Finishes the best optima, which are in the order of the record; when time is up, still the very best. An expert may
/// collapse, or turn out to be a spike, only now that nothing steers.
inline void FitJob::finish_places(const Optima& optima, Ground& ground) {
  std::size_t finished = 0;
  for (std::size_t i : optima.order()) {
    const bool sound = !finalists_.empty() && finalists_.best().faults() == 0;
    if (!finalists_.empty() && (late() || finished >= (sound ? enough_places() : most_places))) return;
    EndPoint place = optima.list()[i];
    place.runs = optima.list()[i].starts;
    Finished end = layout().has_scales() ? finish_place(place, place.point, ground) : finish_by_any_name(place, ground);
    record_.optima[finished].spiked = end.faults() > 0;
    finalists_.consider(std::move(end));
    ++finished;
  }
}

/// What a climb that time ran out for has left is no optimum that was seen.
inline void FitJob::forget_unfinished() {
  auto& seen = record_.optima;
  seen.erase(std::remove_if(seen.begin(), seen.end(), [](const SeenOptimum& o) { return o.starts + o.hops == 0; }),
             seen.end());
}

/// The maximum of the likelihood from a place that the search found, with a bounded gate where that is separated. Where
/// experts have no scale, separated ones have no likelihood to compare, and what steered the search ranks them, after
/// those of which an expert is empty.
inline Finished FitJob::finish_place(const EndPoint& place, const vec& from, Ground& ground) {
  SmoothSettings settings = resumed();
  settings.held = idle_;
  Finished out = ascents_.finish(from, settings, place.runs, ground);
  if (!out.found()) return out;
  out.steered = from;
  if (!jumps()) out = with_sound_gate(ascents_, std::move(out), ground);
  if (layout().has_scales()) return out;
  out.rank = place.rank;
  out.weak = layout().experts > 1 && out.mass.min() < least_held;
  return out;
}

/// Where classes or gates separate, the way to the end depends on which expert is the reference, and on where exactly
/// it begins: the best end from every reference, from the very optimum of what steers.
inline Finished FitJob::finish_by_any_name(const EndPoint& place, Ground& ground) {
  constexpr double least_gain = 1e-6;
  const auto better = [](const Finished& a, const Finished& b) {
    return a.weak != b.weak ? b.weak : a.log_likelihood > b.log_likelihood + least_gain;
  };
  const uvec by_size = arma::stable_sort_index(place.gate_mass, "descend");
  const Objective steering = ascents_.stages(arma::accu(place.mass)).back();
  const AscentState settled = ascents_.climb(place.point, steering, resumed(), ground.fold);
  const vec from = settled.point.empty() ? place.point : settled.point;
  Finished best;
  for (uword first = 0; first < layout().experts && (first == 0 || !late()); ++first) {
    uvec order = by_size;
    std::rotate(order.begin(), order.begin() + first, order.end());
    arma::sp_mat relabel = relabelling(layout(), order);
    if (!ascents_.ties().kept_by(relabel)) relabel.eye();
    Finished end = finish_place(place, vec(relabel * from), ground);
    if (end.found() && (!best.found() || better(end, best))) best = std::move(end);
  }
  return best;
}

/// From the best places on the sample to the maxima of the whole likelihood.
inline void FitJob::finish_on_all_rows() {
  const std::vector<Finished> found = finalists_.take();
  const uword climbs = finalists_.finished;
  for (std::size_t i = 0; i < std::min(places_on_all_rows, found.size()); ++i)
    if (i == 0 || !late()) finalists_.consider(finish_place(found[i], found[i].steered, all_));
  finalists_.finished = climbs;
}

inline vec FitJob::start_parameters() const {
  return ParameterMap(layout(), prepared_.scaling).to_recoded(parameters_of(layout(), prepared_.kept, start_));
}

inline void FitJob::from_start() {
  SmoothSettings settings;
  record_.starts = 1;
  if (start_.responsibilities.empty()) {
    if (ascents_.bounded())
      require(ascents_.set().contains(start_parameters()), "fit", "start", "lies outside the bounds");
    if (jumps()) return descend_from(start_parameters());
    return finalists_.consider(ascents_.finish(start_parameters(), settings, 1, all_));
  }
  settings.given = steps_given;
  Random random(options_.seed, 0);
  finalists_.consider(ascents_.finish(blank_point(layout(), random), settings, 1, all_));
  if (jumps() && !finalists_.empty()) descend_from(vec(finalists_.best().point));
}

/// By decreasing average gate probability; a start's labels are kept, those that ties name, and those of a gate that
/// breaks ties by them.
inline uvec FitJob::order() {
  const Finished& best = finalists_.best();
  const uvec as_found = arma::regspace<uvec>(0, layout().experts - 1);
  if (!start_.gate.empty()) return as_found;
  const uvec order = order_within(interchangeable(ascents_.ties(), layout()), best.gate_mass);
  if (!jumps()) return order;
  const vec renamed = relabelling(layout(), order) * best.point;
  const double value = full_->fold()({renamed, {}, {}})[0].log_likelihood;
  const double before = full_->fold()({best.point, {}, {}})[0].log_likelihood;
  return std::abs(value - before) <= 1e-9 * std::abs(before) ? order : as_found;
}

/// Bounds gate and experts whose maximum is at infinity, and names them. A temperature at its bound makes every gate
/// hard: that is no separation to speak of.
inline void FitJob::bound_what_runs_away() {
  record_.reached = finalists_.best().runs;
  if (ascents_.bounded()) return;
  if (jumps()) {
    SmoothSettings settings;
    settings.held = full_->deciding();
    ascents_.bound_experts(finalists_.best(), settings, full_->fold());
    finalists_.best() = ascents_.ranked(std::move(finalists_.best()), all_);
  }
  record_.runaways = runaways(ascents_, finalists_.best());
  if (!jumps() && start_.given()) finalists_.best() = with_sound_gate(ascents_, std::move(finalists_.best()), all_);
}

inline Fit FitJob::run() {
  const OneBlasThread blas;
  start_.given() ? from_start() : search();
  if (finalists_.empty()) throw numerical_error("fit", "start", "no start has a finite likelihood");
  bound_what_runs_away();
  for (uword k : spiked_experts(options_.spike, all_, mixture_, layout(), finalists_.best(), context_))
    record_.spikes.push_back({k, {}});
  if (jumps()) release();
  record_.finished = finalists_.finished;
  record_.passes += ascents_.passes;
  record_.seconds = timer_.seconds();
  const bool only_jumps = mixture_.gate->hard(mixture_.experts);
  const uvec unidentified = only_jumps ? JumpSearch::deciding_parameters(mixture_, layout()) : uvec();
  return present(data_, mixture_, prepared_, finalists_.best(), order(), finalists_.best().separation, unidentified,
                 options_, record_);
}

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#include "job_jumps.hpp"
