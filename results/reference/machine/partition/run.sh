#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - makes the tables of this folder again: sizes of programs, their peaks, and memories that grow old.  Nothing is
# installed or changed; programs are run with --version or on files that Debian has, without network.
#
#   HEAPYARD=build/harness/cmd/heapyard results/reference/machine/partition/run.sh    # about two minutes
set -eu
heapyard=$(realpath "${HEAPYARD:-build/harness/cmd/heapyard}")
cd "$(dirname "$0")"

# Guesses for every program of two folders, without their libraries and with them.
"$heapyard" partition guess /usr/bin /usr/sbin >guesses.txt
"$heapyard" partition guess /usr/bin /usr/sbin --format csv >guesses.csv
"$heapyard" partition guess /usr/bin /usr/sbin --libraries >guesses-libraries.txt

# Programs that can be run without harm: --version of whole packages, and some that do a little work.
packages="coreutils binutils-x86-64-linux-gnu findutils diffutils grep sed tar gzip bzip2 xz-utils zstd make patch m4 file
  gcc-12 cpp-12 g++-12 git jq gawk bison flex gdb valgrind sqlite3 openssl curl ninja-build cmake"
: >programs.list
for package in $packages; do
  dpkg -L "$package" 2>/dev/null | grep '^/\(usr/\)\?bin/[^/]*$' | sort | while read -r program; do
    [ -f "$program" ] && [ ! -L "$program" ] && head -c 4 "$program" | grep -q ELF && echo "$program --version" || :
  done
done >>programs.list
work=/var/lib/dpkg/status
cat >>programs.list <<LIST
sort $work
sort --parallel=1 -S 64M $work
gzip -c $work
bzip2 -c $work
xz -1 -c $work
xz -9 -c $work
zstd -c $work
sha256sum $work
wc $work
tac $work
grep -c e $work
sed s/a/b/g $work
/usr/bin/mawk {n+=NF}END{print(n)} $work
/usr/bin/objdump -d /usr/bin/ls
/usr/bin/nm /usr/bin/gdb
/usr/bin/readelf -a /usr/bin/git
/usr/bin/strings /usr/bin/gdb
/usr/bin/perl -e @a=(1..1000000)
/usr/bin/python3.11 -c len(list(range(1000000)))
/usr/bin/find /usr/share/doc
LIST
"$heapyard" partition guess --limit 10s --run programs.list >peaks.txt
"$heapyard" partition guess --limit 10s --run programs.list --libraries >peaks-libraries.txt
"$heapyard" partition guess --limit 10s --run programs.list --libraries --format csv >peaks-libraries.csv

# A memory grows old: a stated random stream, and sizes of real programs.
"$heapyard" partition age >age.txt
"$heapyard" partition age --load 80% >age-80.txt
"$heapyard" partition age --sizes /usr/bin >age-real.txt

# The same stream from ten seeds, on the dynamic fits.
echo "policy,seed,scanned,holes,slivers,refused" >seeds.csv
for seed in 1 2 3 4 5 6 7 8 9 10; do
  for policy in first next best worst; do
    "$heapyard" partition age --seed $seed --format csv \
      -a "fit:policy=$policy,metadata=out-of-band,grain=1,structure=list,order=address" |
      sed -n '2s/^"[^"]*"//p' | awk -F, -v policy=$policy -v seed=$seed -v OFS=, '{print policy, seed, $2, $4, $5, $6}'
  done
done >>seeds.csv

# Dynamic partitions against fixed ones of ever larger blocks.
fixed=$(for block in 1K 4K 16K 64K 256K 1M; do printf ',partitions:block=%s,policy=best' $block; done)
"$heapyard" partition age -a "fit:policy=best,metadata=out-of-band,grain=1,structure=list,order=address$fixed" >blocks.txt
"$heapyard" partition age --sizes /usr/bin \
  -a "fit:policy=best,metadata=out-of-band,grain=1,structure=list,order=address$fixed" >blocks-real.txt

# The page's pictures, and what the scenarios say.
folder=$(mktemp -d)
"$heapyard" partition --page "$folder" 2>/dev/null
cp "$folder"/partition-age-dynamic.svg "$folder"/partition-age-real.svg "$folder"/partition-best.svg .
rm -rf "$folder"
"$heapyard" scenario ../../../../traces/scenarios/*.scenario >scenarios.txt
