#include "catch.hpp"

#include <expertmix/families/gaussian.hpp>
#include <expertmix/gates/softmax.hpp>
#include <expertmix/math/exponential.hpp>
#include <expertmix/source/fold.hpp>
#include <expertmix/source/memory.hpp>

#include "simulated.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// A random data set with weights, offset and three covariates, and a fold of a mixture over it.
struct Case {
  Case(uword n, uword experts, bool common, std::vector<uword> gate, std::vector<uword> expert_columns)
      : x(n, 4),
        y(n),
        weight(n),
        offset(n),
        data(Data(x, y).weights(weight).offset(offset)),
        mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(common), experts) {
    Random random(17, n + experts);
    const auto normal = [&random] { return random.normal(); };
    x.imbue(normal), y.imbue(normal), offset.imbue(normal), weight.imbue([&random] { return random.uniform(); });
    x.col(0).ones();
    Columns columns;
    columns.count = 4;
    columns.gate = std::move(gate);
    columns.experts = std::move(expert_columns);
    layout = mixture.layout(columns);
    point.set_size(layout.parameters);
    point.imbue([&random] { return 0.5 * random.normal(); });
  }

  Statistics at(const vec& parameters, int threads = 1) const {
    const Memory source(data, {x.colptr(1), x.colptr(2), x.colptr(3)}, Scaling::identity(4));
    Context context;
    context.threads = threads;
    return Fold(source, mixture, layout, context)({parameters, {true, true, true}, {}})[0];
  }

  mat x;
  vec y, weight, offset;
  Data data;
  Mixture mixture;
  Layout layout;
  vec point;
};

}  // namespace

TEST_CASE("score and observed information agree with finite differences, block by block", "[model]") {
  const bool common = GENERATE(false, true);
  const uword experts = GENERATE(1, 2, 3, 4);
  const std::vector<uword> gate =
      GENERATE(std::vector<uword>{0}, std::vector<uword>{0, 3}, std::vector<uword>{0, 1, 2}, std::vector<uword>{2, 3});
  const std::vector<uword> columns = GENERATE(std::vector<uword>{0, 1, 2}, std::vector<uword>{1, 3});
  const Case problem(41, experts, common, gate, columns);
  const Statistics here = problem.at(problem.point);
  const mat& observed = here.observed.block[0];
  const double h = 1e-5, scale = arma::abs(observed).max();
  for (uword j = 0; j < problem.layout.parameters; ++j) {
    vec up = problem.point, down = problem.point;
    up(j) += h;
    down(j) -= h;
    const Statistics above = problem.at(up), below = problem.at(down);
    const double slope = (above.log_likelihood - below.log_likelihood) / (2.0 * h);
    CHECK(here.score(j) == Approx(slope).epsilon(1e-6).margin(1e-6));
    const vec curvature = (below.score - above.score) / (2.0 * h);
    CHECK(arma::abs(observed.col(j) - curvature).max() < 1e-6 * scale);
  }
  for (const mat& block : here.em.block) CHECK(arma::eig_sym(block).min() > -1e-10 * block.max());
  CHECK(arma::accu(here.mass) == Approx(here.weight).epsilon(1e-12));
}

TEST_CASE("the same bits for one thread and two, over several lanes", "[source]") {
  const Case problem(9000, 3, false, {0, 1}, {0, 1, 2, 3});
  const Statistics one = problem.at(problem.point, 1), two = problem.at(problem.point, 2);
  CHECK(one.log_likelihood == two.log_likelihood);
  CHECK(arma::approx_equal(one.score, two.score, "absdiff", 0.0));
  CHECK(arma::approx_equal(one.observed.block[0], two.observed.block[0], "absdiff", 0.0));
}

TEST_CASE("blocks of any number of rows add up to a slow computation", "[source]") {
  for (uword n : {1, 7, 8, 255, 256, 257, 700}) {
    const Case problem(n, 3, false, {0, 1, 2, 3}, {0, 1, 2, 3});
    mat gate(4, 3, arma::fill::zeros), experts(4, 3);
    vec sigma(3);
    const Layout& layout = problem.layout;
    for (uword k = 0; k < 3; ++k) {
      if (k > 0) gate.col(k) = problem.point(layout.span(k - 1));
      experts.col(k) = problem.point(layout.span(2 + k));
      sigma(k) = std::exp(problem.point(layout.offset[5 + k]));
    }
    double slow = 0.0;
    for (uword i = 0; i < n; ++i)
      slow += problem.weight(i) * slow_log_likelihood(problem.x.row(i), problem.x.row(i),
                                                      vec{problem.y(i) - problem.offset(i)}, gate, experts, sigma);
    CHECK(problem.at(problem.point).log_likelihood == Approx(slow).epsilon(1e-12));
  }
}

TEST_CASE("exponential and logarithm are exact to a few units in the last place", "[math]") {
  AlignedVector x(80000), y(80000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = y[i] = -599.9 + 1299.0 * static_cast<double>(i) / 80000.0;
  exponentiate(y.data(), y.size());
  double worst = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) worst = std::max(worst, std::abs(y[i] / std::exp(x[i]) - 1.0));
  CHECK(worst < 2e-15);
  x.assign(8, -arma::datum::inf);
  x[1] = -600.1;
  x[2] = -1e300;
  x[3] = 0.0;
  exponentiate(x.data(), 8);
  CHECK((x[0] == 0.0 && x[1] == 0.0 && x[2] == 0.0 && x[3] == 1.0));
}
