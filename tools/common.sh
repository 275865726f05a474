# Sourced by the other scripts: where the project is, how they speak, and which R library they see.
# shellcheck shell=bash

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say() { printf '\n== %s\n' "$*"; }
fail() { printf '\nFAILED: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# A bare machine has no UTF-8 locale set, and R then cannot print what the package prints.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
  *[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) ;;
  *) export LC_ALL=C.UTF-8 ;;
esac

# A library of the user's own must not hide the one that Debian's R packages are in.
system_library=/usr/lib/R/site-library
if [ -n "${R_LIBS_SITE:-}" ]; then
  case ":$R_LIBS_SITE:" in
    *":$system_library:"*) ;;
    *) export R_LIBS_SITE="$R_LIBS_SITE:$system_library" ;;
  esac
fi

# One BLAS thread: the library has threads of its own.
export OPENBLAS_NUM_THREADS=1
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
export CMAKE_BUILD_PARALLEL_LEVEL=$jobs MAKEFLAGS=-j$jobs

# build_tarball DIRECTORY [OPTION...]: builds the R package in DIRECTORY and sets `tarball`.
build_tarball() {
  local directory=$1
  shift
  mkdir -p "$directory"
  rm -f "$directory"/expertmix_*.tar.gz
  (cd "$directory" && R CMD build "$@" "$root")
  # shellcheck disable=SC2034  # for the caller
  tarball=$(echo "$directory"/expertmix_*.tar.gz)
}
