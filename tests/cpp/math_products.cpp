#include "catch.hpp"
#include "expertmix/math/linear.hpp"
#include "expertmix/math/products.hpp"
#include "expertmix/model/block.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

mat numbers(uword rows, uword columns, double start) {
  mat out(rows, columns);
  for (uword i = 0; i < out.n_elem; ++i) out[i] = std::sin(start + 1.7 * i);
  return out;
}

/// Copies the columns of `from` to a table.
AlignedVector table_of(const mat& from, std::size_t stride) {
  AlignedVector out(stride * from.n_cols, -77.0);
  for (uword j = 0; j < from.n_cols; ++j) std::copy_n(from.colptr(j), from.n_rows, out.begin() + j * stride);
  return out;
}

}  // namespace

TEST_CASE("weighted products agree with matrix algebra for every tile shape", "[math]") {
  const uword count = GENERATE(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 21, 36);
  const uword rows = GENERATE(8, 24, 256), d = 7;
  const mat design = numbers(rows, d, 0.1), weights = numbers(rows, count, 0.7);
  const AlignedVector x = table_of(design, rows + 8), w = table_of(weights, weight_stride);
  for (std::size_t n : {1, 2, 3, 5, 11, 28}) {
    std::vector<ColumnPair> pairs;
    for (std::uint32_t i = 0; i < d; ++i)
      for (std::uint32_t j = i; j < d; ++j) pairs.push_back({i, j});
    pairs.resize(n);
    AlignedVector sums(n * count + product_padding, 1.0);
    Ahead ahead;
    weighted_products({x.data(), rows + 8, w.data(), rows, count}, pairs.data(), n, sums.data(), ahead);
    double worst = 0;
    std::size_t visited = 0;
    for_each_product(n, count, [&](std::size_t p, std::size_t s, std::size_t position) {
      const double exact = arma::accu(design.col(pairs[p].left) % design.col(pairs[p].right) % weights.col(s));
      worst = std::max(worst, std::abs(sums[position] - 1.0 - exact));
      ++visited;
    });
    CHECK(visited == n * count);
    CHECK(worst < 1e-12);
    for (std::size_t i = n * count; i < sums.size(); ++i) CHECK(sums[i] == 1.0);
  }
}

TEST_CASE("linear predictors agree with matrix algebra", "[math]") {
  const uword count = GENERATE(1, 2, 3, 4, 5, 7, 9), rows = GENERATE(8, 40, 256);
  const mat design = numbers(rows, 6, 0.2);
  const std::vector<uword> columns = GENERATE(std::vector<uword>{0}, std::vector<uword>{4, 1, 5});
  const mat coefficients = numbers(columns.size(), count, 0.5);
  const AlignedVector x = table_of(design, rows + 8);
  mat result(rows, count, arma::fill::zeros);
  std::vector<double*> out;
  for (uword p = 0; p < count; ++p) out.push_back(result.colptr(p));
  linear_predictors({x.data(), rows + 8, columns.data(), columns.size(), rows}, coefficients.memptr(), count,
                    out.data());
  const mat exact = design.cols(uvec(columns)) * coefficients;
  CHECK(arma::abs(result - exact).max() < 1e-13);
}
