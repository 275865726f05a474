#!/usr/bin/env bash
# Builds the reference of the C++ library's public names in build/reference/html, and fails where one has no description.
# shellcheck source=tools/common.sh disable=SC1091
. "$(dirname "$0")/common.sh"

rm -rf build/reference
mkdir -p build/reference
# Each public name that a program of the guide uses is linked with it.
for program in guide/*.cpp; do
  printf '/** @example %s */\n' "$(basename "$program")"
done >build/reference/examples.dox
doxygen Doxyfile
printf 'build/reference/html/index.html\n'
