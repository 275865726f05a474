#include <optional>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "in_child.hpp"
#include "two_blas_threads.hpp"

using namespace expertmix;
using namespace expertmix::detail;

namespace {

using Job = std::optional<OneBlasThread>;

/// Whether a job has one thread and leaves as many as given.
bool job_leaves(int threads) {
  Job job(std::in_place);
  const bool one = TwoBlasThreads::now() == 1;
  job.reset();
  return one && TwoBlasThreads::now() == threads;
}

bool is_openblas() {
  if (!TwoBlasThreads::possible()) WARN("Nothing tested: the BLAS is not OpenBLAS");
  return TwoBlasThreads::possible();
}

}  // namespace

TEST_CASE("OpenBLAS has one thread until the last of the overlapping jobs has ended", "[blas]") {
  if (!is_openblas()) return;
  const TwoBlasThreads two;
  Job first(std::in_place), second(std::in_place);
  CHECK(two.now() == 1);
  const bool in_order = GENERATE(true, false);
  (in_order ? first : second).reset();
  CHECK(two.now() == 1);
  (in_order ? second : first).reset();
  CHECK(two.now() == 2);
  CHECK(job_leaves(2));
}

TEST_CASE("many jobs of many threads leave OpenBLAS as it was", "[blas]") {
  if (!is_openblas()) return;
  const TwoBlasThreads two;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) {
        const OneBlasThread job;
        std::this_thread::yield();
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(two.now() == 2);
}

#ifndef _WIN32
TEST_CASE("so do the jobs of a forked child, and the job that forked it", "[blas]") {
  if (!is_openblas()) return;
  const TwoBlasThreads two;
  CHECK(holds_in_child([] { return job_leaves(2); }));
  Job job(std::in_place);
  CHECK(holds_in_child([&] {
    const bool inner = job_leaves(1);
    job.reset();
    return inner && TwoBlasThreads::now() == 2;
  }));
  job.reset();
  CHECK(two.now() == 2);
}
#endif
