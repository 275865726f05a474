#!/usr/bin/env bash
# Random calls of the R package (tests/random), each in a process that a crash or a hang cannot take down:
#   tools/random.sh [COUNT [FIRST SEED]]   COUNT cases, 500 from seed 1 by default; prints what failed and a line of summary
#   tools/random.sh --seed SEED            one case: its code and what failed
#   tools/random.sh --code SEED            its code alone, to be run by hand
# Tests the package that R finds: R_LIBS=folder chooses. WORKERS=2 chooses how many processes, by default one a core.
. "$(dirname "$0")/common.sh"

cases=tests/random
case ${1:-} in
  --seed) Rscript "$cases/one.R" "$cases" "$2" ;;
  --code) Rscript "$cases/one.R" "$cases" "$2" code ;;
  *) Rscript "$cases/run.R" "$cases" "${1:-500}" "${2:-1}" "${WORKERS:-$jobs}" ;;
esac
