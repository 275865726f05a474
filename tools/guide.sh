#!/usr/bin/env bash
# Puts the programs of guide/ into guide/README.md, where each stands below its name: what a test compares.
# shellcheck source=tools/common.sh disable=SC1091
. "$(dirname "$0")/common.sh"

awk '
  match($0, /\]\([a-z_]+\.cpp\)/) { program = "guide/" substr($0, RSTART + 2, RLENGTH - 3) }
  /^```cpp$/ { print; while ((getline line < program) > 0) print line; close(program); inside = 1; next }
  /^```$/ { inside = 0 }
  !inside' guide/README.md >guide/README.new
mv guide/README.new guide/README.md
