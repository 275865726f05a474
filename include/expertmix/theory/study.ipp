#pragma once

#include <algorithm>
#include <cmath>
#include <map>

#include "../base/hosted.hpp"
#include "../base/timer.hpp"
#include "designs.hpp"
#include "study.hpp"

namespace expertmix {
inline namespace EXPERTMIX_ABI {

namespace detail {

/// A column of ones and a covariate.
inline mat with_ones(const vec& covariate) {
  return arma::join_rows(vec(covariate.n_elem, arma::fill::ones), covariate);
}

/// The gate's design of a study.
inline mat gate_design(const TheoryDesign& design, const vec& covariate) {
  return with_ones(design.modified ? vec(arma::tanh(covariate)) : covariate);
}

/// Which atom of the truth every fitted expert starts at: each one first, then some of them again, in random order.
inline uvec atoms_to_start_at(uword atoms, uword experts, Random& random) {
  if (experts == atoms) return arma::regspace<uvec>(0, atoms - 1);
  uvec out(experts);
  for (uword k = 0; k < experts; ++k) out(k) = k < atoms ? k : random.index(atoms);
  return out(random.sample(experts, experts)).eval();
}

inline bool estimates_temperature(const Mixture& mixture) {
  const auto list = mixture.gate->predictors(mixture.experts);
  return std::any_of(list.begin(), list.end(), [&](const Predictor& p) { return p.expert == mixture.experts; });
}

/// The truth with noise, as a start of a fit; an atom that several experts start at is split among them.
inline Start start_near(const TheoryDesign& design, uword n, Random& random) {
  const Coefficients& truth = design.truth.coefficients;
  const Outcomes outcomes = design.truth.mixture.family->outcomes();
  const uword experts = design.fitted.experts;
  const uvec map = atoms_to_start_at(design.truth.mixture.experts, experts, random);
  const auto size = static_cast<double>(n);
  const auto noisy = [&](mat& values, double spread) {
    values.transform([&](double value) { return value + spread * random.normal(); });
  };
  Start out;
  out.gate = truth.gate.cols(map);
  out.experts.set_size(truth.experts.n_rows, outcomes.columns(experts));
  for (uword k = 0; k < experts; ++k) {
    const uword shared = static_cast<uword>(arma::accu(map == map(k)));
    out.gate(0, k) -= truth.temperature * std::log(static_cast<double>(shared));
    out.experts.cols(outcomes.of(k)) = truth.experts.cols(outcomes.of(map(k)));
  }
  noisy(out.gate, 0.005 * std::pow(size, -0.083));
  noisy(out.experts, 0.05 * std::pow(size, -0.083));
  if (!truth.sigma.empty()) {
    out.sigma = truth.sigma(map);
    const double spread = 0.005 * std::pow(size, -0.25);
    out.sigma.transform([&](double s) { return std::sqrt(s * s + std::abs(spread * random.normal())); });
  }
  out.temperature = truth.temperature;
  if (estimates_temperature(design.fitted)) {
    out.temperature *= std::exp(0.05 * random.normal());
  } else {
    out.gate *= design.fitted.gate->unit() / truth.temperature;
    out.temperature = design.fitted.gate->unit();
  }
  return out;
}

inline Voronoi loss_of(const TheoryDesign& design, const Coefficients& estimate, const Context& context) {
  const Mixture& mixture = design.truth.mixture;
  const Description gate = mixture.gate->description();
  const bool unit = activation_named(gate.word("activation")).homogeneous;
  const Atoms to = atoms_of(design.truth.coefficients, mixture.family->outcomes(), unit);
  const Atoms from = atoms_of(estimate, mixture.family->outcomes(), unit);
  const uword active = counted(gate.number("top_k", 0.0), "loss", "active");
  return voronoi(with_total_of(to, from), to, gauge_of(*mixture.gate, from.count()), loss_named(design.loss, active),
                 context);
}

/// The Hellinger distance of the densities where the covariate lies.
inline double distance_of(const TheoryDesign& design, const Coefficients& estimate, const Context& context) {
  const vec at = arma::linspace(-0.95, 0.95, 20);
  const mat x = with_ones(at), z = gate_design(design, at);
  return divergence({x, z, design.truth.mixture, design.truth.coefficients}, {x, z, design.fitted, estimate}, 1e-9,
                    context)
      .hellinger;
}

}  // namespace detail

EXPERTMIX_DEFINITION StudyLoss study_loss(const TheoryDesign& design, const Coefficients& estimate,
                                          const Context& context) {
  if (design.loss == "hellinger") return {detail::distance_of(design, estimate, context), true};
  const Voronoi found = detail::loss_of(design, estimate, context);
  return {found.value, found.attained};
}

EXPERTMIX_DEFINITION std::vector<std::string> theory_designs() {
  std::vector<std::string> out;
  for (const auto& design : detail::designs()) out.push_back(design.first);
  return out;
}

EXPERTMIX_DEFINITION TheoryDesign theory_design(const std::string& name) {
  const auto found = detail::designs().find(name);
  require(found != detail::designs().end(), "theory_design", "name", "\"" + name + "\" is no design");
  TheoryDesign out = found->second();
  out.name = name;
  return out;
}

EXPERTMIX_DEFINITION Replication replicate(const TheoryDesign& design, uword n, uword number, std::uint64_t seed,
                                           StudyStart start, const Options& options, const Context& context) {
  return detail::hosted("replicate", context, [&](const Context& watched) -> Replication {
    require(n > 0, "replicate", "n", "must be 1 or more");
    const detail::Timer timer;
    Random of_size(seed, n);
    Random random(of_size.index(uword{1} << 53), number);
    vec covariate(n);
    covariate.imbue([&] { return design.from + (design.to - design.from) * random.uniform(); });
    const mat x = detail::with_ones(covariate), z = detail::gate_design(design, covariate);
    const auto seed_of = [&] { return static_cast<std::uint64_t>(random.index(uword{1} << 53)); };
    const Draws drawn = draw(Data(x).gate(z), design.truth.mixture, design.truth.coefficients, seed_of(), watched);
    Options own = options;
    own.seed = seed_of();
    if (design.fitted.gate->splits(design.fitted.experts)) own.origin = {0.0};
    Start from;
    if (start == StudyStart::truth) from = detail::start_near(design, n, random);
    Replication out;
    out.n = n;
    out.number = number;
    try {
      const Fit found = fit(Data(x, drawn.y).gate(z), design.fitted, own, from, watched);
      out.estimate = found;
      out.converged = found.record.converged;
      out.log_likelihood = found.log_likelihood;
      const StudyLoss loss = study_loss(design, found, watched);
      out.loss = loss.value;
      out.attained = loss.attained;
    } catch (const interrupted&) {
      throw;
    } catch (const error& failure) {
      out.loss = arma::datum::nan;
      out.failure = failure.what();
    }
    out.seconds = timer.seconds();
    return out;
  });
}

EXPERTMIX_DEFINITION RateStudy rate_study(std::vector<Replication> replications) {
  std::map<uword, vec> of_size;
  for (const Replication& one : replications)
    if (std::isfinite(one.loss)) of_size[one.n] = arma::join_cols(of_size[one.n], vec{one.loss});
  RateStudy out;
  out.replications = std::move(replications);
  for (const auto& [n, losses] : of_size) {
    if (arma::mean(losses) <= 0.0) continue;
    out.n = arma::join_cols(out.n, vec{static_cast<double>(n)});
    out.mean = arma::join_cols(out.mean, vec{arma::mean(losses)});
  }
  require(out.n.n_elem > 1, "rate_study", "replications", "must have two sizes or more with a positive mean loss");
  const vec size = arma::log(out.n) - arma::mean(arma::log(out.n));
  out.slope = arma::dot(size, arma::log(out.mean)) / arma::dot(size, size);
  return out;
}

EXPERTMIX_DEFINITION RateStudy rate_study(const TheoryDesign& design, std::uint64_t seed, const std::vector<uword>& n,
                                          uword replications, StudyStart start, const Options& options,
                                          const Context& context) {
  std::vector<Replication> all;
  for (uword size : n.empty() ? design.n : n)
    for (uword number = 1; number <= (replications ? replications : design.replications); ++number)
      all.push_back(replicate(design, size, number, seed, start, options, context));
  return rate_study(std::move(all));
}

}  // namespace EXPERTMIX_ABI
}  // namespace expertmix
