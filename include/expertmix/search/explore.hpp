#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../base/random.hpp"
#include "../mixture/request.hpp"
#include "../model/layout.hpp"
#include "../solver/linear_system.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {
namespace detail {

/// How an exploration goes about it.
struct ExploreSettings {
  double step = 0.5;            ///< first standard deviation of its steps, in units of the dense gate's standard errors
  double smallest_step = 0.01;  ///< it ends there
  uword points = 16;            ///< in one generation, which is one pass
  double steepest = 1e3;        ///< largest coefficient of a point that it returns, for standardised columns
  std::vector<Bound> bounds;    ///< that such a point keeps to
};

/// Plain data, so that it can be stored and taken up again. Vectors and matrices are in whitened coordinates.
struct ExploreState {
  vec best;            ///< the highest point so far
  double value = 0.0;  ///< and its likelihood
  double start = 0.0;  ///< likelihood at the start
  vec mean, path, step_path;
  mat covariance, factor, sample;
  double step = 0.0;
  uword generation = 0;
};

/// Looks for higher ground of a likelihood that jumps where the active sets of a top-K gate change, and so has no
/// derivative to follow there: an evolution strategy with covariance adaptation (Hansen 2016, arXiv:1604.00772) in the
/// coefficients that decide the active sets, started in the metric of the dense gate. It compares true likelihoods only
/// and returns the highest point that it met, at worst its start.
class Exploration {
 public:
  /// `metric` is the information of the dense gate among the `deciding` parameters; where it cannot be used, their own
  /// unit is.
  Exploration(ExploreSettings settings, uvec deciding, const mat& metric, Random random)
      : settings_(std::move(settings)), deciding_(std::move(deciding)), random_(random) {
    const Information whole = regularised({{0}, {metric}});
    if (!metric.is_finite() || !arma::chol(root_, whole.block[0])) root_.eye(arma::size(metric));
    rank();
  }

  ExploreState state;

  void start(const vec& point, double value) {
    const uword d = deciding_.n_elem;
    state.best = point_ = point;
    state.value = state.start = value;
    state.mean.zeros(d);
    state.path.zeros(d);
    state.step_path.zeros(d);
    state.covariance.eye(d, d);
    state.step = settings_.step;
    propose();
  }

  uword most_generations() const { return 60 + 30 * deciding_.n_elem; }
  bool finished() const { return state.step < settings_.smallest_step || state.generation > most_generations(); }

  Request ask() const {
    Request request;
    request.gate_alone = true;
    request.parameters.set_size(point_.n_elem, settings_.points);
    for (uword i = 0; i < settings_.points; ++i) request.parameters.col(i) = point_at(candidate(i));
    return request;
  }

  void tell(const std::vector<Statistics>& at) {
    vec value(at.size());
    for (std::size_t i = 0; i < at.size(); ++i) value(i) = allowed(i, at[i]) ? at[i].log_likelihood : -arma::datum::inf;
    const uvec order = arma::stable_sort_index(value, "descend");
    if (value(order(0)) > state.value) {
      state.value = value(order(0));
      state.best = point_at(candidate(order(0)));
    }
    adapt(order);
    ++state.generation;
    propose();
  }

 private:
  /// Weights of the better half, and the rates at which paths, covariance and step follow (ibid., table 1).
  void rank() {
    const auto d = static_cast<double>(deciding_.n_elem);
    weight_.set_size(settings_.points / 2);
    for (uword i = 0; i < weight_.n_elem; ++i)
      weight_(i) =
          std::log(0.5 * (static_cast<double>(settings_.points) + 1.0)) - std::log(static_cast<double>(i) + 1.0);
    weight_ /= arma::accu(weight_);
    effective_ = 1.0 / arma::accu(arma::square(weight_));
    path_rate_ = (4.0 + effective_ / d) / (d + 4.0 + 2.0 * effective_ / d);
    step_rate_ = (effective_ + 2.0) / (d + effective_ + 5.0);
    one_rate_ = 2.0 / (std::pow(d + 1.3, 2) + effective_);
    many_rate_ =
        std::min(1.0 - one_rate_, 2.0 * (effective_ - 2.0 + 1.0 / effective_) / (std::pow(d + 2.0, 2) + effective_));
    damping_ = 1.0 + 2.0 * std::max(0.0, std::sqrt((effective_ - 1.0) / (d + 1.0)) - 1.0) + step_rate_;
    expected_ = std::sqrt(d) * (1.0 - 1.0 / (4.0 * d) + 1.0 / (21.0 * d * d));
  }

  bool allowed(uword i, const Statistics& at) const {
    const vec point = point_at(candidate(i));
    const auto& bounds = settings_.bounds;
    const auto passed = [&](const Bound& bound) { return bound.passed(point(bound.parameter)); };
    return at.gap > 1e-10 && arma::abs(vec(point.elem(deciding_))).max() <= settings_.steepest &&
           std::none_of(bounds.begin(), bounds.end(), passed);
  }

  vec candidate(uword i) const { return state.mean + state.step * (state.factor * state.sample.col(i)); }

  vec point_at(const vec& whitened) const {
    vec point = point_;
    point.elem(deciding_) += arma::solve(arma::trimatu(root_), whitened, arma::solve_opts::fast);
    return point;
  }

  /// Ends where rounding has taken the covariance.
  void propose() {
    if (!state.covariance.is_finite() || !arma::chol(state.factor, state.covariance, "lower")) state.step = 0.0;
    state.sample.set_size(deciding_.n_elem, settings_.points);
    state.sample.imbue([&] { return random_.normal(); });
  }

  void adapt(const uvec& order) {
    const mat chosen = state.sample.cols(order.head(weight_.n_elem));
    const vec drift = chosen * weight_, move = state.factor * drift;
    state.mean += state.step * move;
    state.step_path =
        (1.0 - step_rate_) * state.step_path + std::sqrt(step_rate_ * (2.0 - step_rate_) * effective_) * drift;
    const double length = arma::norm(state.step_path);
    const bool straight = length < (1.4 + 2.0 / (static_cast<double>(deciding_.n_elem) + 1.0)) * expected_;
    state.path *= 1.0 - path_rate_;
    if (straight) state.path += std::sqrt(path_rate_ * (2.0 - path_rate_) * effective_) * move;
    const mat steps = state.factor * chosen;
    state.covariance = (1.0 - one_rate_ - many_rate_) * state.covariance + one_rate_ * state.path * state.path.t() +
                       many_rate_ * steps * arma::diagmat(weight_) * steps.t();
    state.step *= std::exp(step_rate_ / damping_ * (length / expected_ - 1.0));
  }

  ExploreSettings settings_;
  uvec deciding_;
  Random random_;
  vec point_, weight_;
  mat root_;
  double effective_, path_rate_, step_rate_, one_rate_, many_rate_, damping_, expected_;
};

}  // namespace detail
}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
