#pragma once

#include <chrono>

#include "model/gaussian.hpp"
#include "model/softmax.hpp"
#include "one_expert.hpp"
#include "search.hpp"
#include "solver/relabel.hpp"
#include "version.hpp"

namespace expertmix {

namespace detail {

/// The steps of `fit`, in order, with what they share.
class FitJob {
 public:
  FitJob(const Data& data, uword experts, bool common_sigma, const Options& options, const Start& start,
         const Context& context);

  Fit run();

 private:
  /// A finished climb: which objective it ended on and how it ranks.
  struct Finished {
    ClimbState state;
    Objective objective;
    double rank = -arma::datum::inf;
    double log_likelihood = -arma::datum::inf;
    bool guarded = false;
  };

  void regress();
  Objective plain() const { return {0.0, residual_variance_, 0.0}; }
  Objective guarded() const { return {options_.guard / weight_, residual_variance_, 0.0}; }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }
  std::string watch(const ClimbState& state) const;

  ClimbState climb(const vec& from, Objective objective, ClimbSettings settings);
  Finished finish(const vec& from, ClimbSettings settings);
  bool collapsed(const ClimbState& state) const;
  bool better(const Finished& a, const Finished& b) const;

  void search();
  void move(Search& search);
  void consider(Finished finished, uword runs);
  void from_start();
  vec start_parameters() const;
  void count_reached();
  void bound_gate();
  mat separation() const;
  void name_experts(const uvec& order, const Fit& out);
  uvec order() const;
  Fit result();
  void describe(const Layout& layout, const vec& parameters, Fit& out) const;

  const Data& data_;
  const Mixture mixture_;
  Options options_;
  const Start& start_;
  Context context_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();

  UnionDesign design_;
  Scaling scaling_;
  double weight_ = 0.0, residual_variance_ = 1.0;
  std::vector<bool> gate_aliased_, experts_aliased_;
  std::vector<uword> gate_kept_, experts_kept_;
  Layout layout_;
  std::unique_ptr<Memory> source_;
  std::unique_ptr<Fold> fold_;
  Finished best_;
  mat separation_;
  std::vector<uword> runs_;  ///< short runs behind each finished run
  Record record_;
};

inline FitJob::FitJob(const Data& data, uword experts, bool common_sigma, const Options& options, const Start& start,
                      const Context& context)
    : data_(data), mixture_(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(common_sigma), experts),
      options_(options), start_(start), context_(context) {
  data.check("fit");
  require(experts >= 1 && experts <= data.rows(), "fit", "experts",
          "must be between 1 and the number of rows, " + std::to_string(data.rows()));
  for (uword i = 0; i < data.rows(); ++i) weight_ += data.row_weight(i);
  design_ = union_design(data);
  scaling_ = standardising(data, design_);
  if (scaling_.response_scale == 0.0) throw degenerate_error("fit", "y", "the response is constant");
}

/// The two regressions on the experts' and the gate's columns: what is aliased, and the scale of the variance guard.
inline void FitJob::regress() {
  const Memory source(data_, design_.pointers, scaling_);
  const OneExpert experts = one_expert(source, design_.columns.experts, design_.columns.count, context_);
  experts_aliased_ = experts.aliased;
  gate_aliased_ = design_.columns.gate == design_.columns.experts
                      ? experts.aliased
                      : one_expert(source, design_.columns.gate, design_.columns.count, context_).aliased;
  Columns columns;
  columns.count = design_.columns.count;
  for (uword j = 0; j < experts_aliased_.size(); ++j)
    if (!experts_aliased_[j]) experts_kept_.push_back(j), columns.experts.push_back(design_.columns.experts[j]);
  for (uword j = 0; j < gate_aliased_.size(); ++j)
    if (!gate_aliased_[j]) gate_kept_.push_back(j), columns.gate.push_back(design_.columns.gate[j]);
  require(!columns.experts.empty(), "fit", "x", "every column is zero");
  require(!columns.gate.empty(), "fit", "z", "every column is zero");
  const uword rows = data_.weight.empty() ? data_.rows() : arma::accu(data_.weight > 0.0);
  const bool exact = experts.residual_variance < 1e-20;
  if (exact && rows > columns.experts.size())
    throw degenerate_error("fit", "y", "one expert fits the response exactly: the likelihood has no maximum");
  residual_variance_ = exact ? 1.0 : experts.residual_variance;
  layout_ = mixture_.layout(columns);
}

inline std::string FitJob::watch(const ClimbState& state) const {
  context_.report({"climb", static_cast<double>(state.iterations), static_cast<double>(options_.iterations),
                   state.at.log_likelihood});
  return seconds() > options_.time_limit ? "time limit" : "";
}

inline ClimbState FitJob::climb(const vec& from, Objective objective, ClimbSettings settings) {
  settings.method = options_.method;
  settings.iterations = options_.iterations;
  settings.tolerance = options_.tolerance;
  Climb climb(mixture_, layout_, objective, settings);
  climb.start(from);
  expertmix::run(climb, [this](const Request& request) { return (*fold_)(request); },
                 [this](const ClimbState& state) { return watch(state); });
  record_.passes += climb.state.passes;
  return climb.state;
}

/// An expert has collapsed where its sigma is below 1e-3 of one expert's residual sd or its mass below p + 1.
inline bool FitJob::collapsed(const ClimbState& state) const {
  const double least = static_cast<double>(layout_.columns.experts.size());
  return state.collapsed || (layout_.experts > 1 && state.at.mass.min() < least);
}

/// Climbs the log-likelihood; where an expert collapses, the guarded log-likelihood instead.
inline FitJob::Finished FitJob::finish(const vec& from, ClimbSettings settings) {
  Finished out;
  out.objective = plain();
  settings.smallest_log_sigma = std::log(1e-3) + 0.5 * std::log(residual_variance_);
  out.state = climb(from, out.objective, settings);
  if (options_.guard > 0.0 && collapsed(out.state)) {
    settings.smallest_log_sigma = -arma::datum::inf;
    out.objective = guarded();
    out.state = climb(from, out.objective, settings);
    out.guarded = true;
  }
  if (out.state.point.empty()) return out;
  out.log_likelihood = out.state.at.log_likelihood - out.objective.value(layout_, out.state.point);
  out.rank = out.log_likelihood + guarded().value(layout_, out.state.point);
  return out;
}

inline bool FitJob::better(const Finished& a, const Finished& b) const {
  return a.guarded != b.guarded ? b.guarded : a.rank > b.rank;
}

inline void FitJob::consider(Finished finished, uword runs) {
  ++record_.finished;
  record_.optima.push_back(finished.log_likelihood);
  runs_.push_back(runs);
  if (best_.state.point.empty() || better(finished, best_)) best_ = std::move(finished);
}

inline void FitJob::search() {
  const uword rows = data_.rows(), most = std::max<uword>(3000, 20 * layout_.parameters);
  const Sample sample(data_, design_, scaling_, sample_rows(data_, most, options_.seed));
  Search search(mixture_, layout_, sample, guarded(), options_.seed, context_);
  record_.starts = options_.starts > 0 ? options_.starts : layout_.experts == 1 ? 1 : rows <= 1000 ? 150 : rows <= 10000 ? 60 : 30;
  const auto found = search.short_runs(record_.starts);
  const std::size_t finishing = rows <= 1000 ? 40 : rows <= 10000 ? 6 : 3;
  ClimbSettings settings;
  settings.warm = 3;
  for (std::size_t i = 0; i < std::min(finishing, found.size()); ++i)
    if (i == 0 || seconds() < options_.time_limit) consider(finish(found[i].point, settings), found[i].runs);
  if (layout_.experts > 2 && !best_.state.point.empty()) move(search);
  record_.passes += search.passes();
}

/// Split-and-merge moves from the best point as long as they lead higher, three rounds at most.
inline void FitJob::move(Search& search) {
  ClimbSettings settings;
  settings.warm = 3;
  for (uword round = 0; round < 3 && seconds() < options_.time_limit; ++round) {
    const double before = best_.rank;
    const auto found = search.moved_runs(best_.state.point, 8, round);
    for (std::size_t i = 0; i < std::min<std::size_t>(2, found.size()); ++i)
      consider(finish(found[i].point, settings), 0);
    if (best_.rank < before + 1e-6) return;
  }
}

inline vec FitJob::start_parameters() const {
  vec user(layout_.parameters);
  for (std::size_t p = 0; p < layout_.predictors.size(); ++p) {
    const Predictor& predictor = layout_.predictors[p];
    const uvec kept(predictor.design == Design::gate ? gate_kept_ : experts_kept_);
    if (predictor.design == Design::constant)
      user(layout_.offset[p]) = std::log(start_.sigma(std::min<uword>(predictor.expert, start_.sigma.n_elem - 1)));
    else if (predictor.design == Design::gate)
      user(layout_.span(p)) = vec(start_.gate.col(predictor.expert) - start_.gate.col(0)).elem(kept);
    else
      user(layout_.span(p)) = vec(start_.experts.col(predictor.expert)).elem(kept);
  }
  return ParameterMap(layout_, scaling_).to_recoded(user);
}

inline void FitJob::from_start() {
  ClimbSettings settings;
  record_.starts = 1;
  if (start_.responsibilities.empty()) return consider(finish(start_parameters(), settings), 1);
  require(start_.responsibilities.n_rows == data_.rows() && start_.responsibilities.n_cols == layout_.experts, "fit",
          "start", "responsibilities must be rows x experts");
  settings.given = true;
  consider(finish(vec(layout_.parameters, arma::fill::zeros), settings), 1);
}

/// The gate direction (columns x experts, zero for the reference) that carries almost no information, if there is one:
/// along it the gate's columns separate experts from each other.
inline mat FitJob::separation() const {
  if (layout_.gate_predictors == 0 || layout_.columns.gate.size() < 2) return {};
  vec values;
  mat vectors;
  if (!arma::eig_sym(values, vectors, best_.state.metric.block[0]) || values(0) > 1e-4) return {};
  const mat direction = arma::reshape(vectors.col(0), layout_.size(0), layout_.gate_predictors);
  return arma::join_rows(vec(layout_.size(0), arma::fill::zeros), direction);
}

/// Where the gate is separated: the maximum with bounded slopes, from the same experts and a tamer gate.
inline void FitJob::bound_gate() {
  separation_ = separation();
  if (separation_.empty()) return;
  Objective bounded = best_.objective;
  bounded.bound = 1e-6;
  vec from = best_.state.point;
  const arma::span gate(0, layout_.gate_predictors * layout_.size(0) - 1);
  from(gate) *= std::min(1.0, 10.0 / arma::abs(from(gate)).max());
  ClimbSettings settings;
  best_.objective = bounded;
  best_.state = climb(from, bounded, settings);
  best_.log_likelihood = best_.state.at.log_likelihood - bounded.value(layout_, best_.state.point);
}

inline uvec FitJob::order() const {
  if (!start_.gate.empty()) return arma::regspace<uvec>(0, layout_.experts - 1);
  return arma::stable_sort_index(best_.state.at.gate_mass, "descend");
}

/// Short runs that stand behind the finished runs at the best optimum.
inline void FitJob::count_reached() {
  for (std::size_t i = 0; i < runs_.size(); ++i)
    if (std::abs(record_.optima[i] - best_.log_likelihood) < 1e-4) record_.reached += runs_[i];
}

inline Fit FitJob::run() {
  regress();
  source_ = std::make_unique<Memory>(data_, design_.pointers, scaling_,
                                     start_.responsibilities.empty() ? nullptr : &start_.responsibilities);
  fold_ = std::make_unique<Fold>(*source_, mixture_, layout_, context_);
  start_.gate.empty() && start_.responsibilities.empty() ? search() : from_start();
  if (best_.state.point.empty()) throw numerical_error("fit", "start", "no start has a finite likelihood");
  count_reached();
  bound_gate();
  return result();
}

inline Fit FitJob::result() {
  Fit out;
  const ClimbState& state = best_.state;
  const uvec names = order();
  const arma::sp_mat relabel = relabelling(layout_, names);
  const ParameterMap map(layout_, scaling_);
  out.parameters = map.to_user(vec(relabel * state.point));
  if (state.certificate.maximum)
    out.covariance = map.covariance(mat(relabel * CholeskyFactor(state.at.observed).inverse() * relabel.t()));
  out.mass = vec(state.at.mass.elem(names));
  out.gate_mass = vec(state.at.gate_mass.elem(names));
  out.weight = weight_;
  out.log_likelihood = best_.log_likelihood - weight_ * std::log(scaling_.response_scale);
  out.gate_aliased = gate_aliased_, out.experts_aliased = experts_aliased_;
  describe(layout_, out.parameters, out);

  name_experts(names, out);
  const double shift = weight_ * std::log(scaling_.response_scale);
  for (double& optimum : record_.optima) optimum -= shift;
  std::sort(record_.optima.rbegin(), record_.optima.rend());
  for (double value : state.trace) record_.trace.push_back(value - shift);
  record_.objective = best_.objective.description();
  record_.objective_value = state.at.log_likelihood - shift;
  record_.method = state.method;
  record_.status = state.status;
  record_.converged = state.converged;
  record_.certificate = state.certificate;
  record_.iterations = state.iterations;
  record_.tolerance = options_.tolerance;
  record_.seed = options_.seed;
  record_.version = version;
  record_.seconds = seconds();
  out.record = record_;
  return out;
}

/// Experts, under their new names, that are empty, held by the variance guard, or separated from the reference.
inline void FitJob::name_experts(const uvec& order, const Fit& out) {
  const double least = static_cast<double>(layout_.columns.experts.size());
  const double guard = 2.0 * best_.objective.guard * residual_variance_ * scaling_.response_scale * scaling_.response_scale;
  for (uword k = 0; k < layout_.experts; ++k) {
    if (out.mass(k) < 1.0) record_.empty.push_back(k);
    if (best_.guarded && (out.mass(k) < least || guard > 0.5 * out.mass(k) * out.sigma(k) * out.sigma(k)))
      record_.collapsed.push_back(k);
  }
  if (separation_.empty()) return;
  mat direction = separation_.cols(order);
  direction.each_col() -= vec(direction.col(0));
  const arma::rowvec part = arma::sqrt(arma::sum(arma::square(direction), 0));
  for (uword k = 1; k < layout_.experts; ++k)
    if (part(k) > 0.3 * part.max()) record_.separated.push_back(k);
}

inline void FitJob::describe(const Layout& layout, const vec& parameters, Fit& out) const {
  out.gate.zeros(data_.z.n_cols, layout.experts);
  out.experts.zeros(data_.x.n_cols, layout.experts);
  out.sigma.zeros(layout.experts);
  out.parameter_predictor.resize(layout.parameters);
  out.parameter_column.resize(layout.parameters);
  for (std::size_t p = 0; p < layout.predictors.size(); ++p) {
    const Predictor& predictor = layout.predictors[p];
    for (uword j = 0; j < layout.size(p); ++j) {
      const uword at = layout.offset[p] + j;
      out.parameter_predictor[at] = predictor.name;
      if (predictor.design == Design::constant) {
        if (predictor.expert < layout.experts) out.sigma(predictor.expert) = std::exp(parameters(at));
        else out.sigma.fill(std::exp(parameters(at)));
      } else {
        const bool gate = predictor.design == Design::gate;
        out.parameter_column[at] = gate ? gate_kept_[j] : experts_kept_[j];
        (gate ? out.gate : out.experts)(out.parameter_column[at], predictor.expert) = parameters(at);
      }
    }
  }
}

}  // namespace detail

inline Fit fit(const Data& data, uword experts, bool common_sigma, const Options& options, const Start& start,
               const Context& context) {
  return detail::FitJob(data, experts, common_sigma, options, start, context).run();
}

}  // namespace expertmix
