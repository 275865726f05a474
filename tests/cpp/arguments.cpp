#include "catch.hpp"

#include <expertmix/expertmix.hpp>
#include <expertmix/families/multinomial.hpp>

#include "simulated.hpp"

using namespace expertmix;

namespace {

const double not_a_number = arma::datum::nan, infinity = arma::datum::inf;

/// The argument that a call refuses, empty where it refuses none.
template <class Call>
std::string refused(Call call) {
  try {
    call();
  } catch (const invalid_argument& thrown) {
    return thrown.argument;
  }
  return "";
}

Mixture gaussian(uword experts, GateChoices choices = {}, bool common = false) {
  return Mixture(std::make_shared<SoftmaxGate>(choices), std::make_shared<GaussianExperts>(common), experts);
}

Mixture multinomial(uword experts, bool counts = false, bool symmetric = false) {
  return Mixture(std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(3, counts, symmetric), experts);
}

GateChoices activated(const std::string& name) {
  GateChoices choices;
  choices.activation = activation_named(name);
  return choices;
}

Coefficients coefficients(uword q, uword p, uword experts, uword outcomes = 1) {
  Coefficients at;
  at.gate.zeros(q, experts);
  at.experts.ones(p, experts * outcomes);
  if (outcomes == 1) at.sigma.ones(experts);
  return at;
}

Options quick() {
  Options options;
  options.starts = 3;
  return options;
}

/// What every row-wise function refuses.
std::vector<std::string> refused_by_all(const Data& data, const Mixture& mixture, const Coefficients& at) {
  return {refused([&] { predict(data, mixture, at); }),      refused([&] { posterior(data, mixture, at); }),
          refused([&] { log_density(data, mixture, at); }),  refused([&] { gate_probabilities(data, mixture, at); }),
          refused([&] { expert_means(data, mixture, at); }), refused([&] { draw(data, mixture, at, 1); })};
}

const std::vector<std::string>& all(const std::string& argument) {
  static std::vector<std::string> list;
  return list = std::vector<std::string>(6, argument);
}

}  // namespace

TEST_CASE("row-wise functions take what goes together", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(2), coefficients(3, 3, 2)) == all(""));
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(2, activated("tanh")), coefficients(3, 3, 2)) == all(""));
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(1), coefficients(3, 3, 1)) == all(""));
  Coefficients shared = coefficients(3, 3, 2);
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(2, {}, true), shared) == all(""));
  shared.sigma = {1.0};
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(2, {}, true), shared) == all(""));
  shared.sigma = {1.0, 2.0};
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(2, {}, true), shared) == all("coefficients"));
}

TEST_CASE("coefficients must have the shape of mixture and data", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const Data data(s.x, s.y);
  const mat z = s.x.head_cols(2);
  CHECK(refused_by_all(data, gaussian(2), coefficients(2, 3, 2)) == all("z"));
  CHECK(refused_by_all(Data(s.x, s.y).gate(z), gaussian(2), coefficients(3, 3, 2)) == all("z"));
  CHECK(refused_by_all(data, gaussian(2), coefficients(3, 2, 2)) == all("coefficients"));
  CHECK(refused_by_all(data, gaussian(3), coefficients(3, 3, 2)) == all("coefficients"));
  CHECK(refused_by_all(data, gaussian(1), coefficients(3, 3, 2)) == all("coefficients"));
  CHECK(refused_by_all(data, gaussian(uword{1} << 60), coefficients(3, 3, 2)) == all("coefficients"));
  CHECK(refused_by_all(data, gaussian(2), Coefficients()) == all("z"));
  Coefficients at = coefficients(3, 3, 2);
  at.sigma = vec();
  CHECK(refused_by_all(data, gaussian(2), at) == all("coefficients"));
  at.sigma = {1.0};
  CHECK(refused_by_all(data, gaussian(2), at) == all("coefficients"));
  const mat classes(40, 1, arma::fill::ones);
  CHECK(refused_by_all(Data(s.x, classes), multinomial(2), coefficients(3, 3, 2)) == all("coefficients"));
  at = coefficients(3, 3, 2, 3), at.sigma = {1.0, 1.0};
  CHECK(refused_by_all(Data(s.x, classes), multinomial(2), at) == all("coefficients"));
}

TEST_CASE("coefficients must be finite, and standard deviations and temperature positive", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const Data data(s.x, s.y);
  for (double bad : {not_a_number, infinity, -infinity}) {
    Coefficients gate = coefficients(3, 3, 2), experts = gate, sigma = gate, temperature = gate;
    gate.gate(1, 1) = experts.experts(2, 0) = sigma.sigma(1) = temperature.temperature = bad;
    for (const Coefficients& at : {gate, experts, sigma, temperature})
      CHECK(refused_by_all(data, gaussian(2), at) == all("coefficients"));
  }
  for (double bad : {0.0, -1.0}) {
    Coefficients sigma = coefficients(3, 3, 2), temperature = sigma;
    sigma.sigma(0) = temperature.temperature = bad;
    for (const Coefficients& at : {sigma, temperature})
      CHECK(refused_by_all(data, gaussian(2), at) == all("coefficients"));
  }
}

TEST_CASE("the gate's intercept is a column of ones where it stands apart", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  Coefficients at = coefficients(3, 3, 2);
  at.gate_intercept = 3;
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(2, activated("tanh")), at) == all("coefficients"));
  at.gate_intercept = 1;
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(2, activated("tanh")), at) == all("z"));
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(2), at) == all(""));
}

TEST_CASE("row-wise functions refuse data that cannot be used", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const Coefficients at = coefficients(3, 3, 2);
  const mat few = s.x.head_rows(39);
  const vec short_vector(39, arma::fill::ones);
  for (double bad : {not_a_number, infinity}) {
    mat x = s.x;
    x(3, 1) = bad;
    CHECK(refused_by_all(Data(x, s.y), gaussian(2), at) == all("x"));
    CHECK(refused_by_all(Data(s.x, s.y).gate(x), gaussian(2), at) == all("z"));
    vec offset(40, arma::fill::zeros);
    offset(39) = bad;
    CHECK(refused_by_all(Data(s.x, s.y).offset(offset), gaussian(2), at) == all("offset"));
  }
  CHECK(refused_by_all(Data(s.x, s.y).gate(few), gaussian(2), at) == all("z"));
  CHECK(refused_by_all(Data(s.x, s.y).offset(short_vector), gaussian(2), at) == all("offset"));
  CHECK(refused_by_all(Data(s.x, s.y).weights(short_vector), gaussian(2), at) == all("weights"));
  CHECK(refused_by_all(Data(mat(0, 3), mat(0, 1)), gaussian(2), at) == all("x"));
  CHECK(refused_by_all(Data(mat(40, 0), s.y).gate(s.x), gaussian(2), at) == all("x"));
  CHECK(refused_by_all(Data(s.x, s.y), Mixture(nullptr, std::make_shared<GaussianExperts>(), 2), at) == all("gate"));
  CHECK(refused_by_all(Data(s.x, s.y), Mixture(std::make_shared<SoftmaxGate>(), nullptr, 2), at) == all("family"));
  CHECK(refused_by_all(Data(s.x, s.y), gaussian(0), at) == all("experts"));
  const mat classes(40, 1, arma::fill::ones);
  CHECK(refused_by_all(Data(s.x, classes).offset(s.y), multinomial(2), coefficients(3, 3, 2, 3)) == all("offset"));
}

TEST_CASE("densities and posteriors refuse responses that the experts cannot have", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const auto both = [&](const mat& y, const Mixture& mixture, const Coefficients& at) {
    const Data data(s.x, y);
    CHECK(refused([&] { predict(data, mixture, at); }) == "");
    return refused([&] { posterior(data, mixture, at); }) + refused([&] { log_density(data, mixture, at); });
  };
  const Coefficients one = coefficients(3, 3, 2), three = coefficients(3, 3, 2, 3);
  for (double bad : {not_a_number, infinity, -infinity}) CHECK(both(mat(40, 1).fill(bad), gaussian(2), one) == "yy");
  CHECK(both(mat(40, 2, arma::fill::ones), gaussian(2), one) == "yy");
  for (double bad : {3.0, -1.0, 0.5, 1e300, not_a_number})
    CHECK(both(mat(40, 1).fill(bad), multinomial(2), three) == "yy");
  for (double bad : {-1.0, 0.5, not_a_number}) {
    const Data counts(s.x, mat(40, 3, arma::fill::value(bad)));
    CHECK(refused([&] { log_density(counts, multinomial(2, true), three); }) == "y");
    CHECK(refused([&] { draw(counts, multinomial(2, true), three, 1); }) == "y");
  }
  CHECK(refused([&] { draw(Data(s.x), multinomial(2, true), three, 1); }) == "y");
  CHECK(draw(Data(s.x), multinomial(2), three, 1).y.max() <= 2.0);
  CHECK(draw(Data(s.x), gaussian(2), one, 1).y.is_finite());
}

TEST_CASE("what overflows is an error, never a number that is none", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const Coefficients at = coefficients(3, 3, 2);
  const Data far(s.x, vec(40, arma::fill::value(1e200)));
  CHECK(arma::abs(arma::sum(posterior(far, gaussian(2), at), 1) - 1.0).max() < 1e-12);
  CHECK(log_density(far, gaussian(2), at).max() == -arma::datum::inf);
  Coefficients large = at;
  large.experts *= 1e308;
  const Data wide(mat(1e10 * s.x));
  CHECK_THROWS_AS(predict(wide, gaussian(2), large), error);
  CHECK_THROWS_AS(expert_means(wide, gaussian(2), large), error);
  CHECK_THROWS_AS(draw(wide, gaussian(2), large, 1), error);
  CHECK(refused([&] { fit(Data(s.x, s.y).weights(vec(40).fill(1e307)), 2, quick()); }) == "weights");
}

TEST_CASE("a fit refuses what is no mixture for its data", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const auto argument = [&](const Data& data, const Mixture& mixture) {
    const std::string plain = refused([&] { fit(data, mixture, quick()); }),
                      path = refused([&] { lasso_path(data, mixture); });
    CHECK(plain == path);
    return plain;
  };
  CHECK(argument(Data(s.x), gaussian(2)) == "y");
  CHECK(argument(Data(s.x, s.y), gaussian(0)) == "experts");
  CHECK(argument(Data(s.x, s.y), gaussian(41)) == "experts");
  CHECK(argument(Data(s.x, s.y), gaussian(uword{1} << 62)) == "experts");
  CHECK(argument(Data(s.x, s.y), Mixture(nullptr, std::make_shared<GaussianExperts>(), 2)) == "gate");
  CHECK(argument(Data(s.x, s.y), Mixture(std::make_shared<SoftmaxGate>(), nullptr, 2)) == "family");
  vec weights(40, arma::fill::zeros);
  weights.head(3).ones();
  CHECK(argument(Data(s.x, s.y).weights(weights), gaussian(4)) == "experts");
  weights(5) = not_a_number;
  CHECK(argument(Data(s.x, s.y).weights(weights), gaussian(2)) == "weights");
  const mat ones(40, 1, arma::fill::ones);
  CHECK(argument(Data(s.x, s.y).gate(ones), gaussian(2, activated("tanh"))) == "z");
  CHECK(argument(Data(s.x, s.y).gate(s.x.tail_cols(2)), gaussian(2, activated("gelu"))) == "z");
  GateChoices choices;
  choices.temperature = not_a_number;
  CHECK(argument(Data(s.x, s.y), gaussian(2, choices)) == "temperature");
  choices.temperature = 1.0;
  choices.top_k = 3;
  CHECK(argument(Data(s.x, s.y), gaussian(2, choices)) == "top_k");
  const Mixture many(std::make_shared<SoftmaxGate>(), std::make_shared<MultinomialExperts>(uword{1} << 63), 2);
  CHECK(argument(Data(s.x, mat(40, 1, arma::fill::ones)), many) == "experts");
}

TEST_CASE("a sparse activation gate without a covariate cannot be penalised", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const SparseData data = SparseData(arma::sp_mat(s.x), s.y).gate(arma::sp_mat(s.x.head_cols(1)));
  CHECK(refused([&] { lasso_path(data, gaussian(2, activated("tanh"))); }) == "z");
}

TEST_CASE("forms that only a penalty identifies are refused by a plain fit", "[arguments]") {
  const Simulated s = simulate(60, 2, 2, 1);
  const Data data(s.x, s.y), classes(s.x, arma::floor(3.0 * arma::normcdf(s.y - arma::mean(s.y)) * 0.999));
  for (uword top_k : {0, 1, 2}) {
    GateChoices choices;
    choices.symmetric = true;
    choices.top_k = top_k;
    CHECK(refused([&] { fit(data, gaussian(3, choices), quick()); }) == "gate");
    CHECK(refused([&] { fit(data, gaussian(1, {}), quick()); }) == "");
  }
  CHECK(refused([&] { fit(classes, multinomial(2, false, true), quick()); }) == "family");
  CHECK(refused([&] { fit(classes, multinomial(1, false, true), quick()); }) == "family");
  Lasso lasso;
  lasso.reference = {0};
  PathOptions options;
  options.count = 3;
  options.starts = 2;
  options.ratio = 0.5;
  CHECK(refused([&] { lasso_path(classes, multinomial(2, false, true), lasso, options); }) == "family");
  const LassoPath plain = lasso_path(classes, multinomial(2), {}, options),
                  symmetric = lasso_path(classes, plain.mixture, {}, options);
  CHECK(plain.fits.back().objective == Approx(symmetric.fits.back().objective).epsilon(1e-10));
}

TEST_CASE("settings that no search can run with are refused", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const Data data(s.x, s.y);
  const auto with = [&](auto change) {
    Options options = quick();
    PathOptions path;
    change(options);
    change(path);
    const std::string plain = refused([&] { fit(data, 2, options); });
    CHECK(plain == refused([&] { lasso_path(data, gaussian(2), {}, path); }));
    return plain;
  };
  for (double bad : {not_a_number, infinity, -1e-8, 0.0})
    CHECK(with([&](auto& o) { o.tolerance = bad; }) == "tolerance");
  for (double bad : {not_a_number, infinity, -1.0}) CHECK(with([&](auto& o) { o.guard = bad; }) == "guard");
  for (double bad : {not_a_number, -1.0}) CHECK(with([&](auto& o) { o.time_limit = bad; }) == "time_limit");
  CHECK(with([&](auto& o) { o.iterations = 0; }) == "iterations");
  CHECK(with([&](auto& o) { o.starts = 1000000000; }) == "starts");
  CHECK(with([&](auto& o) { o.starts = static_cast<uword>(-1); }) == "starts");
}

TEST_CASE("paths of no lambdas, or of other ratios, are refused", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const auto with = [&](auto change, const Start& start = {}) {
    Lasso lasso;
    PathOptions options;
    change(lasso, options);
    return refused([&] { lasso_path(Data(s.x, s.y), gaussian(2), lasso, options, start); });
  };
  CHECK(with([](Lasso&, PathOptions& o) { o.count = 0; }) == "count");
  CHECK(with([](Lasso&, PathOptions& o) { o.count = 1000000000; }) == "count");
  for (double bad : {not_a_number, -0.1, 1.0, 2.0, infinity})
    CHECK(with([&](Lasso&, PathOptions& o) { o.ratio = bad; }) == "ratio");
  for (const vec& bad : {vec{not_a_number}, vec{-1.0}, vec{0.1, 0.1}, vec{0.1, 0.2}, vec{infinity, 0.1}})
    CHECK(with([&](Lasso&, PathOptions& o) { o.lambda = bad; }) == "lambda");
  for (double bad : {not_a_number, -1.0, infinity}) {
    CHECK(with([&](Lasso& l, PathOptions&) { l.experts = bad; }) == "lambda");
    CHECK(with([&](Lasso& l, PathOptions&) { l.gate = bad; }) == "lambda");
    CHECK(with([&](Lasso& l, PathOptions&) { l.ridge = bad; }) == "lambda");
  }
  for (double bad : {not_a_number, -1.0})
    CHECK(with([&](Lasso& l, PathOptions&) { l.expert_factors = vec(3).fill(bad); }) == "expert_factors");
  CHECK(with([&](Lasso& l, PathOptions&) { l.expert_factors = mat(3, 3).fill(1.0); }) == "expert_factors");
  CHECK(with([&](Lasso& l, PathOptions&) { l.gate_factors = {1.0, 1.0}; }) == "gate_factors");
  CHECK(with([&](Lasso& l, PathOptions&) { l.reference = {2}; }) == "reference");
  CHECK(with([&](Lasso& l, PathOptions&) { l.reference = {0, 1}; }) == "reference");
  CHECK(with([&](Lasso& l, PathOptions&) { l.refit = true; }) == "start");
  CHECK(with([&](Lasso& l, PathOptions&) { l.experts = l.gate = 0.0; }) == "lambda");
  CHECK(refused([&] { lasso_path(Data(s.x.head_cols(1), s.y), gaussian(2)); }) == "lambda");
}

TEST_CASE("starts that are no coefficients or probabilities are refused", "[arguments]") {
  const Simulated s = simulate(40, 2, 2, 1);
  const Data data(s.x, s.y);
  const auto argument = [&](const Start& start) {
    PathOptions options;
    options.lambda = {0.1};
    const std::string plain = refused([&] { fit(data, 2, quick(), start); });
    CHECK(plain == refused([&] { lasso_path(data, gaussian(2), {}, options, start); }));
    return plain;
  };
  Start good;
  good.gate = s.gate;
  good.experts = s.experts;
  good.sigma = s.sigma;
  CHECK(argument(good) == "");
  for (double bad : {not_a_number, infinity}) {
    Start gate = good, experts = good, sigma = good;
    gate.gate(0, 1) = experts.experts(0, 1) = sigma.sigma(1) = bad;
    for (const Start& start : {gate, experts, sigma}) CHECK(argument(start) == "start");
  }
  for (double bad : {0.0, -1.0}) {
    Start start = good;
    start.sigma(0) = bad;
    CHECK(argument(start) == "start");
  }
  Start parts;
  parts.experts = s.experts;
  CHECK(argument(parts) == "start");
  Start shape = good;
  shape.gate = s.gate.head_rows(2);
  CHECK(argument(shape) == "start");
  Start rows;
  rows.responsibilities = mat(40, 2).fill(0.5);
  CHECK(argument(rows) == "");
  for (const mat& bad : {mat(39, 2).fill(0.5), mat(40, 3).fill(1.0 / 3.0), mat(40, 2).fill(0.6),
                         mat(40, 2).fill(not_a_number), mat(arma::join_rows(vec(40).fill(1.5), vec(40).fill(-0.5)))}) {
    Start start;
    start.responsibilities = bad;
    CHECK(argument(start) == "start");
  }
  good.responsibilities = rows.responsibilities;
  CHECK(argument(good) == "start");
}

TEST_CASE("distances refuse densities that cannot be compared", "[arguments]") {
  const mat x = arma::join_rows(vec(5, arma::fill::ones), arma::linspace(0.0, 1.0, 5)), few = x.head_rows(4);
  const Coefficients at = coefficients(2, 2, 2);
  const Conditional p{x, x, gaussian(2), at};
  const auto both = [&](const Conditional& q) {
    const std::string exact = refused([&] { divergence(p, q); });
    CHECK(exact == refused([&] { sampled_divergence(p, q, 2, 1); }));
    return exact;
  };
  CHECK(both(p) == "");
  CHECK(both({x, {}, gaussian(2), at}) == "");
  CHECK(both({few, few, gaussian(2), at}) == "q");
  CHECK(both({x, few, gaussian(2), at}) == "z");
  CHECK(both({x, x, gaussian(3), at}) == "coefficients");
  CHECK(both({x, x, multinomial(2), coefficients(2, 2, 2, 3)}) == "q");
  CHECK(both({{}, {}, gaussian(2), at}) == "x");
  const Conditional counts{x, x, multinomial(2, true), coefficients(2, 2, 2, 3)};
  CHECK(refused([&] { divergence(counts, counts); }) == "p");
  for (double bad : {not_a_number, 0.0, -1.0}) CHECK(refused([&] { divergence(p, p, bad); }) == "tolerance");
  CHECK(refused([&] { sampled_divergence(p, p, 0, 1); }) == "draws");
  CHECK_THROWS_AS(p.log_density(arma::uvec{7}, mat(1, 1, arma::fill::zeros)), error);
  CHECK_THROWS_AS(sampled_divergence(p, p, uword{1} << 60, 1), error);
}

TEST_CASE("losses refuse what are no atoms", "[arguments]") {
  const Coefficients at = coefficients(2, 2, 2);
  const Loss loss = loss_named("softmax exact");
  const Atoms good = atoms_of(at, 1, false);
  CHECK(refused([&] { voronoi(good, good, {}, loss); }) == "");
  Atoms missing = good, infinite = good;
  missing.variance.set_size(1, 1);
  infinite.slope(0) = not_a_number;
  for (const Atoms& bad : {Atoms(), missing, infinite}) {
    CHECK(refused([&] { voronoi(bad, good, {}, loss); }) == "estimate");
    CHECK(refused([&] { voronoi(good, bad, {}, loss); }) == "truth");
  }
  CHECK(refused([&] { voronoi(good, good, {}, Loss()); }) == "loss");
  CHECK(refused([&] { loss_named("none"); }) == "loss");
  CHECK(refused([&] { loss_named("power", 0, not_a_number); }) == "power");
  for (const vec& bad : {vec(), vec{0.5}, vec{8.0, not_a_number}})
    CHECK(refused([&] { loss_named("softmax over", 0, 1.0, bad); }) == "larger");
  CHECK(refused([&] { with_reference(2, {}, good); }) == "expert");
  Coefficients sigma = at, intercept = at;
  sigma.sigma = {1.0}, intercept.gate_intercept = 2;
  for (const Coefficients& bad : {Coefficients(), sigma, intercept, coefficients(2, 2, 2, 3)})
    CHECK(refused([&] { atoms_of(bad, 1, true); }) == "coefficients");
  CHECK(refused([&] { atoms_of(at, 0, true); }) == "coefficients");
  CHECK(refused([] { rbar_check(2, 3, 0, 1); }) == "starts");
  CHECK(refused([] { rbar_check(0, 3, 1, 1); }) == "m");
  for (double bad : {not_a_number, 0.0, 1.0, -1.0})
    CHECK(refused([&] { rbar_check(2, 3, 1, 1, bad); }) == "least_weight");
}

TEST_CASE("what leaves is an `error`, but for the host's own exceptions", "[arguments]") {
  const Simulated s = simulate(60, 2, 2, 1);
  const Data data(s.x, s.y);
  struct Own {};
  const auto fit_throwing = [&](auto what) {
    Context context;
    context.progress = [&](const Progress&) { throw what; };
    fit(data, 2, quick(), {}, context);
  };
  CHECK_THROWS_AS(fit_throwing(std::out_of_range("index")), std::out_of_range);
  CHECK_THROWS_AS(fit_throwing(std::bad_alloc()), std::bad_alloc);
  CHECK_THROWS_AS(fit_throwing(std::runtime_error("failure")), std::runtime_error);
  CHECK_THROWS_AS(fit_throwing(invalid_argument("here", "y", "bad")), invalid_argument);
  CHECK_THROWS_AS(fit_throwing(Own()), Own);
}
