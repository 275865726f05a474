#!/usr/bin/env bash
# What a compiler takes for README's program, with the compiled library and header-only, beside a program that solves a
# linear system with Armadillo alone: CPU seconds at -O3 (medians of three runs in turn) and peak memory.
#   bench/compile.sh
# shellcheck source=tools/common.sh disable=SC1091
. "$(dirname "$0")/../tools/common.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
awk '/^```cpp$/ && !seen { inside = seen = 1; next } /^```$/ { inside = 0 } inside' README.md >"$folder/readme.cpp"
cat >"$folder/solve.cpp" <<'SOLVE'
#include <armadillo>

int main() {
  const arma::mat a = {{2.0, 1.0}, {1.0, 3.0}};
  const arma::vec b = {1.0, 2.0};
  arma::vec(arma::solve(a, b)).print();
}
SOLVE

# compile NAME PROGRAM FLAG...: adds "NAME seconds kilobytes" to the results.
compile() {
  local name=$1 program=$2
  shift 2
  /usr/bin/time -a -o "$folder/results" -f "$name %U %M" \
    "${CXX:-g++}" -std=c++17 -O3 -fopenmp -Iinclude "$@" -c "$folder/$program.cpp" -o "$folder/program.o"
}

for _ in 1 2 3; do
  compile armadillo solve
  compile compiled readme -DEXPERTMIX_COMPILED
  compile header-only readme
done
sort -k1,1 -k2,2n "$folder/results" | awk '
  { count[$1]++; seconds[$1, count[$1]] = $2; if ($3 > memory[$1]) memory[$1] = $3 }
  END {
    base = seconds["armadillo", 2]
    for (name in count)
      printf "%-12s %6.1f s  %5.2f times Armadillo alone  %5d MB\n", name, seconds[name, 2], seconds[name, 2] / base, memory[name] / 1000
  }' | sort -k2,2n
