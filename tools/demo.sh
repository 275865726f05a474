#!/usr/bin/env bash
# From a bare machine to two fitted models: installs what is missing, installs the package, fits and draws.
. "$(dirname "$0")/common.sh"

say "What is needed"
tools/setup.sh run

say "Installing expertmix"
build_tarball build/demo --no-build-vignettes
# The first library that can be written to, or the user's own, which R may not have made yet.
# shellcheck disable=SC2016  # R's dollar signs
library=$(Rscript -e '
  libraries <- .libPaths()
  writable <- libraries[file.access(libraries, 2) == 0]
  own <- strsplit(Sys.getenv("R_LIBS_USER"), .Platform$path.sep)[[1]][1]
  cat(if (length(writable)) writable[1] else own)')
mkdir -p "$library"
R CMD INSTALL --library="$library" "$tarball"

say "Fitting"
mkdir -p output
R_LIBS="$library${R_LIBS:+:$R_LIBS}" Rscript tools/demo.R output
