#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/mixture/registry.hpp>
#include <expertmix/path.hpp>

#include <iterator>
#include <sstream>
#include <string>

#include "simulated.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// A choice of active experts: how many (0: all) and by what.
struct Selection {
  uword top_k;
  bool by_score;
};
const Selection selections[] = {{0, false}, {1, false}, {1, true}, {2, false}, {2, true}};

/// Two regimes on a covariate x, the gate on x and another one; weights, some of them zero; an offset of Gaussian
/// experts.
struct Drawn {
  mat x, z, y;
  vec weight, offset;
};

Drawn draw_rows(const std::string& kind, std::uint64_t seed, uword n = 40) {
  Random random(seed, 0);
  Drawn out{mat(n, 2, arma::fill::ones), mat(n, 3, arma::fill::ones), mat(n, 1), vec(n), {}};
  const bool classes = kind.find("multinomial") == 0, counts = kind == "multinomial, counts";
  if (counts) out.y.zeros(n, 3);
  if (kind == "binomial, trials") out.y.zeros(n, 2);
  if (!classes) out.offset.zeros(n);
  for (uword i = 0; i < n; ++i) {
    const double x = random.normal(), z = 4.0 * random.uniform() - 2.0;
    const double mean = random.uniform() < 1.0 / (1.0 + std::exp(-2.0 * z)) ? 1.0 + 2.0 * x : -1.0 - x;
    out.x(i, 1) = out.z(i, 1) = x;
    out.z(i, 2) = z;
    out.weight(i) = 0.5 * static_cast<double>(random.index(4));
    if (!classes) {
      out.offset(i) = x / 3.0;
      out.y(i) = mean + x / 3.0 + 0.5 * random.normal();
    }
    const bool whole = kind == "poisson" || kind == "negative_binomial";
    if (whole) out.y(i) = std::floor(std::abs(out.y(i)));
    if (kind.find("Gamma") == 0) out.y(i) = std::exp(0.5 * out.y(i));
    if (kind == "binomial") out.y(i) = out.y(i) > 0.0;
    if (kind == "binomial, trials") out.y.row(i) = {std::floor(std::min(4.0, std::abs(out.y(i)))), 4.0 + i % 3};
    for (int unit = 0; classes && unit < (counts ? 6 : 1); ++unit) {
      const double p[] = {1.0, std::exp(mean), std::exp(-0.5 * mean)};
      const double u = random.uniform() * (p[0] + p[1] + p[2]);
      const uword drawn = u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2;
      if (counts) out.y(i, drawn) += 1.0;
      if (!counts) out.y(i) = static_cast<double>(drawn);
    }
  }
  return out;
}

Data data_of(const Drawn& rows) {
  Data data(rows.x, rows.y);
  data.gate(rows.z).weights(rows.weight);
  if (!rows.offset.empty()) data.offset(rows.offset);
  return data;
}

/// |sum_i w_i log f(y_i | x_i, z_i) - log-likelihood|, relative to the terms of the sum.
double gap(const Drawn& rows, const Mixture& mixture, const Coefficients& at, double log_likelihood) {
  const vec density = log_density(data_of(rows), mixture, at);
  const uvec kept = arma::find(rows.weight > 0.0);
  const vec terms = rows.weight.elem(kept) % density.elem(kept);
  return std::abs(arma::accu(terms) - log_likelihood) / arma::accu(arma::abs(terms));
}

std::string described(const std::string& kind, const GateChoices& gate, uword experts) {
  std::ostringstream out;
  out << kind << ", " << experts << " experts, " << gate.normaliser.name << " gate, " << gate.activation.name
      << ", temperature " << gate.temperature << (gate.estimate_temperature ? " estimated" : "") << ", top "
      << gate.top_k << (gate.select_by_score ? " by score" : " by slope");
  return out.str();
}

/// Visits the gates of an activation for every expert family, with two and three experts by turns: `visit(kind,
/// choices, experts)`. Of all gates that are not smooth every eighth: other ones for other families; R's test has more
/// of them.
template <class Visit>
void every_gate(const Activation& activation, bool smooth, Visit visit) {
  uword experts = 2, gates = 0;
  for (const auto& family : families())
    for (const auto& normaliser : normalisers())
      for (const double temperature : {1.0, 2.0, 0.0})
        for (const Selection selection : selections) {
          const bool estimated = temperature == 0.0;
          if (smooth && (estimated || selection.top_k > 0)) continue;
          if (!smooth && ++gates % 8 != 0) continue;
          experts = 5 - experts;
          visit(family.first,
                GateChoices{activation, estimated ? 1.0 : temperature, estimated, selection.top_k, selection.by_score,
                            normaliser.second},
                experts);
        }
}

Mixture mixture_of(const std::string& kind, const GateChoices& gate, uword experts) {
  return {std::make_shared<SoftmaxGate>(gate), families().at(kind), experts};
}

}  // namespace

TEST_CASE("the log-likelihood of a fit is that of its coefficients, for every gate and family",
          "[fit][invariant][long]") {
  const Activation& activation = std::next(activations().begin(), GENERATE(0, 1, 2, 3, 4, 5))->second;
  Options options;
  options.starts = 1;
  options.iterations = 50;
  std::uint64_t seed = 0;
  every_gate(activation, false, [&](const std::string& kind, const GateChoices& gate, uword experts) {
    const Drawn rows = draw_rows(kind, ++seed);
    INFO(described(kind, gate, experts) << ", seed " << seed);
    const Fit fit = expertmix::fit(data_of(rows), mixture_of(kind, gate, experts), options);
    CHECK(gap(rows, fit.mixture, fit, fit.log_likelihood) < 1e-8);
  });
}

TEST_CASE("the log-likelihood of a penalised fit is that of its coefficients", "[lasso][invariant][long]") {
  const Activation& activation = std::next(activations().begin(), GENERATE(0, 1, 2, 3, 4, 5))->second;
  PathOptions options;
  options.count = 3;
  options.ratio = 0.1;
  options.starts = 1;
  std::uint64_t seed = 100;
  every_gate(activation, true, [&](const std::string& kind, const GateChoices& gate, uword experts) {
    for (const bool reference : {false, true}) {
      const Drawn rows = draw_rows(kind, ++seed);
      INFO(described(kind, gate, experts) << ", seed " << seed << (reference ? ", reference" : ""));
      Lasso lasso;
      if (reference) lasso.reference = {1};
      const LassoPath path = lasso_path(data_of(rows), mixture_of(kind, gate, experts), lasso, options);
      for (const LassoFit& fit : path.fits) CHECK(gap(rows, path.mixture, fit, fit.log_likelihood) < 1e-8);
    }
  });
}
