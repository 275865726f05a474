#include <atomic>
#include <chrono>
#include <thread>

#include "conformance.hpp"

using namespace conformance;

namespace {

/// Blocks of another source, with something done before each is handed out.
class Watched final : public Source {
 public:
  Watched(const Source& source, std::function<void(std::size_t)> before)
      : source_(source), before_(std::move(before)) {}

  std::size_t blocks() const override { return source_.blocks(); }
  Block block(std::size_t i, AlignedVector& buffer) const override {
    before_(i);
    return source_.block(i, buffer);
  }

 private:
  const Source& source_;
  std::function<void(std::size_t)> before_;
};

struct Example {
  Sample rows = random_rows(20000, 40);
  Problem problem{"softmax", "gaussian", 3, all_designs()[0]};
  Data data = Data(rows.covariates, rows.y).weights(rows.weight).offset(rows.offset);
  std::vector<const double*> columns{rows.covariates.colptr(0), rows.covariates.colptr(1), rows.covariates.colptr(2)};
  Memory source{data, columns, Scaling::identity(4)};
  Request request{mat(problem.parameters(41)), everything, {}};

  Statistics run(const Source& from, const Context& context) const {
    return Fold(from, problem.mixture, problem.layout, context)(request)[0];
  }
};

bool same_bits(const Statistics& a, const Statistics& b) {
  return a.log_likelihood == b.log_likelihood && arma::all(a.score == b.score) && arma::all(a.mass == b.mass) &&
         arma::all(arma::vectorise(a.observed.block[0] == b.observed.block[0]));
}

}  // namespace

TEST_CASE("cached and uncached data give the same bits", "[source]") {
  const Example example;
  const Scaling scaling{{0.0, 0.5, -1.0, 2.0}, {1.0, 2.0, 0.3, 1.1}, 0.4, 1.9};
  const Memory cached(example.data, example.columns, scaling),
      uncached(example.data, example.columns, scaling, nullptr, 0);
  AlignedVector buffer;
  CHECK(cached.ahead(0).next != nullptr);
  CHECK(uncached.ahead(0).next == nullptr);
  for (int threads : {1, 2}) {
    Context context;
    context.threads = threads;
    CHECK(same_bits(example.run(cached, context), example.run(uncached, context)));
  }
}

TEST_CASE("rows beyond the last have weight zero and finite entries", "[source]") {
  const uword n = GENERATE(1, 7, 8, 255, 256, 257, 300), weighted = GENERATE(0, 1);
  const Sample rows = random_rows(n, 42);
  Data data(rows.covariates, rows.y);
  if (weighted) data.weights(rows.weight);
  const Memory source(data, {rows.covariates.colptr(0), rows.covariates.colptr(1)}, Scaling::identity(3));
  AlignedVector buffer;
  double weight = 0;
  for (std::size_t b = 0, first = 0; b < source.blocks(); ++b) {
    const Block block = source.block(b, buffer);
    CHECK(block.rows % 8 == 0);
    for (std::size_t i = 0; i < block.rows; ++i) {
      weight += block.weight[i];
      CHECK((first + i < n || block.weight[i] == 0.0));
      CHECK((std::isfinite(block.column(2)[i]) && std::isfinite(block.response[i]) && block.column(0)[i] == 1.0));
    }
    first += block.rows;
  }
  CHECK(weight == Approx(weighted ? arma::accu(rows.weight) : static_cast<double>(n)));
}

TEST_CASE("several points in one request are answered as one by one", "[source]") {
  Example example;
  const mat points = arma::join_rows(example.problem.parameters(43), example.problem.parameters(44));
  const Context context;
  Fold fold(example.source, example.problem.mixture, example.problem.layout, context);
  const auto both = fold({points, everything, {}});
  REQUIRE(both.size() == 2);
  for (uword s = 0; s < 2; ++s) CHECK(same_bits(both[s], fold({mat(points.col(s)), everything, {}})[0]));
}

TEST_CASE("a pass ends by `interrupted` soon after the context asks to stop", "[source]") {
  const Example example;
  const Watched slow(example.source, [](std::size_t) { std::this_thread::sleep_for(std::chrono::milliseconds(10)); });
  for (int threads : {1, 2}) {
    Context context;
    context.threads = threads;
    const auto host = std::this_thread::get_id();
    std::atomic<bool> elsewhere{false};
    context.stop = [&] {
      if (std::this_thread::get_id() != host) elsewhere = true;
      return true;
    };
    const auto begin = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(example.run(slow, context), interrupted);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(500));
    CHECK_FALSE(elsewhere);
  }
}

TEST_CASE("what a block throws leaves the fold, that of the first lane first", "[source]") {
  const Example example;
  const Watched broken(example.source, [](std::size_t i) {
    if (i == 9 || i == 2) throw invalid_argument("block", std::to_string(i), "broken");
  });
  for (int threads : {1, 2}) {
    Context context;
    context.threads = threads;
    try {
      example.run(broken, context);
      FAIL("nothing thrown");
    } catch (const invalid_argument& thrown) {
      const std::size_t lanes = fold_lanes(example.source.blocks());
      CHECK(thrown.argument == (2 % lanes <= 9 % lanes ? "2" : "9"));
    }
    CHECK(same_bits(example.run(example.source, context), example.run(example.source, Context{})));
  }
}

TEST_CASE("a pass too short to be watched is stopped at its end", "[source]") {
  const Example example;
  Context context;
  context.stop = [] { return true; };
  CHECK_THROWS_AS(example.run(example.source, context), interrupted);
}
