// Which algorithm climbs fastest: the default against plain EM, SQUAREM on it, L-BFGS and Newton, from the same starts,
// on one thread. Time is CPU time until the log-likelihood is within 1e-6 of the run's own end; short runs are repeated
// (up to five times) and the least time kept, so that what else the machine does counts little. Prints one table for
// each design.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include <expertmix/expertmix.hpp>
#include <expertmix/solver/run.hpp>
#include <expertmix/solver/smooth_rule.hpp>
#include <expertmix/source/fold.hpp>
#include <expertmix/source/memory.hpp>

namespace {

using expertmix::mat;
using expertmix::Method;
using expertmix::Statistics;
using expertmix::uword;
using expertmix::vec;
using expertmix::detail::SmoothRule;
using expertmix::detail::SmoothSettings;

/// A simulated design: experts' coefficients N(0, spread^2), gate slopes N(0, sharpness^2), residual sd sigma.
struct Design {
  const char* name;
  uword n, p, experts;
  double spread, sharpness, sigma;
  int starts;
};

struct Problem {
  mat x;
  vec y;
};

Problem simulate(const Design& design, expertmix::Random& random) {
  Problem out{mat(design.n, design.p + 1), vec(design.n)};
  out.x.imbue([&] { return random.normal(); });
  out.x.col(0).ones();
  mat gate(design.p + 1, design.experts), experts(design.p + 1, design.experts);
  gate.imbue([&] { return design.sharpness * random.normal(); });
  experts.imbue([&] { return design.spread * random.normal(); });
  for (uword i = 0; i < design.n; ++i) {
    arma::rowvec probability = out.x.row(i) * gate;
    probability = arma::exp(probability - probability.max());
    probability /= arma::accu(probability);
    double u = random.uniform();
    uword k = 0;
    while (k + 1 < design.experts && u > probability(k)) u -= probability(k++);
    out.y(i) = arma::dot(out.x.row(i), experts.col(k)) + design.sigma * random.normal();
  }
  return out;
}

/// What one run did: log-likelihood and CPU time after every accepted step.
struct Track {
  std::vector<double> value, seconds;

  double final() const { return value.back(); }
  double time_to(double target) const {
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value[i] >= target - 1e-6) return seconds[i];
    return seconds.back();
  }
  std::size_t steps_to(double target) const {
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value[i] >= target - 1e-6) return i;
    return value.size();
  }
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The library's climb with a method and a number of EM steps before it.
Track climb(const expertmix::Mixture& mixture, const expertmix::Layout& layout, expertmix::detail::Fold& fold,
            const vec& start, Method method, uword warm) {
  SmoothSettings settings;
  settings.method = method;
  settings.warm = warm;
  settings.iterations = 5000;
  SmoothRule rule(mixture, layout, {}, settings);
  Track track;
  const double began = cpu_seconds();
  const auto keep = [&](const expertmix::detail::AscentState& state) {
    track.value.push_back(state.value);
    track.seconds.push_back(cpu_seconds() - began);
  };
  expertmix::detail::ascend(layout, rule, settings, start, std::ref(fold), {}, keep);
  return track;
}

/// SQUAREM (Varadhan and Roland 2008, scheme S3) on the EM map, falling back to the plain map where the likelihood
/// drops.
Track squarem(const expertmix::Mixture& mixture, const expertmix::Layout& layout, expertmix::detail::Fold& fold,
              vec point) {
  const auto pass = [&](const vec& at) { return fold({at, {true, true, false}, {}})[0]; };
  Track track;
  const double began = cpu_seconds();
  Statistics at = pass(point);
  const auto keep = [&] {
    track.value.push_back(at.log_likelihood);
    track.seconds.push_back(cpu_seconds() - began);
  };
  keep();
  for (int step = 0; step < 2500; ++step) {
    const vec one = expertmix::detail::em_point(mixture, layout, point, at);
    const Statistics at_one = pass(one);
    const vec two = expertmix::detail::em_point(mixture, layout, one, at_one);
    const vec r = one - point, v = two - one - r;
    const double alpha = std::min(-1.0, -arma::norm(r) / std::max(arma::norm(v), 1e-300));
    vec next = point - 2.0 * alpha * r + alpha * alpha * v;
    Statistics at_next = pass(next);
    if (!(at_next.log_likelihood >= at_one.log_likelihood)) {
      next = two;
      at_next = pass(two);
    }
    const double gain = at_next.log_likelihood - at.log_likelihood;
    point = next;
    at = at_next;
    keep();
    if (gain < 1e-9) break;
  }
  return track;
}

/// The same run up to five times while that takes less than a tenth of a second; of every step's times the least.
Track repeated(const std::function<Track()>& go) {
  Track out = go();
  double spent = out.seconds.back();
  for (int again = 1; again < 5 && spent < 0.1; ++again) {
    const Track next = go();
    for (std::size_t i = 0; i < out.seconds.size(); ++i) out.seconds[i] = std::min(out.seconds[i], next.seconds[i]);
    spent += next.seconds.back();
  }
  return out;
}

double median(const std::vector<double>& values) { return arma::median(vec(values)); }

void report(const Design& design) {
  expertmix::Random random(20, design.n + 7 * design.p + static_cast<uword>(10 * design.sigma));
  const Problem problem = simulate(design, random);
  const expertmix::Data data(problem.x, problem.y);
  const auto columns = expertmix::detail::union_design(data);
  const auto scaling = expertmix::detail::standardising(data, columns);
  const expertmix::Mixture mixture(std::make_shared<expertmix::SoftmaxGate>(),
                                   std::make_shared<expertmix::GaussianExperts>(), design.experts);
  const expertmix::Layout layout = mixture.layout(columns.columns);
  const expertmix::detail::Memory source(data, columns.pointers, scaling);
  const expertmix::Context context;
  expertmix::detail::Fold fold(source, mixture, layout, context);

  struct Contestant {
    const char* name;
    std::function<Track(const vec&)> go;
  };
  const auto library = [&](Method method, uword warm) {
    return [&, method, warm](const vec& start) { return climb(mixture, layout, fold, start, method, warm); };
  };
  const std::vector<Contestant> contestants{
      {"default", library(Method::automatic, 10)},
      {"EM", library(Method::em, 10)},
      {"SQUAREM", [&](const vec& start) { return squarem(mixture, layout, fold, start); }},
      {"L-BFGS after 5", library(Method::lbfgs, 5)},
      {"L-BFGS after 10", library(Method::lbfgs, 10)},
      {"Newton after 5", library(Method::newton, 5)},
      {"Newton after 15", library(Method::newton, 15)}};

  std::vector<std::vector<Track>> tracks(contestants.size());
  for (int start = 0; start < design.starts; ++start) {
    vec from(layout.parameters);
    from.imbue([&] { return 0.3 * random.normal(); });
    for (std::size_t c = 0; c < contestants.size(); ++c)
      tracks[c].push_back(repeated([&] { return contestants[c].go(from); }));
  }
  std::printf("\n%s: n = %d, p = %d, K = %d, P = %d, %d starts\n\n", design.name, static_cast<int>(design.n),
              static_cast<int>(design.p), static_cast<int>(design.experts), static_cast<int>(layout.parameters),
              design.starts);
  std::printf(
      "| method | median CPU ms | largest | steps | ratio to default | in the best optimum "
      "|\n|---|---|---|---|---|---|\n");
  double reference = 0.0, best_median = arma::datum::inf;
  for (std::size_t c = 0; c < contestants.size(); ++c) {
    std::vector<double> times, steps;
    int hits = 0;
    for (int s = 0; s < design.starts; ++s) {
      double best = -1e300;
      for (const auto& other : tracks) best = std::max(best, other[s].final());
      times.push_back(1e3 * tracks[c][s].time_to(tracks[c][s].final()));
      steps.push_back(static_cast<double>(tracks[c][s].steps_to(tracks[c][s].final())));
      hits += tracks[c][s].final() > best - 1e-3;
    }
    if (c == 0) reference = median(times);
    best_median = std::min(best_median, median(times));
    std::printf("| %s | %.2f | %.2f | %.0f | %.2f | %d of %d |\n", contestants[c].name, median(times),
                *std::max_element(times.begin(), times.end()), median(steps), median(times) / reference, hits,
                design.starts);
  }
  std::printf("\nThe default takes %.2f times as long as the fastest.\n", reference / best_median);
}

}  // namespace

int main() {
  const Design designs[] = {
      {"well separated", 5000, 5, 3, 2.0, 1.5, 0.5, 10},         {"poorly separated", 5000, 5, 3, 0.4, 0.7, 1.0, 10},
      {"well separated", 20000, 10, 4, 1.5, 1.0, 0.5, 8},        {"poorly separated", 20000, 10, 4, 0.3, 0.5, 1.0, 8},
      {"small, poorly separated", 400, 5, 4, 0.5, 0.7, 1.0, 20}, {"sharp gate", 5000, 5, 3, 2.0, 12.0, 0.5, 10},
      {"poorly separated", 5000, 20, 4, 0.3, 0.4, 1.0, 6},       {"poorly separated", 20000, 50, 8, 0.3, 0.3, 1.0, 2}};
  for (const Design& design : designs) report(design);
}
