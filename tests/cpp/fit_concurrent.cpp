#include <future>
#include <thread>

#include "catch.hpp"
#include "expertmix/expertmix.hpp"
#include "in_child.hpp"
#include "simulated.hpp"
#include "two_blas_threads.hpp"

using namespace expertmix;

namespace {

/// The parameters of a fit on two threads to simulated rows. It calls `begun` once it is under way.
vec parameters(uword experts, std::function<void()> begun = {}) {
  const Simulated s = simulate(500, 2, experts, experts);
  Options options;
  options.starts = 10;
  Context context;
  context.threads = 2;
  context.stop = [&] {
    if (begun) std::exchange(begun, {})();
    return false;
  };
  return fit(Data(s.x, s.y), experts, options, {}, context).parameters;
}

}  // namespace

TEST_CASE("fits that overlap have the bits of fits one after the other, and leave the BLAS its threads",
          "[fit][blas]") {
  const TwoBlasThreads two;
  const vec serial_first = parameters(2), serial_second = parameters(3);
  std::promise<void> first_begun, second_begun, first_ended;
  vec first, second;
  std::thread other([&] {
    first = parameters(2, [&] {
      first_begun.set_value();
      second_begun.get_future().wait();
    });
    first_ended.set_value();
  });
  first_begun.get_future().wait();
  second = parameters(3, [&] {
    second_begun.set_value();
    first_ended.get_future().wait();
  });
  other.join();
  CHECK(arma::all(first == serial_first));
  CHECK(arma::all(second == serial_second));
  CHECK(two.now() == 2);
}

#ifndef _WIN32
TEST_CASE("a fit in a forked child has the bits of its parent's", "[fit][parallel]") {
  const vec parent = parameters(2);
  CHECK(holds_in_child([&] { return arma::all(parameters(2) == parent); }));
}
#endif
