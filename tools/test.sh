#!/usr/bin/env bash
# Tests everything: the C++ tests (release, with sanitizers, with clang), the R package as CRAN checks it, and programs that use
# the library. Installs what is missing first. Stops at the first failure.
. "$(dirname "$0")/common.sh"

started=$SECONDS
stage="set-up" status=0
trap 'status=$?; [ $status -eq 0 ] || printf "\nFAILED: %s (after %d s)\n" "$stage" $((SECONDS - started)) >&2' EXIT

begin() {
  stage=$1
  printf '\n== %s (at %d s)\n' "$stage" $((SECONDS - started))
}

begin "set-up"
tools/setup.sh run test
if have ccache; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi

for preset in release asan-ubsan clang; do
  begin "C++ tests, $preset"
  cmake --preset "$preset"
  cmake --build --preset "$preset"
  ctest --preset "$preset" --parallel "$jobs"
done

begin "R CMD build"
build_tarball build/check

begin "R CMD check --as-cran"
# Debian's own compiler flags and debugging symbols are not the package's; what is on the network is not the change's.
export _R_CHECK_COMPILATION_FLAGS_KNOWN_="-Wformat -Werror=format-security -Wdate-time"
export _R_SHLIB_STRIP_=true R_STRIP_SHARED_LIB="strip --strip-debug"
export _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_FORCE_SUGGESTS_=false
# Runs that are killed, and daemons, are tested here, not on CRAN's machines.
export NOT_CRAN=true
manual=()
have pdflatex || manual=(--no-manual)
# --no-stop-on-test-error: the log of every test file is worth reading. The verdict comes from the log.
R CMD check --as-cran "${manual[@]}" --no-stop-on-test-error --output=build/check "$tarball" || true
Rscript tools/read-check.R build/check/expertmix.Rcheck/00check.log

begin "programs that use the library"
tests/consumers/run.sh build/consumers build/check/expertmix.Rcheck

begin "README's commands and random calls"
export R_LIBS=$root/build/check/expertmix.Rcheck
Rscript tests/readme/run.R README.md
tools/random.sh 500

stage="done"
printf '\nEverything passed in %d s.\n' $((SECONDS - started))
