#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - what `heapyard reloc` says of this machine: every member of libc.a against GNU ld at three random bases
# (libc.csv, some minutes), its relocations by type (types.txt), a scan of all programs and libraries (scan.csv: a row a
# file, scan.md: the counts), one function at 1 000 random bases (run.csv).  Exit code 1: a member differs without a
# reason in explained.txt, or one of explained.txt does not differ.  Counts only: nothing depends on a quiet machine.
#
#   HEAPYARD=build/harness/cmd/heapyard results/reference/machine/reloc/run.sh
set -u
cd "$(dirname "$0")/../../../.." || exit 2
heapyard=${HEAPYARD:-build/harness/cmd/heapyard}
here=results/reference/machine/reloc
out=${OUT:-$here}
libc=${LIBC:-/usr/lib/x86_64-linux-gnu/libc.a}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
worst=0
step() { # step FILE COMMAND...: its standard output into a file
  to=$1; shift
  "$@" >"$out/$to" || { code=$?; [ $code -le $worst ] || worst=$code; }
}
cc -O2 -fPIC -c tests/reloc/code.c -o "$work/code.o" || exit 2
step types.txt "$heapyard" reloc ls --counts "$libc"
step libc.csv "$heapyard" reloc diff "$libc" --bases 3 --explained $here/explained.txt --format csv
step run.csv "$heapyard" reloc run "$work/code.o" calculate 1 50 8 --bases 1000 --expect 85 --format csv
step scan.csv "$heapyard" reloc scan --format csv
step scan.md "$heapyard" reloc scan --format markdown
{
  uname -srm
  ld --version | head -n 1
  cc --version | head -n 1
  dpkg-query -W -f '${Package} ${Version}\n' libc6-dev 2>/dev/null
  sha256sum "$libc"
} >"$out/machine.txt"
cut -d, -f2 "$out/libc.csv" | sort | uniq -c
exit $worst
