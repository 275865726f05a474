/// What a pass over the data costs against its floor: the flops of the linear predictors and of the symmetric half
/// Grams at this machine's matrix-product rate, plus K exps a row from the cache, all measured in the same run.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "expertmix/base/random.hpp"
#include "expertmix/math/exponential.hpp"
#include "expertmix/mixture/registry.hpp"
#include "expertmix/source/fold.hpp"
#include "expertmix/source/memory.hpp"

namespace {

using namespace expertmix;
using namespace expertmix::detail;

constexpr uword square = 1024, exps = 1024;

/// A mixture of Gaussian experts on n rows of p covariates, and everything a pass needs.
struct Example {
  Example(uword n, uword p, uword experts)
      : n(n),
        p(p),
        experts(experts),
        x(n, p + 1),
        y(n),
        mixture(gates().at("softmax"), families().at("gaussian"), experts) {
    Random random(n, p);
    x.imbue([&] { return random.normal(); });
    y.imbue([&] { return random.normal(); });
    x.col(0).ones();
    Columns columns{p + 1, {0}, {0}};
    std::vector<const double*> pointers;
    for (uword j = 1; j <= p; ++j) {
      columns.gate.push_back(j);
      columns.experts.push_back(j);
      pointers.push_back(x.colptr(j));
    }
    layout = mixture.layout(columns);
    parameters.set_size(layout.parameters);
    parameters.imbue([&] { return 0.3 * random.normal(); });
    source = std::make_unique<Memory>(data, pointers, Scaling::identity(p + 1));
  }

  std::string name() const { return std::to_string(n) + "/" + std::to_string(p) + "/" + std::to_string(experts); }

  uword n, p, experts;
  mat x;
  vec y, parameters;
  Mixture mixture;
  Layout layout;
  Data data{x, y};
  std::unique_ptr<Memory> source;
};

struct PassKind {
  const char* name;
  Needs needs;
};
constexpr std::array<PassKind, 4> kinds{{{"likelihood", {false, false, false}},
                                         {"score", {true, false, false}},
                                         {"em", {true, true, false}},
                                         {"observed", {true, false, true}}}};

void run_pass(benchmark::State& state, const Example& example, Needs needs, int threads) {
  Context context;
  context.threads = threads;
  Fold fold(*example.source, example.mixture, example.layout, context);
  const Request request{mat(example.parameters), needs, {}};
  for (auto _ : state) benchmark::DoNotOptimize(fold(request)[0].log_likelihood);
}

/// The EM pass (likelihood, score, EM information) in whole-matrix expressions, as one would write it first.
Statistics whole_matrix_em(const Example& example) {
  const mat& x = example.x;
  const uword experts = example.experts, d = x.n_cols;
  mat gate(d, experts, arma::fill::zeros), means(d, experts);
  arma::rowvec log_sigma(experts);
  for (uword k = 0; k < experts; ++k) {
    const std::size_t mean = example.layout.gate_predictors + k;
    if (k > 0) gate.col(k) = example.parameters(example.layout.span(k - 1));
    means.col(k) = example.parameters(example.layout.span(mean));
    log_sigma(k) = example.parameters(example.layout.offset[mean + experts]);
  }
  const mat score = x * gate;
  mat pi = arma::exp(score.each_col() - arma::max(score, 1));
  pi.each_col() /= arma::sum(pi, 1);
  mat residual = -(x * means);
  residual.each_col() += example.y;
  const arma::rowvec precision = arma::exp(-2.0 * log_sigma);
  mat joint = -0.5 * arma::square(residual);
  joint.each_row() %= precision;
  joint.each_row() -= log_sigma + 0.5 * std::log(2.0 * arma::datum::pi);
  joint += arma::log(pi);
  const vec top = arma::max(joint, 1);
  mat r = arma::exp(joint.each_col() - top);
  const vec sum = arma::sum(r, 1);
  r.each_col() /= sum;

  Statistics out;
  out.log_likelihood = arma::accu(top + arma::log(sum));
  mat scaled = r % residual;
  scaled.each_row() %= precision;
  out.score = arma::join_cols(arma::vectorise(x.t() * (r - pi)), arma::vectorise(x.t() * scaled));
  out.mass = arma::sum(r).t();
  out.gate_mass = arma::sum(pi).t();
  for (uword k = 0; k < experts; ++k) out.em.block.push_back(x.t() * (x.each_col() % (r.col(k) * precision(k))));
  for (uword a = 1; a < experts; ++a)
    for (uword b = a; b < experts; ++b)
      out.em.block.push_back(x.t() * (x.each_col() % (pi.col(a) % ((a == b ? 1.0 : 0.0) - pi.col(b)))));
  return out;
}

void run_whole_matrix(benchmark::State& state, const Example& example) {
  for (auto _ : state) benchmark::DoNotOptimize(whole_matrix_em(example).log_likelihood);
}

void run_product(benchmark::State& state) {
  const mat a(square, square, arma::fill::ones), b = a;
  mat c;
  for (auto _ : state) {
    c = a * b;
    benchmark::DoNotOptimize(c.memptr());
  }
}

void run_exps(benchmark::State& state) {
  AlignedVector values(exps, -1e-3);
  for (auto _ : state) {
    exponentiate(values.data(), exps);
    benchmark::DoNotOptimize(values.data());
  }
}

/// Throws unless the whole-matrix pass agrees with the library's.
void check_whole_matrix(const Example& example) {
  const Context context;
  const Request request{mat(example.parameters), {true, true, false}, {}};
  const Statistics ours = Fold(*example.source, example.mixture, example.layout, context)(request)[0];
  const Statistics theirs = whole_matrix_em(example);
  const bool same = std::abs(ours.log_likelihood - theirs.log_likelihood) < 1e-8 * std::abs(ours.log_likelihood) &&
                    arma::norm(ours.mass - theirs.mass) < 1e-8 * ours.weight;
  require(same, "bench/pass", "", "the whole-matrix pass gives another likelihood");
}

/// Prints the runs as usual, and keeps every repetition's time: of one thread the CPU time, of two what a clock shows.
/// The least of many short repetitions is what the machine does when nothing else disturbs it.
class Collector final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs)
      if (run.run_type == Run::RT_Iteration) {
        const double times = static_cast<double>(run.iterations);
        cpu_[run.run_name.function_name].push_back(run.cpu_accumulated_time / times);
        clock_[run.run_name.function_name].push_back(run.real_accumulated_time / times);
      }
  }

  /// Least CPU seconds of the first thread; not a number where --benchmark_filter left the run out.
  double operator()(const std::string& name) const { return least(cpu_, name); }

  /// Least seconds by the clock, likewise.
  double clock(const std::string& name) const { return least(clock_, name); }

 private:
  using Times = std::map<std::string, std::vector<double>>;

  static double least(const Times& times, const std::string& name) {
    const auto found = times.find(name);
    return found == times.end() ? arma::datum::nan : vec(found->second).min();
  }

  Times cpu_, clock_;
};

/// Seconds for a pass over the example's rows that does nothing but this.
struct Floor {
  Floor(const Example& example, const Collector& time) {
    const double n = static_cast<double>(example.n), d = static_cast<double>(example.p + 1),
                 k = static_cast<double>(example.experts), flop = time("product") / (2.0 * square * square * square);
    predictors = 2.0 * d * (2.0 * k - 1.0) * n * flop;
    grams = d * (d + 1.0) * (k + k * (k - 1.0) / 2.0) * n * flop;
    exponentials = k * n * time("exp") / exps;
  }
  double predictors, grams, exponentials;
};

void print_row(const Example& example, const Collector& time) {
  const Floor floor(example, time);
  const auto pass = [&](const char* kind) { return time(example.name() + "/" + kind + "/1"); };
  const double em = pass("em"), score = pass("score");
  const double two_threads = time.clock(example.name() + "/em/1") / time.clock(example.name() + "/em/2");
  std::printf("| %s | %.3f | %.3f | %.3f | %.3f | %.2f | %.2f | %.2f | %.2f | %.2f |", example.name().c_str(),
              1e3 * pass("likelihood"), 1e3 * score, 1e3 * em, 1e3 * pass("observed"),
              em / (floor.predictors + floor.grams + floor.exponentials),
              score / (2.0 * floor.predictors + floor.exponentials), score / (floor.predictors + floor.exponentials),
              pass("observed") / em, two_threads);
  if (example.n < 1000000)
    std::printf(" %.1f |\n", time(example.name() + "/whole-matrix") / em);
  else
    std::printf(" |\n");
}

void print_table(const std::vector<std::unique_ptr<Example>>& examples, const Collector& time) {
  std::printf("\nmatrix product %.1f GFlops, exp %.2f ns; least CPU ms, one thread; two threads by the clock\n",
              2e-9 * square * square * square / time("product"), 1e9 * time("exp") / exps);
  std::printf(
      "| n/p/K | likelihood | +score | +EM | +observed | EM/floor | score/floor | (without score flops) | observed/EM "
      "| two threads | whole-matrix/EM |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const auto& example : examples) print_row(*example, time);
}

void register_all(const std::vector<std::unique_ptr<Example>>& examples) {
  benchmark::RegisterBenchmark("product", run_product);
  benchmark::RegisterBenchmark("exp", run_exps);
  for (const auto& pointer : examples) {
    const Example& example = *pointer;
    for (const PassKind& kind : kinds)
      for (int threads : {1, 2})
        benchmark::RegisterBenchmark(
            (example.name() + "/" + kind.name + "/" + std::to_string(threads)).c_str(),
            [&example, kind, threads](benchmark::State& state) { run_pass(state, example, kind.needs, threads); })
            ->UseRealTime();
    if (example.n < 1000000)
      benchmark::RegisterBenchmark((example.name() + "/whole-matrix").c_str(),
                                   [&example](benchmark::State& state) { run_whole_matrix(state, example); });
  }
}

/// One thread for the matrix products, read by their library when it is loaded: so the program starts itself again.
void use_one_blas_thread(char** arguments) {
  if (std::getenv("OPENBLAS_NUM_THREADS")) return;
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  execv("/proc/self/exe", arguments);
}

}  // namespace

int main(int count, char** arguments) {
  use_one_blas_thread(arguments);
  std::vector<char*> with_defaults{arguments[0]};
  std::string defaults[] = {"--benchmark_repetitions=25", "--benchmark_enable_random_interleaving=true",
                            "--benchmark_min_time=0.02"};
  for (std::string& option : defaults) with_defaults.push_back(option.data());
  with_defaults.insert(with_defaults.end(), arguments + 1, arguments + count);
  int options = static_cast<int>(with_defaults.size());
  benchmark::Initialize(&options, with_defaults.data());

  std::vector<std::unique_ptr<Example>> examples;
  for (const auto& [n, p, experts] :
       {std::array<uword, 3>{20000, 10, 4}, {100000, 10, 4}, {100000, 50, 8}, {1000000, 10, 4}})
    examples.push_back(std::make_unique<Example>(n, p, experts));
  check_whole_matrix(*examples.front());
  register_all(examples);
  Collector time;
  benchmark::RunSpecifiedBenchmarks(&time);
  print_table(examples, time);
}
