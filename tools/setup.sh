#!/usr/bin/env bash
# Installs what the named groups of tasks need and this machine lacks.
#   tools/setup.sh run          install the R package and fit models
#   tools/setup.sh run test     build and test everything
#   tools/setup.sh run bench    the benchmarks, the table of known answers, and the packages they compare with
#   tools/setup.sh run test site    the website
# On Debian and its kin it uses apt, as root or through sudo; elsewhere it prints what to install and fails.
. "$(dirname "$0")/common.sh"

# group  kind  name  Debian package. Kinds: a command, a header, a library to link, OpenMP of a
# compiler, an R package, a file.
needs() {
  cat <<'LIST'
run   command  Rscript                 r-base-core
run   command  make                    make
run   command  g++                     g++
run   command  gfortran                gfortran
run   library  lapack                  liblapack-dev
run   library  openblas                libopenblas-dev
run   r        Rcpp                    r-cran-rcpp
run   r        RcppArmadillo           r-cran-rcpparmadillo
run   r        BH                      r-cran-bh
run   r        Formula                 r-cran-formula
run   r        rlang                   r-cran-rlang
run   r        cli                     r-cran-cli
run   r        generics                r-cran-generics
run   r        MASS                    r-cran-mass
run   r        lattice                 r-cran-lattice
run   r        ggplot2                 r-cran-ggplot2
test  command  cmake                   cmake
test  command  ninja                   ninja-build
test  command  clang++                 clang
test  openmp   clang++                 libomp-dev
test  sanitizer clang++                libclang-rt-14-dev
test  command  ccache                  ccache
test  command  clang-format            clang-format
test  command  clang-tidy              clang-tidy
test  command  shellcheck              shellcheck
test  command  tidy                    tidy
test  command  qpdf                    qpdf
test  command  pandoc                  pandoc
test  header   armadillo               libarmadillo-dev
test  library  armadillo               libarmadillo-dev
test  header   boost/version.hpp       libboost-dev
test  header   catch2/catch.hpp        catch2
test  r        testthat                r-cran-testthat
test  r        lintr                   r-cran-lintr
test  r        withr                   r-cran-withr
test  r        vdiffr                  r-cran-vdiffr
test  r        knitr                   r-cran-knitr
test  r        rmarkdown               r-cran-rmarkdown
test  r        nnet                    r-cran-nnet
test  r        bit64                   r-cran-bit64
test  r        glmnet                  r-cran-glmnet
test  r        sandwich                r-cran-sandwich
test  r        lmtest                  r-cran-lmtest
test  r        Matrix                  r-cran-matrix
test  r        flexmix                 r-cran-flexmix
test  r        mixtools                r-cran-mixtools
test  r        car                     r-cran-car
test  r        checkmate               r-cran-checkmate
test  r        dplyr                   r-cran-dplyr
test  r        emmeans                 r-cran-emmeans
test  r        ggeffects               r-cran-ggeffects
test  r        multcomp                r-cran-multcomp
test  r        numDeriv                r-cran-numderiv
test  r        parameters              r-cran-parameters
test  r        performance             r-cran-performance
test  r        purrr                   r-cran-purrr
test  r        tibble                  r-cran-tibble
test  command  xz                      xz-utils
test  command  pkg-config              pkgconf
test  command  doxygen                 doxygen
bench command  cmake                   cmake
bench command  ninja                   ninja-build
bench header   armadillo               libarmadillo-dev
bench header   boost/version.hpp       libboost-dev
bench header   benchmark/benchmark.h   libbenchmark-dev
bench r        flexmix                 r-cran-flexmix
bench r        mixtools                r-cran-mixtools
bench r        mclust                  r-cran-mclust
bench r        glmnet                  r-cran-glmnet
bench r        Matrix                  r-cran-matrix
bench r        matrixStats             r-cran-matrixstats
bench r        Rsolnp                  r-cran-rsolnp
bench r        nlme                    r-cran-nlme
bench r        nnet                    r-cran-nnet
bench r        vcd                     r-cran-vcd
bench r        clubSandwich            r-cran-clubsandwich
bench r        lmtest                  r-cran-lmtest
bench r        numDeriv                r-cran-numderiv
bench r        sandwich                r-cran-sandwich
site  r        pkgdown                 r-cran-pkgdown
site  file     /usr/share/javascript/katex/katex.min.js libjs-katex
LIST
}

# What Debian does not have comes from CRAN: peers to a library of the benchmarks' own; mirai (which the tests of parallel
# studies use, and whose nanonext needs cmake and xz) and packages that ask fits for what they need to R's first library.
bench_library=$root/build/bench-library
cran_peers='depmixS4 MoEClust capushe hett scoringRules'
cran_test='mirai insight marginaleffects modeltests'

# Does this machine have the thing? The compiler answers for headers (Catch2's has two names) and libraries.
present() {
  local kind=$1 name=$2
  case $kind in
    command) have "$name" ;;
    file) [ -e "$name" ] ;;
    r) printf '%s\n' "$r_packages" | grep -qx "$name" ;;
    header)
      local other=$name
      [ "$name" != catch2/catch.hpp ] || other=catch2/catch_all.hpp
      have g++ && printf '#if !__has_include(<%s>) && !__has_include(<%s>)\n#error\n#endif\n' "$name" "$other" |
        g++ -std=c++17 -x c++ -fsyntax-only - 2>/dev/null ;;
    openmp) echo '#include <omp.h>' | "$name" -fopenmp -fsyntax-only -x c++ - 2>/dev/null ;;
    sanitizer) echo 'int main() {}' | "$name" -fsanitize=address -x c++ - -o /dev/null 2>/dev/null ;;
    library) have g++ && echo 'int main() {}' | g++ -x c++ - "-l$name" -o /dev/null 2>/dev/null ;;
  esac
}

find_missing() {
  missing=() missing_names=()
  local group kind name package wanted
  r_packages=$(if have Rscript; then Rscript -e 'cat(unique(rownames(installed.packages())), sep = "\n")'; fi)
  while read -r group kind name package; do
    for wanted in "$@"; do
      if [ "$wanted" = "$group" ] && ! present "$kind" "$name"; then
        missing+=("$package") missing_names+=("$kind $name")
      fi
    done
  done < <(needs)
}

install_missing() {
  local list as_root=()
  list=$(printf '%s\n' "${missing[@]}" | sort -u | tr '\n' ' ')
  if ! have apt-get; then
    printf 'This script can install only through apt. Install these first (each with its name in Debian):\n' >&2
    local i
    for i in "${!missing[@]}"; do printf '  %-32s %s\n' "${missing_names[$i]}" "${missing[$i]}" >&2; done
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if have sudo; then as_root=(sudo); else
      printf 'Not root, and there is no sudo. Have this run as root first:\n  apt-get install --no-install-recommends %s\n' "$list" >&2
      exit 1
    fi
  fi
  say "Installing $list"
  "${as_root[@]}" apt-get update -qq
  # shellcheck disable=SC2086  # a list of words
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $list
}

# install_from_cran LIBRARY PACKAGE...: the packages that are lacking, to that library (R's first one if it is empty).
install_from_cran() {
  Rscript -e '
    arguments <- commandArgs(TRUE)
    if (nzchar(arguments[1])) {
      dir.create(arguments[1], FALSE, TRUE)
      .libPaths(c(arguments[1], .libPaths()))
    }
    lacking <- Filter(function(p) !requireNamespace(p, quietly = TRUE), arguments[-1])
    if (identical(unname(getOption("repos")["CRAN"]), "@CRAN@")) chooseCRANmirror(graphics = FALSE, ind = 1)
    if (length(lacking)) install.packages(lacking, lib = .libPaths()[1])
    stopifnot(vapply(arguments[-1], requireNamespace, NA, quietly = TRUE))' "$@"
}

[ $# -gt 0 ] || fail "usage: tools/setup.sh run|test|bench|site ..."
for group in "$@"; do
  case $group in run | test | bench | site) ;; *) fail "no such group: $group" ;; esac
done
find_missing "$@"
if [ ${#missing[@]} -gt 0 ]; then
  install_missing
  find_missing "$@"
  [ ${#missing[@]} -eq 0 ] || fail "still missing after the installation: ${missing_names[*]}"
fi
# shellcheck disable=SC2086  # lists of words
case " $* " in *" bench "*)
  install_from_cran "$bench_library" $cran_peers ||
    echo "Some peers could not be installed; the comparison will skip them." ;;
esac
# shellcheck disable=SC2086
case " $* " in *" test "*)
  install_from_cran "" $cran_test || echo "Some of $cran_test could not be installed; their tests will be skipped." ;;
esac
echo "Everything for '$*' is installed."
