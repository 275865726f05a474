#!/usr/bin/env bash
# clang-tidy by .clang-tidy: all of the library's headers, and a gate and a family as users write them. Fails on a warning.
# shellcheck source=tools/common.sh disable=SC1091
. "$(dirname "$0")/common.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp .clang-tidy "$folder"
printf '#include <expertmix/expertmix.hpp>\n' >"$folder/all_headers.cpp"

# tidy FILE FLAG...
tidy() {
  local file=$1
  shift
  clang-tidy --quiet --warnings-as-errors='*' "$file" -- -std=c++17 -Iinclude -fopenmp "$@" 2>"$folder/log" ||
    fail "clang-tidy: $file"
}

tidy "$folder/all_headers.cpp"
tidy guide/own_gate.cpp -DEXPERTMIX_COMPILED
tidy guide/own_family.cpp -DEXPERTMIX_COMPILED
