#!/usr/bin/env bash
# Uses the library as others do: README's C++ program built from an installed copy and from the source tree, a program
# with compiled and header-only objects, and two R packages with LinkingTo: expertmix beside expertmix itself.
#   tests/consumers/run.sh <folder to build in> <R library that has expertmix>
# shellcheck source=tools/common.sh disable=SC1091
. "$(dirname "$0")/../../tools/common.sh"

[ $# = 2 ] || fail "usage: tests/consumers/run.sh <build folder> <R library>"
mkdir -p "$1"
build=$(cd "$1" && pwd) r_library=$(cd "$2" && pwd)
here=$root/tests/consumers

extract_program() {
  awk '/^```cpp$/ && !seen { inside = seen = 1; next } /^```$/ { inside = 0 } inside' README.md >"$build/program.cpp"
  grep -q 'int main' "$build/program.cpp" || fail "README's first cpp block is not a whole program"
}

# configure FOLDER CMAKE-OPTION...
configure() {
  local folder=$build/$1
  shift
  rm -rf "$folder"
  cmake -S "$here/cmake" -B "$folder" -G Ninja "-DPROGRAM=$build/program.cpp" "$@"
}

# run FOLDER [PROGRAM]: the program must end well and print a log-likelihood.
run() {
  "$build/$1/${2:-program}" | tee "$build/$1/output"
  grep -q 'log-likelihood' "$build/$1/output" || fail "the program printed no log-likelihood"
}

say "README's C++ program, from an installed copy, by add_subdirectory, and as C++20 for this machine only"
extract_program
rm -rf "$build/prefix" "$build/library"
# Without Catch2: what README says to install needs no test library.
cmake -S "$root" -B "$build/library" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF -DCMAKE_DISABLE_FIND_PACKAGE_Catch2=ON \
  "-DCMAKE_INSTALL_PREFIX=$build/prefix"
cmake --build "$build/library" --target install >/dev/null
configure installed "-DCMAKE_PREFIX_PATH=$build/prefix" -DLIBRARY=compiled -DCMAKE_BUILD_TYPE=Release
configure subdirectory "-DEXPERTMIX_SOURCE=$root" -DLIBRARY=compiled -DCMAKE_BUILD_TYPE=Debug
configure native "-DCMAKE_PREFIX_PATH=$build/prefix" -DLIBRARY=expertmix -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_FLAGS=-march=native -DCMAKE_CXX_STANDARD=20
cmake --build "$build/subdirectory" --target program both files own &
other=$!
cmake --build "$build/installed"
cmake --build "$build/native"
wait $other
run installed
run subdirectory both
run subdirectory own
run subdirectory
run native
cmp "$build/installed/output" "$build/subdirectory/output" || fail "the two programs print different results"

say "The user's own build is what it is without the library"
for folder in installed native subdirectory; do
  cmake --build "$build/$folder" --target settings >/dev/null
  "$build/$folder/settings_alone" >"$build/$folder/alone"
  "$build/$folder/settings_linked" | diff "$build/$folder/alone" - || fail "linking expertmix changes settings"
done

say "By pkg-config, from a copy that a parent project installed and that was moved"
cmake --install "$build/subdirectory" --prefix "$build/elsewhere" >/dev/null
rm -rf "$build/moved"
mv "$build/elsewhere" "$build/moved"
PKG_CONFIG_PATH=$(dirname "$(find "$build/moved" -name expertmix.pc)")
export PKG_CONFIG_PATH
read -ra flags < <(pkg-config --cflags --libs expertmix)
"${CXX:-g++}" -std=c++17 "$build/program.cpp" "${flags[@]}" -o "$build/moved/program"
run moved
cmp "$build/installed/output" "$build/moved/output" || fail "the two programs print different results"

say "Headers alone"
cmake --install "$build/library" --component headers --prefix "$build/headers" >/dev/null
configure headers-only "-DCMAKE_PREFIX_PATH=$build/headers" -DLIBRARY=expertmix
if configure no-library "-DCMAKE_PREFIX_PATH=$build/headers" -DLIBRARY=compiled >/dev/null 2>&1; then
  fail "a component that is not installed was found"
fi

tests/consumers/debian.sh "$build/library" "$build/program.cpp"

say "Fits in files, from R to C++ and back"
R_LIBS=$r_library${R_LIBS:+:$R_LIBS} Rscript "$here/files.R" "$build/subdirectory/files"

say "Two R packages with LinkingTo: expertmix"
rm -rf "$build/r-library"
mkdir -p "$build/r-library"
export R_LIBS="$build/r-library:$r_library${R_LIBS:+:$R_LIBS}"
for name in expertmixconsumer expertmixother; do
  rm -rf "${build:?}/$name"
  cp -r "$here/rpackage" "$build/$name"
  mkdir "$build/$name/R"
  sed -i "s/expertmixconsumer/$name/" "$build/$name/DESCRIPTION" "$build/$name/NAMESPACE"
  Rscript -e 'Rcpp::compileAttributes(commandArgs(TRUE))' "$build/$name"
  R CMD INSTALL --no-docs --no-test-load --library="$build/r-library" "$build/$name" >"$build/$name/log" 2>&1 &
done
wait -n || fail "a package that links to the library was not installed: $(cat "$build"/expertmix*/log)"
wait -n || fail "a package that links to the library was not installed: $(cat "$build"/expertmix*/log)"
Rscript "$here/check.R"
