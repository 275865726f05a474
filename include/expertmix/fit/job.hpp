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

/// What a search may cost: short runs, and climbs from the best of their end points.
struct Effort {
  uword starts, climbs;
};

/// Short runs cost milliseconds on small data, and a climb not much more on the smallest.
inline Effort effort(uword rows) {
  if (rows <= 1000) return {150, 40};
  if (rows <= 10000) return {60, 8};
  return {30, 8};
}

/// Rows of the sample on which a search runs: so many, or so many a parameter where that is more. Classes and counts
/// tell less about a parameter than numbers do.
constexpr uword sample_rows_least = 4000, sample_rows_a_parameter = 20, sample_rows_a_class_parameter = 100;

/// Places that a search keeps. Where active sets change, a dense gate's maxima say less about the order of those that
/// follow, and more of them are kept.
constexpr std::size_t kept_places = 3, kept_dense_places = 6;

/// Of the places on the sample the best two are climbed on all rows: the second in case the sample misjudges them.
constexpr std::size_t places_on_all_rows = 2;

/// Split-and-merge moves come in rounds, each from the best point so far: cheap short runs sort them, costly climbs are
/// for the best. A smaller gain in rank is none, and ends them.
constexpr uword move_rounds = 3;
constexpr std::size_t moves_a_round = 8, climbs_a_round = 2;
constexpr double least_gain = 1e-6;

/// Settings of a climb from where another run ended: it is near an end, and few EM steps show where Newton's lead.
inline SmoothSettings resumed() {
  SmoothSettings settings;
  settings.warm = 3;
  return settings;
}

/// One fit: from a search's short runs or a given start to the best maximum.
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
        ascents_(mixture_, prepared_, options_, context_),
        all_(data, prepared_.design.pointers, prepared_.scaling, dense_, layout(), context_,
             start.responsibilities.empty() ? nullptr : &start.responsibilities),
        telling_(ascents_.telling(prepared_.weight)),
        finalists_(jumps() ? kept_dense_places : kept_places) {
    if (jumps()) require(!options.bounds.given(), "fit", "bounds", "are not for top-K gates, whose likelihood jumps");
    if (jumps()) full_ = std::make_unique<JumpSearch>(mixture_, dense_, layout(), all_.source, telling_);
  }

  Fit run();

 private:
  const Layout& layout() const { return prepared_.layout; }
  bool jumps() const { return !mixture_.gate->deciding(mixture_.experts).empty(); }
  bool late() const { return ascents_.late(); }
  uword starts() const;
  uword sample_size() const;

  void search();
  template <class Places>
  void climb_from(const Places& found, std::size_t most, Ground& ground);
  void move(Search& search, Ground& ground);
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
  Finalists finalists_;
  mat separation_;
  Record record_;
};

inline uword FitJob::starts() const {
  if (options_.starts > 0) return options_.starts;
  return layout().experts == 1 ? 1 : effort(data_.rows()).starts;
}

inline uword FitJob::sample_size() const {
  const uword each = mixture_.family->recodes() ? sample_rows_a_parameter : sample_rows_a_class_parameter;
  return std::max(sample_rows_least, each * layout().parameters);
}

/// Short runs, climbs from where they ended, and moves from the best: on a sample where there are many rows.
inline void FitJob::search() {
  const uvec rows = sample_rows(data_, sample_size(), options_.seed);
  const Sample sample(data_, prepared_.design, prepared_.scaling, rows);
  Ground sampled(sample.data(), sample.columns(), Scaling::identity(sample.design.n_cols), dense_, layout(), context_);
  const Context telling = ascents_.telling(arma::accu(sample.weight));
  Search search(dense_, layout(), sample, ascents_.guarded(), options_.seed, telling);
  record_.starts = starts();
  climb_from(search.short_runs(record_.starts), effort(data_.rows()).climbs, sampled);
  if (layout().experts > 2 && !finalists_.empty()) move(search, sampled);
  record_.passes += search.passes();
  if (jumps()) return descend(sampled, telling);
  if (rows.n_elem < data_.rows()) finish_on_all_rows();
}

/// Climbs from the first `most` places; when time is up, still from the very first.
template <class Places>
void FitJob::climb_from(const Places& found, std::size_t most, Ground& ground) {
  for (std::size_t i = 0; i < std::min(most, found.size()); ++i)
    if (i == 0 || !late()) finalists_.consider(ascents_.finish(found[i].point, resumed(), found[i].runs, ground));
}

/// Split-and-merge moves from the best point as long as they lead higher.
inline void FitJob::move(Search& search, Ground& ground) {
  for (uword round = 0; round < move_rounds && !late(); ++round) {
    const double before = finalists_.best().rank;
    const auto found = search.moved_runs(finalists_.best().point, moves_a_round, round);
    for (std::size_t i = 0; i < std::min<std::size_t>(climbs_a_round, found.size()) && !late(); ++i)
      finalists_.consider(ascents_.finish(found[i].point, resumed(), 0, ground));
    if (finalists_.best().rank < before + least_gain) return;
  }
}

/// From the best places on the sample to the maxima of the whole likelihood.
inline void FitJob::finish_on_all_rows() {
  const std::vector<Finished> found = finalists_.take();
  const uword climbs = finalists_.finished;
  climb_from(found, places_on_all_rows, all_);
  finalists_.finished = climbs;
}

inline vec FitJob::start_parameters() const {
  return ParameterMap(layout(), prepared_.scaling).to_recoded(parameters_of(layout(), prepared_.kept, start_));
}

inline void FitJob::from_start() {
  SmoothSettings settings;
  record_.starts = 1;
  if (start_.responsibilities.empty()) {
    require(ascents_.set().contains(start_parameters()), "fit", "start", "lies outside the bounds");
    if (jumps()) return descend_from(start_parameters());
    return finalists_.consider(ascents_.finish(start_parameters(), settings, 1, all_));
  }
  settings.given = steps_given;
  Random random(options_.seed, 0);
  finalists_.consider(ascents_.finish(blank_point(layout(), random), settings, 1, all_));
  if (jumps() && !finalists_.empty()) descend_from(vec(finalists_.best().point));
}

/// By decreasing average gate probability; a start's labels are kept, and those of a gate that breaks ties by them.
inline uvec FitJob::order() {
  const Finished& best = finalists_.best();
  const uvec as_found = arma::regspace<uvec>(0, layout().experts - 1);
  if (!start_.gate.empty()) return as_found;
  const uvec order = arma::stable_sort_index(best.gate_mass, "descend");
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
  if (ascents_.set().given()) return;
  if (jumps()) {
    SmoothSettings settings;
    settings.held = full_->deciding();
    ascents_.bound_experts(finalists_.best(), settings, full_->fold());
    finalists_.best() = ascents_.ranked(std::move(finalists_.best()), all_);
  }
  record_.runaways = runaways(ascents_, finalists_.best());
  const mat direction = jumps() ? mat() : gate_separation(ascents_, finalists_.best());
  if (direction.empty() || late()) return;
  Finished bounded = bounded_gate(ascents_, finalists_.best(), all_);
  if (!bounded.found()) return;
  finalists_.best() = std::move(bounded);
  if (!finalists_.best().drifted) separation_ = direction;
}

inline Fit FitJob::run() {
  const OneBlasThread blas;
  start_.given() ? from_start() : search();
  if (finalists_.empty()) throw numerical_error("fit", "start", "no start has a finite likelihood");
  bound_what_runs_away();
  for (uword k : spiked_experts(all_, mixture_, layout(), finalists_.best(), context_))
    record_.spikes.push_back({k, {}});
  if (jumps()) release();
  record_.finished = finalists_.finished;
  record_.optima = finalists_.optima;
  record_.passes += ascents_.passes;
  record_.seconds = timer_.seconds();
  const bool only_jumps = mixture_.gate->hard(mixture_.experts);
  const uvec unidentified = only_jumps ? JumpSearch::deciding_parameters(mixture_, layout()) : uvec();
  return present(data_, mixture_, prepared_, finalists_.best(), order(), separation_, unidentified, options_, record_);
}

}  // namespace detail

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix

#include "job_jumps.hpp"
