#include "catch.hpp"

#include <expertmix/expertmix.hpp>

using namespace expertmix;

namespace {

using ParameterPart = Parameter::Part;
using Kind = Parameter::Kind;

struct Sampled {
  explicit Sampled(uword n) : x(n, 2, arma::fill::ones), y(n) {
    Random random(3, 0);
    x.col(1).imbue([&] { return random.normal(); });
    for (uword i = 0; i < n; ++i) y(i) = (x(i, 1) > 0.0 ? 2.0 : -1.0 - x(i, 1)) + 0.5 * random.normal();
  }

  Data data() const { return Data(x, y); }

  mat x;
  vec y;
};

Mixture curved(bool estimate, bool common) {
  GateChoices choices;
  choices.activation = activation_named("tanh");
  choices.estimate_temperature = estimate;
  return Mixture(std::make_shared<SoftmaxGate>(choices), std::make_shared<GaussianExperts>(common), 2);
}

Options quick() {
  Options options;
  options.starts = 5;
  return options;
}

}  // namespace

TEST_CASE("a fit's table says what its parameters are", "[fit]") {
  const Sampled rows(300);
  const Fit found = fit(rows.data(), curved(true, true), quick());
  const auto& table = found.parameter_table;
  REQUIRE(table.size() == found.parameters.n_elem);
  for (uword i = 0; i < table.size(); ++i) {
    CAPTURE(i);
    const Parameter& p = table[i];
    double value = 0.0;
    const bool gate = p.part == ParameterPart::gate;
    if (p.kind == Kind::scalar && gate) value = std::log(found.temperature);
    if (p.kind == Kind::scalar && !gate) value = std::log(found.sigma(0));
    if (p.kind == Kind::coefficient)
      value = p.part == ParameterPart::gate ? found.gate(p.column, p.expert) : found.experts(p.column, p.expert);
    CHECK(found.parameters(i) == Approx(value).margin(1e-12));
  }
  const auto count = [&](ParameterPart part, Kind kind) {
    return std::count_if(table.begin(), table.end(),
                         [&](const Parameter& p) { return p.part == part && p.kind == kind; });
  };
  CHECK(count(ParameterPart::gate, Kind::coefficient) == 3);
  CHECK(count(ParameterPart::gate, Kind::scalar) == 1);
  CHECK(count(ParameterPart::experts, Kind::coefficient) == 4);
  CHECK(count(ParameterPart::experts, Kind::scalar) == 1);
  for (const Parameter& p : table) CHECK((p.expert == 2) == (p.kind != Kind::coefficient));
}

TEST_CASE("columns of the table count those that are left out", "[fit]") {
  Sampled rows(300);
  rows.x = mat(arma::join_rows(rows.x, 2.0 * rows.x.col(1), arma::square(rows.x.col(1))));
  const Fit found = fit(rows.data(), 2, quick());
  REQUIRE(found.experts_aliased == std::vector<bool>{false, false, true, false});
  std::vector<uword> columns;
  for (const Parameter& p : found.parameter_table)
    if (p.kind == Kind::coefficient && p.expert == 0) columns.push_back(p.column);
  CHECK(columns == std::vector<uword>{0, 1, 3});
}

TEST_CASE("a penalised gate whose slopes act alone needs a covariate", "[lasso]") {
  Sampled rows(100);
  rows.x = mat(rows.x.col(0));
  CHECK_THROWS_AS(lasso_path(rows.data(), curved(false, false)), invalid_argument);
  CHECK_THROWS_AS(fit(rows.data(), curved(false, false)), invalid_argument);
}
