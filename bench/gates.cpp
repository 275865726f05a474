/// What the EM pass (likelihood, score, EM information) of every registered gate costs against the softmax gate's, at
/// (n, p, K) = (1e5, 10, 4); whether activation gates recover the truth; and how top-K gates fare on simulated data.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <vector>

#include "expertmix/expertmix.hpp"
#include "expertmix/mixture/registry.hpp"
#include "expertmix/source/fold.hpp"
#include "expertmix/source/memory.hpp"

namespace {

using namespace expertmix;
using namespace expertmix::detail;

template <class Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The least time of a few passes, in milliseconds.
double pass_time(const std::shared_ptr<const Gate>& gate, const Data& data) {
  const Mixture mixture(gate, families().at("gaussian"), 4);
  const UnionDesign design =
      gate->splits(4) ? split_design(data, 0, vec(data.gate().n_cols, arma::fill::zeros)) : union_design(data);
  const Layout layout = mixture.layout(design.columns);
  const Memory source(data, design.pointers, Scaling::identity(design.columns.count));
  const Context context;
  Fold fold(source, mixture, layout, context);
  Random random(1, layout.parameters);
  vec parameters(layout.parameters);
  parameters.imbue([&] { return 0.3 * random.normal(); });
  double least = arma::datum::inf;
  for (int repeat = 0; repeat < 7; ++repeat)
    least = std::min(least, seconds([&] { fold({parameters, {true, true, false}, {}}); }));
  return 1e3 * least;
}

void compare_passes() {
  Random random(1, 0);
  mat x(100000, 11);
  vec y(x.n_rows);
  x.imbue([&] { return random.normal(); }), y.imbue([&] { return random.normal(); });
  x.col(0).ones();
  std::map<std::string, std::vector<double>> ratios;
  for (int round = 0; round < 7; ++round) {
    const double softmax = pass_time(gates().at("softmax"), Data(x, y));
    for (const auto& [name, gate] : gates()) ratios[name].push_back(pass_time(gate, Data(x, y)) / softmax);
  }
  std::printf("EM pass against the softmax gate's, n = 100000, p = 10, K = 4 (median of 7 rounds)\n");
  for (auto& [name, list] : ratios) {
    std::sort(list.begin(), list.end());
    std::printf("%-65s %5.2f\n", name.c_str(), list[list.size() / 2]);
  }
}

/// Data of a top-K mixture with standard normal coefficients and sigma 0.7.
struct Simulated {
  Simulated(uword experts, uword active, std::uint64_t seed)
      : x(10000, 6, arma::fill::ones), y(10000, arma::fill::zeros) {
    Random random(seed, experts * 10 + active);
    const auto normal = [&] { return random.normal(); };
    x.tail_cols(5).imbue(normal);
    truth.gate.set_size(6, experts);
    truth.gate.imbue(normal);
    truth.gate.each_col() -= vec(truth.gate.col(0));
    truth.experts.set_size(6, experts);
    truth.experts.imbue(normal);
    truth.sigma = vec(experts, arma::fill::value(0.7));
    const Mixture mixture = this->mixture(active);
    const mat pi = gate_probabilities(Data(x, y), mixture, truth), mean = expert_means(Data(x, y), mixture, truth);
    for (uword i = 0; i < y.n_elem; ++i) {
      double u = random.uniform();
      uword k = 0;
      while (k + 1 < experts && u >= pi(i, k)) u -= pi(i, k++);
      while (pi(i, k) == 0.0) --k;
      y(i) = mean(i, k) + 0.7 * random.normal();
    }
  }

  Mixture mixture(uword active) const {
    GateChoices choices;
    choices.top_k = active;
    return Mixture(std::make_shared<SoftmaxGate>(choices), families().at("gaussian"), truth.sigma.n_elem);
  }

  /// Root mean squared error of the experts' coefficients, over all namings.
  double error(const Coefficients& at) const {
    std::vector<uword> order(truth.sigma.n_elem);
    for (uword k = 0; k < order.size(); ++k) order[k] = k;
    double least = arma::datum::inf;
    do least = std::min(least, arma::accu(arma::square(at.experts.cols(uvec(order)) - truth.experts)));
    while (std::next_permutation(order.begin(), order.end()));
    return std::sqrt(least / truth.experts.n_elem);
  }

  mat x;
  vec y;
  Coefficients truth;
};

void fit_top_k() {
  std::printf(
      "\ntop-K fits, n = 10000, p = 5, eight data sets: log-likelihood above the truth's; error of the experts over "
      "that "
      "of a fit from the truth; seconds\n");
  for (const auto& [experts, active] : {std::pair<uword, uword>{2, 1}, {3, 1}, {3, 2}, {4, 1}, {4, 2}}) {
    uword reached = 0;
    double slowest = 0.0, worst = 0.0;
    std::printf("K = %d, active %d:", static_cast<int>(experts), static_cast<int>(active));
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const Simulated s(experts, active, seed);
      const Data data(s.x, s.y);
      const Mixture mixture = s.mixture(active);
      Start truth;
      static_cast<Coefficients&>(truth) = s.truth;
      const Fit from_truth = fit(data, mixture, {}, truth);
      double gain = 0.0;
      slowest = std::max(slowest, seconds([&] {
                           const Fit found = fit(data, mixture);
                           gain = found.log_likelihood - arma::accu(log_density(data, mixture, s.truth));
                           worst = std::max(worst, s.error(found) / s.error(from_truth));
                         }));
      reached += gain >= -1.0;
      std::printf(" %.1f", gain);
      std::fflush(stdout);
    }
    std::printf("\n  reached %d of 8; worst error ratio %.2f; slowest %.1f s\n", static_cast<int>(reached), worst,
                slowest);
  }
}

/// Largest deviation of a fit from the truth in standard errors, over the two namings and the reflection.
double deviation(const Fit& fit, const Coefficients& truth, bool reflects) {
  const uvec swapped{1, 0};
  double least = arma::datum::inf;
  for (bool swap : {false, true})
    for (bool reflect : {false, true}) {
      if (reflect && !reflects) continue;
      Coefficients named = truth;
      if (swap) {
        named.gate = mat(truth.gate.cols(swapped));
        named.experts = mat(truth.experts.cols(swapped));
        named.gate.row(0) -= named.gate(0, 0);
      }
      if (reflect) named.gate.tail_rows(2) = mat(-named.gate.tail_rows(2)).cols(swapped);
      const Layout layout = fit.mixture.layout({5, {0, 1, 2}, {0, 3, 4}});
      const vec distance = fit.parameters - parameters_of(layout, KeptColumns::all(3, 3), named);
      if (!fit.covariance.empty())
        least = std::min(least, arma::abs(distance / arma::sqrt(fit.covariance.diag())).max());
    }
  return least;
}

void recover_activations() {
  std::printf(
      "\nactivation gates, temperature estimated, n = 20000, 20 data sets: all parameters within four standard "
      "errors of the truth\n");
  for (const std::string name : {"tanh", "sigmoid", "gelu"}) {
    GateChoices choices;
    choices.activation = activation_named(name);
    choices.estimate_temperature = true;
    const Mixture mixture(std::make_shared<SoftmaxGate>(choices), families().at("gaussian"), 2);
    Coefficients truth;
    truth.gate = {{0.0, 0.4}, {1.2, -0.8}, {-0.5, 1.0}}, truth.experts = {{1.0, -1.0}, {2.0, -1.0}, {0.0, 1.0}};
    truth.sigma = {0.5, 0.5}, truth.temperature = 0.5;
    uword within = 0;
    double slowest = 0.0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Random random(seed, 99);
      mat x(20000, 3, arma::fill::ones);
      vec y(x.n_rows, arma::fill::zeros);
      x.tail_cols(2).imbue([&] { return random.normal(); });
      const mat pi = gate_probabilities(Data(x, y), mixture, truth), mean = expert_means(Data(x, y), mixture, truth);
      for (uword i = 0; i < y.n_elem; ++i) y(i) = mean(i, random.uniform() < pi(i, 0) ? 0 : 1) + 0.5 * random.normal();
      slowest = std::max(slowest, seconds([&] {
                           within += deviation(fit(Data(x, y), mixture), truth, activation_named(name).odd) < 4.0;
                         }));
    }
    std::printf("%-8s %d of 20, slowest fit %.1f s\n", name.c_str(), static_cast<int>(within), slowest);
    std::fflush(stdout);
  }
}

}  // namespace

int main() {
  compare_passes();
  recover_activations();
  fit_top_k();
}
