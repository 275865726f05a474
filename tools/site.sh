#!/usr/bin/env bash
# Builds the website: R's help pages and vignettes, the C++ guide and reference, validation, benchmarks, news. Fails
# where a link leads nowhere or a page would load something from elsewhere.
#   tools/site.sh [folder [R library with expertmix]]     by default build/site, and a library of its own
. "$(dirname "$0")/common.sh"

folder=${1:-build/site} library=${2:-}
# Vignettes and examples use the packages of the tests.
tools/setup.sh run test site

if [ -z "$library" ]; then
  say "Installing expertmix"
  library=build/site-library
  mkdir -p "$library"
  if have ccache; then export CCACHE_NOHASHDIR=1 R_MAKEVARS_USER=$root/tools/ccache.mk; fi
  build_tarball build/site-tarball --no-build-vignettes
  R CMD INSTALL --library="$library" "$tarball"
fi

say "Reference of the C++ library"
tools/reference.sh

say "Pages"
R_LIBS="$(realpath "$library")${R_LIBS:+:$R_LIBS}" Rscript tools/site.R "$folder"

say "Links"
Rscript tools/site-check.R "$folder"
printf '%s/index.html\n' "$folder"
