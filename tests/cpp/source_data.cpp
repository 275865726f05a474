#include "catch.hpp"

#include <expertmix/fit.hpp>
#include <expertmix/path.hpp>

#include "simulated.hpp"

using namespace expertmix;

namespace {

mat design(uword n) { return arma::join_rows(vec(n, arma::fill::ones), arma::linspace(-1.0, 1.0, n)); }

/// A data set all of whose parts were temporaries or died with this function's temporaries.
Data made_of_temporaries(const Simulated& s) {
  const uword n = s.y.n_elem;
  return Data(mat(s.x), s.y + 1.0).gate(s.x.head_cols(1)).weights(vec(n, arma::fill::ones)).offset(0.0 * s.y + 1.0);
}

/// Writes over freed memory, so that what still looks there sees something else.
void reuse_memory() {
  for (int i = 0; i < 64; ++i) vec(200, arma::fill::value(1e30)).for_each([](double& value) { value *= 2.0; });
}

}  // namespace

TEST_CASE("what has a name is looked at where it is", "[source]") {
  const mat x = design(30), z = design(30);
  mat y(30, 1, arma::fill::ones);
  const vec w(30, arma::fill::ones), o(30, arma::fill::zeros);
  const Data data = Data(x, y).gate(z).weights(w).offset(o);
  CHECK(data.x().memptr() == x.memptr());
  CHECK(data.gate().memptr() == z.memptr());
  CHECK(data.y().memptr() == y.memptr());
  CHECK(data.weights().memptr() == w.memptr());
  CHECK(data.offset().memptr() == o.memptr());
  const Data copy = data;
  CHECK(copy.x().memptr() == x.memptr());
  y(3) = 7.0;
  CHECK(copy.y()(3) == 7.0);
  const vec column(30, arma::fill::ones);
  CHECK(Data(x, column).y().memptr() == column.memptr());
}

TEST_CASE("a temporary is moved in, not copied, and stays", "[source]") {
  mat x = design(300);
  const double* memory = x.memptr();
  Data data(std::move(x), vec(300, arma::fill::value(2.0)));
  CHECK(data.x().memptr() == memory);
  data = Data(data).weights(vec(300, arma::fill::value(3.0)));
  const Data copy = data;
  data = Data(design(1));
  reuse_memory();
  CHECK(copy.x().memptr() == memory);
  CHECK(arma::all(copy.y().col(0) == 2.0));
  CHECK(arma::all(copy.weights() == 3.0));
}

TEST_CASE("a fit of temporaries is the fit of what they were made from", "[source]") {
  const Simulated s = simulate(200, 1, 2, 3);
  Options options;
  options.starts = 5;
  const Data kept = made_of_temporaries(s);
  reuse_memory();
  const mat z = s.x.head_cols(1);
  const Fit a = fit(kept, 2, options), b = fit(Data(s.x, s.y).gate(z), 2, options);
  CHECK(a.log_likelihood == Approx(b.log_likelihood).epsilon(1e-10));
  CHECK(arma::approx_equal(predict(a, kept), mat(predict(b, kept)), "absdiff", 1e-6));
}

TEST_CASE("every kind of temporary can be given", "[source]") {
  const std::vector<double> numbers(3, 1.0);
  const auto constant = []() -> const vec { return {1.0, 2.0, 3.0}; };
  const Data data = Data(mat::fixed<3, 2>(arma::fill::ones), constant()).weights(numbers).offset(constant());
  data.check("test");
  CHECK(data.y()(2) == 3.0);
  CHECK(data.weights().n_elem == 3);
  CHECK(data.rows() == 3);
  const mat wide = design(3);
  CHECK(Data(wide.cols(0, 1), wide.col(1) * 2.0).gate(wide.col(0)).gate().n_cols == 1);
}

TEST_CASE("members change a data set with a name and return it, and make one of a temporary", "[source]") {
  const mat x = design(10);
  const vec w(10, arma::fill::value(2.0)), y(10, arma::fill::ones);
  Data data(x, y);
  CHECK(&data.weights(w) == &data);
  CHECK(data.row_weight(4) == 2.0);
  const Data& bound = Data(x, y).weights(w).gate(x.head_cols(1));
  reuse_memory();
  CHECK(bound.gate().n_cols == 1);
  CHECK(data.weights({}).weights().empty());
  CHECK(data.row_weight(4) == 1.0);
  CHECK(&data.gate() == &data.x());
}

TEST_CASE("a vector that is given and empty is refused, not taken for none", "[source]") {
  const mat x = design(10);
  const vec y(10, arma::fill::ones), none;
  CHECK_THROWS_AS(Data(x, y).weights(none).check("test"), invalid_argument);
  CHECK_THROWS_AS(Data(x, y).offset(none).check("test"), invalid_argument);
  CHECK_THROWS_AS(Data(x, y).gate(mat()).check("test"), invalid_argument);
  CHECK_THROWS_AS(Data(x, none).check("test"), invalid_argument);
}

TEST_CASE("a matrix that changes its size behind a data set is refused", "[source]") {
  mat x = design(10);
  const vec y(10, arma::fill::ones);
  const Data data(x, y);
  x = design(8);
  CHECK_THROWS_AS(data.check("test"), invalid_argument);
}

TEST_CASE("prediction needs no response, and gives the same with one", "[source]") {
  const Simulated s = simulate(200, 1, 2, 3);
  Options options;
  options.starts = 5;
  const Fit fit = expertmix::fit(Data(s.x, s.y), 2, options);
  const Data known(s.x, s.y), unknown(s.x), absurd(s.x, vec(200, arma::fill::value(arma::datum::nan)));
  CHECK(arma::approx_equal(predict(fit, known), predict(fit, unknown), "absdiff", 0.0));
  CHECK(arma::approx_equal(predict(fit, known), predict(fit, absurd), "absdiff", 0.0));
  CHECK(arma::approx_equal(gate_probabilities(known, fit.mixture, fit), gate_probabilities(unknown, fit.mixture, fit),
                           "absdiff", 0.0));
  for (const auto& call :
       {posterior, +[](const Data&d, const Mixture&m, const Coefficients&c) -> mat { return log_density(d, m, c); }})
    try {
      call(unknown, fit.mixture, fit);
      FAIL("nothing thrown");
    } catch (const invalid_argument& thrown) {
      CHECK(thrown.argument == "y");
      CHECK(std::string(thrown.what()).find("missing") != std::string::npos);
    }
}

TEST_CASE("sparse data own and borrow likewise", "[source]") {
  const Simulated s = simulate(120, 3, 2, 4);
  const arma::sp_mat x(s.x);
  CHECK(SparseData(x, s.y).x().values == x.values);
  PathOptions options;
  options.count = 4;
  options.starts = 3;
  options.ratio = 0.3;
  const Mixture mixture(std::make_shared<SoftmaxGate>(), std::make_shared<GaussianExperts>(), 2);
  const SparseData kept = SparseData(arma::sp_mat(s.x), s.y + 0.0).weights(vec(120, arma::fill::ones));
  reuse_memory();
  const LassoPath thin = lasso_path(kept, mixture, {}, options),
                  dense = lasso_path(Data(s.x, s.y), mixture, {}, options);
  REQUIRE(thin.fits.size() == dense.fits.size());
  CHECK(thin.fits.back().objective == Approx(dense.fits.back().objective).epsilon(1e-8));
}
