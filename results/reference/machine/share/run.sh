#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - everything that `heapyard share` measures, as text and CSV, with the pictures of its page.  Writes PART.txt,
# PART.csv, the pictures and machine.txt beside this script.  Exit code 1: something is not as it must be.  Counts only,
# so nothing depends on a quiet machine but the survey of what is mapped by running programs.
#
#   HEAPYARD=build/harness/cmd/heapyard results/reference/machine/share/run.sh
#   STARTS=1000 OUT=/tmp/share results/reference/machine/share/run.sh
set -u
cd "$(dirname "$0")/../../../.." || exit 2
heapyard=${HEAPYARD:-build/harness/cmd/heapyard}
out=${OUT:-results/reference/machine/share}
starts=${STARTS:-10000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$out"
worst=0
for part in memory libraries dll aslr demand; do
  "$heapyard" share $part --starts "$starts" --page "$folder" >"$out/$part.txt" 2>"$folder/said"
  code=$?
  "$heapyard" share $part --starts "$starts" --format csv >"$out/$part.csv" 2>>"$folder/said" || code=$?
  [ $code -le $worst ] || worst=$code
  grep warning "$folder/said"
  tail -n 1 "$out/$part.txt"
done
cp "$folder"/*.svg "$out" 2>/dev/null
{
  uname -srm
  nproc | sed 's/$/ processors/'
  for file in kernel/randomize_va_space vm/mmap_rnd_bits vm/overcommit_memory; do
    echo "$file $(cat /proc/sys/$file)"
  done
  echo "transparent_hugepage $(cat /sys/kernel/mm/transparent_hugepage/enabled)"
  ldd --version | head -n 1
} >"$out/machine.txt" 2>/dev/null
exit $worst
