#!/usr/bin/env bash
# The form of the code: formats C++, and lints R and shell scripts.
#   tools/format.sh           formats C++ in place, then lints
#   tools/format.sh --check   fails where something is not as it should be
. "$(dirname "$0")/common.sh"

mapfile -t cpp < <(git ls-files '*.hpp' '*.ipp' '*.cpp' '*.h' ':!src/RcppExports.cpp')
mapfile -t shell < <(git ls-files '*.sh' .ci/run)
case ${1:-} in
  --check) clang-format --dry-run -Werror "${cpp[@]}" ;;
  *) clang-format -i "${cpp[@]}" ;;
esac
shellcheck "${shell[@]}"
Rscript tools/lint.R
