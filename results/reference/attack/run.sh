#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh [BUILD] - every fault on every allocator, 100 times, with page and pictures; and each mitigation of hardened by
# itself (README.md).  BUILD is a release build (default: build).  On a quiet machine of two cores, a quarter of an hour.
# As root, allocators that are missing are installed.
#
#   REPETITIONS  of each fault (100); STARTS  for the entropy of addresses (4096); PRICES  rounds (10)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=$(cd "$root" && cd "${1:-build}" && pwd)
if [ "$(id -u)" = 0 ]; then
  for package in electric-fence libasan8 libclang-rt-14-dev libtcmalloc-minimal4 libjemalloc2 libmimalloc2.0 gnuplot-nox \
      valgrind jq; do
    dpkg-query -W "$package" >/dev/null 2>&1 || apt-get install -y -qq --no-install-recommends "$package" >/dev/null
  done
fi
export PYTHONDONTWRITEBYTECODE=1
began=$(date +%s)
"$build/harness/cmd/heapyard" attack -r "${REPETITIONS:-100}" --starts "${STARTS:-4096}" --price "${PRICES:-10}" \
  --page "$here" >"$here/answer.txt"
campaign=$(($(date +%s) - began))
sed -i "s,$build/,build/,g; s,$root/,,g" "$here/answer.txt" "$here/cells.csv" "$here/allocators.csv" "$here/index.html"
"$here/mitigations.py" "$build"
{
  date -u +%F
  uname -srm
  sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1
  echo "$(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg) at the end"
  git -C "$root" describe --always --dirty
  echo "$campaign seconds for the campaign"
  dpkg-query -W -f='${Package} ${Version}\n' libc6 electric-fence libasan8 libclang-rt-14-dev libtcmalloc-minimal4 \
    libjemalloc2 libmimalloc2.0
} >"$here/environment.txt"
tail -n 1 "$here/answer.txt"
