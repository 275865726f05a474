#!/usr/bin/env bash
# The Debian package: made by cpack from a build folder, installed into an empty root, used by a program, and removed
# without a trace.
#   tests/consumers/debian.sh <build folder of the library> <program>
# shellcheck source=tools/common.sh disable=SC1091
. "$(dirname "$0")/../../tools/common.sh"

[ $# = 2 ] || fail "usage: tests/consumers/debian.sh <build folder> <program>"
have dpkg || exit 0
say "The Debian package installs, serves a program, and is removed"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$1" && cpack -G DEB -B "$folder") >/dev/null
package=$(echo "$folder"/libexpertmix-dev_*.deb)

# dpkg_there ARGUMENT...: of a system that has no other package.
mkdir -p "$folder/root/var/lib/dpkg/"{info,updates}
touch "$folder/root/var/lib/dpkg/status" "$folder/root/var/lib/dpkg/available"
dpkg_there() { dpkg --root="$folder/root" --log=/dev/null --force-depends --force-not-root --force-script-chrootless "$@"; }
files() { find "$folder/root" -path "$folder/root/var" -prune -o -type f -print | sort; }

dpkg_there --install "$package" >/dev/null 2>&1
[ "$(files | wc -l)" -gt 150 ] || fail "the package has too few files"
[ -f "$folder/root/usr/share/doc/libexpertmix-dev/copyright" ] || fail "the package says nothing of its licence"
PKG_CONFIG_PATH=$(dirname "$(find "$folder/root" -name expertmix.pc)")
export PKG_CONFIG_PATH
read -ra flags < <(pkg-config --cflags --libs expertmix)
"${CXX:-g++}" -std=c++17 "$2" "${flags[@]}" -o "$folder/program"
"$folder/program" >"$folder/output"
grep -q 'log-likelihood' "$folder/output" || fail "the program printed no log-likelihood"
dpkg_there --purge libexpertmix-dev >/dev/null
[ -z "$(files)" ] || fail "the package left $(files)"
