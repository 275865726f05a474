#include "expertmix/base/parallel.hpp"

#include <atomic>

#include "catch.hpp"
#include "in_child.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

/// Whether 100 items are worked on, by up to two threads.
bool completes() {
  Context context;
  context.threads = 2;
  std::atomic<int> done{0};
  for_each_item(100, context, [&](std::size_t, const Worker&) { ++done; });
  return done == 100;
}

#ifdef _OPENMP
/// As another library would, without a word to this one.
int threads_of_others() {
  int threads = 0;
#pragma omp parallel num_threads(2) reduction(+ : threads)
  ++threads;
  return threads;
}
#endif

}  // namespace

TEST_CASE("the process that loaded the library is no forked child", "[parallel]") {
  CHECK_FALSE(forked());
  CHECK(completes());
}

#ifndef _WIN32
TEST_CASE("a child forked after work on two threads works, and so does its own child", "[parallel]") {
  REQUIRE(completes());
  CHECK(holds_in_child([] { return forked() && completes(); }));
  CHECK(holds_in_child([] { return holds_in_child([] { return forked() && completes(); }); }));
  CHECK(completes());
}

#ifdef _OPENMP
TEST_CASE("a child works where another library had started the threads", "[parallel]") {
  REQUIRE(threads_of_others() == 2);
  CHECK(holds_in_child([] { return completes(); }));
}
#endif
#endif
