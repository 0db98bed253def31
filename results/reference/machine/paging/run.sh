#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - what `heapyard page` says of the shipped references (traces/pages), as text and CSV, with the pictures of its
# page.  All are counts, so nothing depends on a quiet machine, but speed.txt.
#
#   HEAPYARD=build/harness/cmd/heapyard results/reference/machine/paging/run.sh
#   SPEED=0 OUT=/tmp/paging results/reference/machine/paging/run.sh      # counts only
#   CHRT="chrt -f 50" ...                                                # speed on a busy machine; needs the right to
set -eu
cd "$(dirname "$0")/../../../.."
heapyard=${HEAPYARD:-build/harness/cmd/heapyard}
out=${OUT:-results/reference/machine/paging}
mkdir -p "$out"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
all="traces/pages/matrix-ijk.hyp traces/pages/matrix-ikj.hyp traces/pages/sort.hyp traces/pages/python.hyp"
every=fifo,lru,clock,nru,2q,arc,lfu,lfu:age=100000,random,ws,opt

answer() { # NAME, then what follows `heapyard page`
  name=$1
  shift
  "$heapyard" page "$@" >"$out/$name.txt"
  "$heapyard" page "$@" --format csv >"$out/$name.csv"
}

answer anomaly sim --string "1 2 3 4 1 2 5 1 2 3 4 5" -p fifo,lru,opt --frames 3,4
answer policies sim $all -p $every --frames 16,32,64
"$heapyard" page curve $all >"$out/curves.txt"
"$heapyard" page curve $all --format csv --page "$folder" >"$out/curves.csv" 2>"$folder/said"
cp "$folder"/page-*.svg "$out"
answer sizes sizes $all --memory 256K,1M --page-size 4K,16K,64K,2M
answer walks-4 sim $all --tlb 64x4,1536x12 --page-size 4K,2M,1G
answer walks-5 sim $all --tlb 64x4,1536x12 --page-size 4K,2M,1G --levels 5
answer walks-cached sim $all --tlb 64x4 --levels 5 --walk-cache 32
answer turns sim $all --slice 10000 --tlb 64x4,1536x12 --asids yes
answer turns-flushed sim $all --slice 10000 --tlb 64x4,1536x12 --asids no
answer allocators sim traces/jq.hyt traces/python.hyt -a system,segregated,hardened,tlsf,first-fit,best-fit,buddy \
  -p lru,opt --frames 64,256
if [ "${SPEED:-1}" = 1 ]; then
  for frames in 16 64; do
    for pager in fifo lru clock nru 2q arc lfu random ws opt; do
      ${CHRT:-} "$heapyard" page sim traces/pages/sort.hyp -p $pager --frames $frames --time | sed '1d; /^$/,$d'
    done
  done >"$folder/speed"
  {
    "$heapyard" page sim traces/pages/sort.hyp --references 1000 -p lru --time | sed 1q
    cat "$folder/speed"
  } >"$out/speed.txt"
fi
{
  uname -srm
  nproc | sed 's/$/ processors/'
  grep -m 1 'model name' /proc/cpuinfo
} >"$out/machine.txt"
