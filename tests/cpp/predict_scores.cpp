#include "conformance.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/source/walk.hpp>

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// A mixture on x = (1, x1, x2) and z = (1, z1), of which columns may be left out, with parameters on the user's scale.
struct Case {
  Case(const std::shared_ptr<const Gate>& gate, const std::shared_ptr<const Experts>& family, uword n,
       KeptColumns kept = KeptColumns::all(2, 3))
      : mixture(gate, family, 3),
        layout(mixture.layout({4, pick({0, 3}, kept.gate), pick({0, 1, 2}, kept.experts)})),
        kept(std::move(kept)) {
    Random random(5, n);
    x.ones(n, 3);
    z.ones(n, 2);
    x.cols(1, 2).imbue([&] { return random.normal(); });
    z.col(1).imbue([&] { return 1.0 + random.normal(); });
    weight.set_size(n);
    weight.imbue([&] { return 2.0 * random.uniform(); });
    offset.zeros(n);
    if (family->takes_offset()) offset.imbue([&] { return random.normal(); });
    y = conformance::random_responses(*family, n, random);
    parameters.set_size(layout.parameters);
    parameters.imbue([&] { return 0.6 * random.normal(); });
  }

  static std::vector<uword> pick(const std::vector<uword>& from, const std::vector<uword>& places) {
    std::vector<uword> out;
    for (uword i : places) out.push_back(from[i]);
    return out;
  }

  Data data() const {
    Data rows = Data(x, y).gate(z).weights(weight);
    return mixture.family->takes_offset() ? rows.offset(offset) : rows;
  }

  /// Slopes that act alone count from an origin.
  Coefficients at(const vec& point) const {
    Coefficients out = coefficients_of(layout, kept, 2, 3, point);
    if (mixture.gate->splits(3)) out.origin = {0.0, 0.7};
    return out;
  }

  mat scores(int threads = 1) const {
    Context context;
    context.threads = threads;
    return expertmix::scores(data(), mixture, at(parameters), kept, context);
  }

  vec log_density(const vec& point) const { return weight % expertmix::log_density(data(), mixture, at(point)); }

  /// The same rows without those where a small step may change the active experts, or pass the kink of an activation.
  Case smooth() const {
    std::vector<uword> steady;
    detail::walk(data(), mixture, at(parameters),
                 [&](std::size_t, std::size_t count, const Block&, const Workspace& work) {
                   for (uword i = 0; i < count; ++i)
                     if (is_steady(work, i)) steady.push_back(i);
                 });
    Case out = *this;
    const uvec rows(steady);
    out.x = x.rows(rows), out.z = z.rows(rows), out.y = y.rows(rows);
    out.weight = weight.elem(rows), out.offset = offset.elem(rows);
    return out;
  }

  bool is_steady(const Workspace& work, uword i) const {
    bool steady = !work.gate.gap || work.gate.gap[i] > 0.05;
    for (std::size_t p = 0; p < layout.gate_predictors; ++p)
      if (layout.predictors[p].design == Design::gate_slopes) steady = steady && std::abs(work.predictor[p][i]) > 0.02;
    return steady;
  }

  Mixture mixture;
  Layout layout;
  KeptColumns kept;
  mat x, z, y;
  vec weight, offset, parameters;
};

void check_derivatives(const Case& problem) {
  const mat slopes =
      conformance::differences([&](const vec& point) { return problem.log_density(point); }, problem.parameters);
  CHECK(conformance::relative_distance(problem.scores(), slopes) < 1e-8);
}

}  // namespace

TEST_CASE("scores are the derivatives of every row's weighted log-density", "[predict]") {
  for (const auto& [name, gate] : gates()) {
    CAPTURE(name);
    check_derivatives(Case(gate, families().at("gaussian"), 60).smooth());
  }
  for (const auto& [name, family] : families()) {
    CAPTURE(name);
    check_derivatives(Case(gates().at("softmax"), family, 60));
  }
}

TEST_CASE("scores of some columns", "[predict]") {
  check_derivatives(Case(gates().at("softmax"), families().at("gaussian, common sigma"), 60, {{0, 1}, {0, 2}}));
  check_derivatives(Case(gates().at("tanh"), families().at("gaussian"), 60, {{0, 1}, {2}}));
}

TEST_CASE("scores add up to the score of a fold, and have the same bits for any number of threads", "[predict]") {
  const Case problem(gates().at("softmax"), families().at("gaussian"), 9000);
  const mat scores = problem.scores();
  const Memory source(problem.data(), {problem.x.colptr(1), problem.x.colptr(2), problem.z.colptr(1)},
                      Scaling::identity(4));
  const Context context;
  const vec sum =
      Fold(source, problem.mixture, problem.layout, context)({problem.parameters, {true, false, false}, {}})[0].score;
  CHECK(conformance::relative_distance(arma::sum(scores, 0).t(), sum) < 1e-12);
  CHECK(arma::approx_equal(scores, problem.scores(2), "absdiff", 0.0));
}

TEST_CASE("products of scores are the scores' products, with the same bits for any number of threads", "[predict]") {
  for (const char* gate : {"softmax", "tanh, estimated temperature"}) {
    const Case problem(gates().at(gate), families().at("gaussian"), 9000, {{0, 1}, {0, 2}});
    const auto products = [&](int threads) {
      Context context;
      context.threads = threads;
      return score_products(problem.data(), problem.mixture, problem.at(problem.parameters), problem.kept, context);
    };
    const mat one = products(1), scores = problem.scores();
    CHECK(conformance::relative_distance(one, scores.t() * scores) < 1e-12);
    CHECK(arma::approx_equal(one, products(2), "absdiff", 0.0));
  }
}

TEST_CASE("scores of a fit sum to zero, and are zero where parameters are not identified", "[fit]") {
  Case problem(gates().at("top-1 by slope"), families().at("gaussian"), 200);
  const Fit fit = expertmix::fit(problem.data(), Mixture(problem.mixture.gate, problem.mixture.family, 2));
  const mat scores = expertmix::scores(fit, problem.data());
  REQUIRE(scores.n_cols == fit.parameters.n_elem);
  CHECK(arma::abs(arma::sum(scores, 0)).max() < 1e-4);
  for (uword j = 0; j < scores.n_cols; ++j) CHECK(fit.identified[j] == arma::any(scores.col(j) != 0.0));
  CHECK_THROWS_AS(expertmix::scores(fit, Data(problem.x).gate(problem.z)), invalid_argument);
}

namespace {

/// Every quantity that a mixture predicts.
std::vector<Quantity> quantities(const Mixture& mixture) {
  std::vector<Quantity> out;
  for (uword c = 0; c < mixture.family->outcomes().count; ++c) {
    out.push_back({Quantity::Kind::mean, 0, c});
    for (uword k = 0; k < mixture.experts; ++k) out.push_back({Quantity::Kind::expert, k, c});
  }
  for (uword k = 0; k < mixture.experts; ++k) out.push_back({Quantity::Kind::gate, k});
  return out;
}

/// The quantity as the functions that predict give it.
vec predicted(const Case& problem, const Quantity& quantity, const vec& point) {
  const Coefficients at = problem.at(point);
  const Data data = problem.data().without_response();
  const uword column = problem.mixture.family->outcomes().column(quantity.expert, quantity.outcome);
  if (quantity.kind == Quantity::Kind::gate) return gate_probabilities(data, problem.mixture, at).col(quantity.expert);
  if (quantity.kind == Quantity::Kind::expert) return expert_means(data, problem.mixture, at).col(column);
  return predict(data, problem.mixture, at).col(quantity.outcome);
}

void check_gradients(const Case& problem) {
  for (const Quantity& quantity : quantities(problem.mixture)) {
    CAPTURE(static_cast<int>(quantity.kind), quantity.expert, quantity.outcome);
    const mat gradient =
        gradients(problem.data(), problem.mixture, problem.at(problem.parameters), problem.kept, quantity);
    const mat slopes = conformance::differences([&](const vec& point) { return predicted(problem, quantity, point); },
                                                problem.parameters);
    CHECK(conformance::relative_distance(gradient, slopes) < 1e-8);
  }
}

}  // namespace

TEST_CASE("gradients are the derivatives of means, gates and experts", "[predict]") {
  for (const auto& [name, gate] : gates()) {
    CAPTURE(name);
    check_gradients(Case(gate, families().at("gaussian"), 60).smooth());
  }
  for (const auto& [name, family] : families()) {
    CAPTURE(name);
    check_gradients(Case(gates().at("softmax"), family, 60));
  }
  check_gradients(Case(gates().at("tanh"), families().at("gaussian"), 60, {{0, 1}, {2}}));
}

TEST_CASE("gradients of a quantity that is not there", "[predict]") {
  const Case problem(gates().at("softmax"), families().at("gaussian"), 20);
  const Coefficients at = problem.at(problem.parameters);
  const auto of = [&](const Quantity& quantity) {
    return gradients(problem.data(), problem.mixture, at, problem.kept, quantity);
  };
  CHECK_THROWS_AS(of({Quantity::Kind::expert, 3, 0}), invalid_argument);
  CHECK_THROWS_AS(of({Quantity::Kind::mean, 0, 1}), invalid_argument);
}

TEST_CASE("standard errors of a line are those of least squares", "[fit]") {
  const Case problem(gates().at("softmax"), families().at("gaussian"), 100);
  const Data data = Data(problem.x, problem.y);
  const Fit fit = expertmix::fit(data, 1);
  const vec errors = standard_errors(fit, data, {});
  // sigma^2 x' (X'X)^-1 x with the maximum likelihood sigma
  const mat gram = arma::inv_sympd(problem.x.t() * problem.x);
  const vec exact = fit.sigma(0) * arma::sqrt(arma::sum((problem.x * gram) % problem.x, 1));
  CHECK(conformance::relative_distance(errors, exact) < 1e-8);
}
