#!/bin/sh
# SPDX-License-Identifier: MIT
#
# refresh.sh BUILD - counts anew how many instructions the calls of each library take, and records it here.  BUILD is a
# release build of gcc with LTO and tests (meson setup BUILD && ninja -C BUILD).  Some two minutes; load does not matter.
set -eu
[ $# = 1 ] || { echo "usage: $0 BUILD" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
cd "$here/../../.."
export PYTHONDONTWRITEBYTECODE=1
count() { tests/instructions/calls.py "$build/tests/instructions/calls" "$@"; }
own=$build/harness/preload/libheapyard
set -- "$own-segregated.so" "$own-tlsf.so" glibc jemalloc mimalloc tcmalloc
count "$@" --format csv >"$here/instructions.csv.new"
mv "$here/instructions.csv.new" "$here/instructions.csv"
tests/instructions/calls.py --from "$here/instructions.csv" --format markdown >"$here/instructions.md"
count "$own-segregated.so" --paths >"$here/paths.txt"
package() { dpkg-query -W -f='"${Package}": "${Version}"' "$1" 2>/dev/null || printf '"%s": null' "$1"; }
{
  printf '{"command": "%s",\n "compiler": "%s",\n "valgrind": "%s",\n' "results/reference/instructions/refresh.sh BUILD" \
    "$(gcc --version | head -n 1)" "$(valgrind --version)"
  printf ' "processor": "%s",\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
  printf ' "packages": {%s, %s, %s, %s}}\n' "$(package libc6)" "$(package libjemalloc2)" "$(package libmimalloc2.0)" \
    "$(package libtcmalloc-minimal4)"
} >"$here/environment.json"
