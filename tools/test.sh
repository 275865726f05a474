#!/usr/bin/env bash
# Tests the project in two tiers, installing what is missing first, and stops at the first failure:
#   tools/test.sh        format; the C++ tests as released, and with sanitizers by clang as C++20; the reference; the R
#                        package as CRAN checks it; programs that use the library; README's commands; some random calls
#   tools/test.sh full   the same, and what is long: all C++ tests under sanitizers, that of threads too, thousands of
#                        random calls, and the website with its links
. "$(dirname "$0")/common.sh"

tier=${1:-usual}
case $tier in usual | full) ;; *) fail "usage: tools/test.sh [full]" ;; esac

started=$SECONDS
stage="set-up" status=0
trap 'status=$?; [ $status -eq 0 ] || printf "\nFAILED: %s (after %d s)\n" "$stage" $((SECONDS - started)) >&2' EXIT

begin() {
  stage=$1
  printf '\n== %s (at %d s)\n' "$stage" $((SECONDS - started))
}

# cpp_tests PRESET CTEST-OPTION...
cpp_tests() {
  local preset=$1
  shift
  begin "C++ tests, $preset"
  cmake --preset "$preset"
  cmake --build --preset "$preset"
  ctest --preset "$preset" --parallel "$jobs" "$@"
}

begin "set-up"
tools/setup.sh run test
if have ccache; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_SLOPPINESS=pch_defines,time_macros
  # R compiles the package once to build the vignettes and once to check it, in folders of other names.
  export CCACHE_NOHASHDIR=1 R_MAKEVARS_USER=$root/tools/ccache.mk
fi

begin "format"
tools/format.sh --check

begin "clang-tidy"
tools/tidy.sh

# What takes minutes under sanitizers (the label long) is left to the full tier.
cpp_tests release
if [ "$tier" = full ]; then
  cpp_tests sanitized
  cpp_tests threads
else
  cpp_tests sanitized --label-exclude long
fi

begin "reference of the C++ library"
tools/reference.sh

begin "R CMD build"
build_tarball build/check

begin "R CMD check --as-cran"
# Debian's own compiler flags and debugging symbols are not the package's, nor are names local to its object files; what
# is on the network is not the change's.
export _R_CHECK_COMPILATION_FLAGS_KNOWN_="-Wformat -Werror=format-security -Wdate-time"
export _R_SHLIB_STRIP_=true R_STRIP_SHARED_LIB="strip --strip-debug --discard-all"
export _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_FORCE_SUGGESTS_=false
export _R_CHECK_PACKAGE_DEPENDS_IGNORE_MISSING_ENHANCES_=true
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
tools/random.sh "$([ "$tier" = full ] && echo 20000 || echo 300)"

if [ "$tier" = full ]; then
  begin "website"
  tools/site.sh build/site build/check/expertmix.Rcheck
fi

stage="done"
printf '\nEverything passed in %d s.\n' $((SECONDS - started))
