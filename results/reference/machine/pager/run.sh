#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - the live pager: each policy on a sort in an eighth of its memory, Belady's anomaly, the curve against frames, a
# program that knows nothing of it, and what a fault costs.  Fault counts of logged runs repeat exactly; times need a
# quiet machine.
#
#   HEAPYARD=build/harness/cmd/heapyard results/reference/machine/pager/run.sh
#   COST=0 OUT=/tmp/pager results/reference/machine/pager/run.sh         # without what needs a quiet machine
#   COST=only results/reference/machine/pager/run.sh                     # and nothing but that
set -eu
cd "$(dirname "$0")/../../../.."
heapyard=${HEAPYARD:-build/harness/cmd/heapyard}
out=${OUT:-results/reference/machine/pager}
mkdir -p "$out"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

answer() { # NAME, then what follows `heapyard page live`
  name=$1
  shift
  "$heapyard" page live "$@" >"$out/$name.txt"
}

if [ "${COST:-1}" != only ]; then
  answer anomaly string --string "1 2 3 4 1 2 5 1 2 3 4 5" -p fifo,lru,opt --frames 3,4
  answer sort sort --pages 128 --frames 16 -p fifo,lru,clock,nru,2q,arc,lfu,random,ws,opt # ws in lockstep: a minute
  answer faults-only sort --pages 128 --frames 16 --hear faults -p fifo,random,lru,clock,2q,arc
  answer sampled sort --pages 128 --frames 16 --hear sample --sample 4 -p fifo,random,lru,clock,2q,arc
  answer storm storm --threads 4 --pages 64 --frames 8 -p fifo,lru,clock,random
  "$heapyard" page live matrix --pages 24 -p fifo,lru,clock,random,opt --frames 2,4,6,7,8,9,10,11,12,14,16,20,24 \
    --page "$folder" >"$out/curve.txt"
  cp "$folder/live-curve.svg" "$out/curve.svg"
  answer program --frames 4M,8M,16M,32M -p lru -- /usr/bin/python3 -c \
    "x = [str(i * i) for i in range(200000)]; x.sort(); print(len(x), x[0], x[-1])"
fi
if [ "${COST:-1}" != 0 ]; then
  # Clean frames: pages are only read.  Workload and pager share a core.
  answer cost cycle --pages 512 --frames 64 --rounds 100 --no-log --hear faults -p fifo
  answer cost-two-cores cycle --pages 512 --frames 64 --rounds 100 --no-log --hear faults -p fifo --no-pin
fi
