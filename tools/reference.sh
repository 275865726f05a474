#!/usr/bin/env bash
# Builds the reference of the C++ library's public names in build/reference/html, and fails where one has no description.
# shellcheck source=tools/common.sh disable=SC1091
. "$(dirname "$0")/common.sh"

mkdir -p build
rm -rf build/reference
doxygen Doxyfile
printf 'build/reference/html/index.html\n'
