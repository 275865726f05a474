#!/usr/bin/env bash
# Runs the benchmarks: the C++ ones (Google Benchmark), then whole fits against other R packages. One thread.
#   tools/bench.sh [case of bench/design.R ...]
. "$(dirname "$0")/common.sh"

tools/setup.sh run bench

say "C++ benchmarks"
cmake --preset release -DBUILD_TESTING=OFF -DEXPERTMIX_BUILD_BENCHMARKS=ON -B build/bench
cmake --build build/bench
for program in build/bench/bench/expertmix_bench_*; do
  [ ! -x "$program" ] || [ -d "$program" ] || "$program"
done

say "Whole fits against other packages"
build_tarball build/bench --no-build-vignettes
R CMD INSTALL --library=build/bench-library "$tarball" >build/bench/install.log 2>&1 ||
  fail "the package does not install: see build/bench/install.log"
Rscript bench/peers.R "$@" | tee build/bench/peers.md
Rscript bench/classes.R | tee build/bench/classes.md
Rscript bench/families.R | tee build/bench/families.md
Rscript bench/lasso.R | tee build/bench/lasso.md
