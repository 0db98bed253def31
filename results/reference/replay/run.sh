#!/bin/sh
# run.sh [BUILD] - measures what the replayer costs (see README.md).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
heapyard=$(cd "$root" && cd "${1:-build}" && pwd)/harness/cmd/heapyard
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"

"$heapyard" replay traces/sqlite.hyt traces/jq.hyt traces/cc1.hyt traces/python.hyt traces/perl.hyt \
  --self-check -r 21 --format csv >"$work/self.csv"

first=1
for how in faithful free-running serial; do
  "$heapyard" replay traces/redis.hyt -a segregated,system,jemalloc --pass throughput --threads $how -r 11 \
    -o "$work/threads.db" --format csv |
    awk -v how=$how -v first=$first 'NR == 1 { if (first) print "threads," $0; next } { print how "," $0 }'
  first=0
done | cut -d , -f 1-10 >"$work/threads.csv"

{
  date -u +%F
  uname -srm
  sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1
  echo "$(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg) at the end"
  git rev-parse --short HEAD
} >"$work/environment.txt"
mv "$work"/self.csv "$work"/threads.csv "$work"/environment.txt "$here"
