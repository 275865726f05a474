#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "expertmix/base/random.hpp"
#include "expertmix/mixture/registry.hpp"
#include "expertmix/source/fold.hpp"
#include "expertmix/source/memory.hpp"

/// What every registered gate and expert family is run through: a data set, a mixture on it, and its statistics.
namespace conformance {

using namespace expertmix;
using namespace expertmix::detail;

constexpr Needs everything{true, true, true};

/// Which columns of the union design (constant, x1, x2, z1) gate and experts own.
struct Designs {
  std::string name;
  std::vector<uword> gate, experts;
};

inline std::vector<Designs> all_designs() {
  return {{"same", {0, 1, 2}, {0, 1, 2}},
          {"different", {0, 3}, {0, 1, 2}},
          {"intercept-only gate", {0}, {0, 1, 2}},
          {"no intercepts", {3, 2}, {1, 2}}};
}

/// Rows of data; the mixture's columns are read from `covariates` (x1, x2, z1).
struct Sample {
  mat covariates, y;
  vec weight, offset;

  Sample pick(const uvec& rows) const {
    return {covariates.rows(rows), y.rows(rows), weight.elem(rows), offset.elem(rows)};
  }
};

inline Sample random_rows(uword n, std::uint64_t seed) {
  Random random(seed, n);
  Sample rows{mat(n, 3), mat(n, 1), vec(n), vec(n)};
  rows.covariates.imbue([&] { return random.normal(); });
  rows.y.imbue([&] { return 2.0 * random.normal(); });
  rows.weight.imbue([&] { return 2.0 * random.uniform(); });
  rows.offset.imbue([&] { return random.normal(); });
  return rows;
}

/// Responses that a family can have: numbers, positive ones, classes, successes among up to 5 trials, counts up to 4.
inline mat random_responses(const Experts& family, uword n, Random& random) {
  mat out(n, family.responses());
  const uword columns = family.responses(), classes = family.outcomes().count;
  if (family.recodes()) return out.imbue([&] { return 2.0 * random.normal(); });
  if (family.response() == "a positive number") return out.imbue([&] { return std::exp(random.normal()); });
  if (family.response() == "0 or 1") return out.imbue([&] { return static_cast<double>(random.index(2)); });
  const uword values = columns > 1 || classes == 1 ? 5 : classes;
  out.imbue([&] { return static_cast<double>(random.index(values)); });
  if (columns == 2) out.col(1) = arma::max(out.col(0), out.col(1)) + (out.col(1) > 2.0);
  return out;
}

/// One registered gate and family with K experts on one choice of designs.
struct Problem {
  Problem(const std::string& gate, const std::string& family, uword experts, const Designs& designs)
      : mixture(gates().at(gate), families().at(family), experts),
        layout(mixture.layout({4, designs.gate, designs.experts})) {}

  Mixture mixture;
  Layout layout;

  /// Rows with a response of the family.
  Sample rows(uword n, std::uint64_t seed) const {
    Sample out = random_rows(n, seed);
    if (mixture.family->recodes()) return out;
    Random random(seed, n + 1);
    out.y = random_responses(*mixture.family, n, random);
    return out;
  }

  /// Parameters as a search meets them: of order one.
  vec parameters(std::uint64_t seed, double scale = 0.6) const {
    Random random(seed, layout.parameters);
    vec out(layout.parameters);
    out.imbue([&] { return scale * random.normal(); });
    return out;
  }

  Statistics at(const Sample& rows, const vec& parameters, Needs needs = everything, Responsibility how = {},
                const Scaling& scaling = Scaling::identity(4), int threads = 1, const vec& toll = {}) const {
    Context context;
    context.threads = threads;
    const Data data = Data(rows.covariates, rows.y).weights(rows.weight).offset(rows.offset);
    const mat& c = rows.covariates;
    const Memory source(data, {c.colptr(0), c.colptr(1), c.colptr(2)}, scaling);
    return Fold(source, mixture, layout, context)({mat(parameters), needs, how, toll})[0];
  }
};

/// The first block's tables after an evaluation.
inline std::unique_ptr<Workspace> evaluated(const Problem& problem, const Sample& rows, const vec& parameters) {
  const Data data = Data(rows.covariates, rows.y).weights(rows.weight).offset(rows.offset);
  const mat& c = rows.covariates;
  const Memory source(data, {c.colptr(0), c.colptr(1), c.colptr(2)}, Scaling::identity(4));
  AlignedVector buffer;
  auto work = std::make_unique<Workspace>(problem.mixture, problem.layout);
  problem.mixture.evaluate(source.block(0, buffer), problem.layout, parameters, {}, *work);
  return work;
}

/// Up to 200 rows without those where a small step may change the active experts, or pass the kink of an activation.
inline Sample smooth_rows(const Problem& problem, const Sample& rows, const vec& parameters) {
  const auto work = evaluated(problem, rows, parameters);
  std::vector<uword> kept;
  for (uword i = 0; i < std::min<uword>(200, rows.y.n_rows); ++i) {
    bool smooth = !work->gate.gap || work->gate.gap[i] > 0.05;
    for (std::size_t p = 0; p < problem.layout.gate_predictors; ++p)
      if (problem.layout.predictors[p].design == Design::gate_slopes)
        smooth = smooth && std::abs(work->predictor[p][i]) > 0.02;
    if (smooth) kept.push_back(i);
  }
  return rows.pick(uvec(kept));
}

/// Calls check(problem) in sections: every registered family on all designs behind a softmax gate, and every registered
/// gate before the first family; K = 1, ..., 4.
template <class Check>
void for_each_problem(Check check) {
  const auto run = [&](const std::string& gate, const std::string& family, const Designs& designs) {
    for (uword experts = 1; experts <= 4; ++experts)
      DYNAMIC_SECTION(gate << " gate, " << family << " experts, K = " << experts << ", " << designs.name << " designs")
    check(Problem(gate, family, experts, designs));
  };
  for (const auto& [family, object] : families())
    for (const Designs& designs : all_designs()) run("softmax", family, designs);
  for (const auto& [gate, object] : gates())
    if (gate != "softmax") run(gate, "gaussian", all_designs()[1]);
}

/// Derivative of a vector-valued function along each parameter, one column each, by fourth-order central differences.
template <class Function>
mat differences(Function function, const vec& at, double h = 2e-4) {
  mat out;
  for (uword j = 0; j < at.n_elem; ++j) {
    const auto value = [&](double step) {
      vec moved = at;
      moved(j) += step;
      return vec(function(moved));
    };
    const vec slope = (8.0 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12.0 * h);
    out = arma::join_rows(out, slope);
  }
  return out;
}

/// Largest |a - b| over largest |b|, or over `least` where that is larger.
inline double relative_distance(const mat& a, const mat& b, double least = 1e-300) {
  return arma::abs(a - b).max() / std::max(arma::abs(b).max(), least);
}

inline mat dense(const Information& information, uword parameters) {
  mat out(parameters, parameters, arma::fill::zeros);
  for (std::size_t b = 0; b < information.block.size(); ++b) {
    const arma::span span(information.first[b], information.first[b] + information.block[b].n_rows - 1);
    out(span, span) = information.block[b];
  }
  return out;
}

/// Largest relative distance of two passes' statistics.
inline double distance(const Statistics& a, const Statistics& b, uword parameters) {
  const auto scalar = [](double value) { return mat(1, 1, arma::fill::value(value)); };
  return std::max({relative_distance(scalar(a.log_likelihood), scalar(b.log_likelihood)),
                   relative_distance(scalar(a.weight), scalar(b.weight)), relative_distance(a.mass, b.mass),
                   relative_distance(a.gate_mass, b.gate_mass), relative_distance(a.score, b.score),
                   relative_distance(dense(a.em, parameters), dense(b.em, parameters)),
                   relative_distance(dense(a.observed, parameters), dense(b.observed, parameters))});
}

}  // namespace conformance
