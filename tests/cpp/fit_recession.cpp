#include "catch.hpp"

#include <expertmix/base/random.hpp>
#include <expertmix/fit/recession.hpp>

using namespace expertmix;

namespace {

/// The Gram matrix of random columns, the last one the sum of the first two.
mat singular_gram() {
  Random random(3, 0);
  mat x(40, 5);
  x.imbue([&] { return random.normal(); });
  x.col(1) *= 1e3;
  x.col(4) = x.col(0) + x.col(1);
  return x.t() * x;
}

Information of(const mat& matrix) {
  Information out;
  out.first = {0};
  out.block = {matrix};
  return out;
}

}  // namespace

TEST_CASE("flat directions are those of the null space, whatever the units", "[recession]") {
  const mat gram = singular_gram();
  const auto flat = detail::flat_directions(gram);
  REQUIRE(flat);
  REQUIRE(flat->n_cols == 1);
  CHECK(arma::norm(gram * *flat) < 1e-8 * arma::norm(gram));
  CHECK(arma::abs(flat->rows(2, 3)).max() < 1e-10);
}

TEST_CASE("there is no flat direction of a regular matrix, nor beside one of negative information", "[recession]") {
  CHECK_FALSE(detail::flat_directions(mat(3, 3, arma::fill::eye)));
  CHECK_FALSE(detail::flat_directions(arma::diagmat(vec{1.0, 0.0, -0.1})));
}

TEST_CASE("what is orthogonal to held directions has the variance of every generalised inverse", "[recession]") {
  const mat gram = singular_gram();
  const mat flat = *detail::flat_directions(gram), inverse = detail::inverse_holding(of(gram), flat),
            pseudo = arma::pinv(gram);
  CHECK(arma::approx_equal(inverse.submat(2, 2, 3, 3), pseudo.submat(2, 2, 3, 3), "reldiff", 1e-8));
  const vec contrast{1.0, 0.0, 0.0, 0.0, 1.0};  // of the coefficients of the first column and of the sum's
  CHECK(arma::dot(contrast, inverse * contrast) == Approx(arma::dot(contrast, pseudo * contrast)).epsilon(1e-6));
  const vec along = detail::variance_along(gram, flat).diag();
  CHECK(along(2) < 1e-6 * inverse(2, 2));
  CHECK(along(0) > 1e3 * inverse(0, 0));
}

TEST_CASE("without directions the inverse is the inverse, and nothing where there is none", "[recession]") {
  const mat regular = singular_gram().submat(0, 0, 3, 3);
  CHECK(arma::approx_equal(detail::inverse_holding(of(regular), mat(4, 0)) * regular, mat(4, 4, arma::fill::eye),
                           "absdiff", 1e-9));
  CHECK(detail::inverse_holding(of(arma::diagmat(vec{1.0, -1.0})), mat(2, 0)).empty());
}
