#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh [DATABASE] [PROGRAM…] - measures the programs of traces/suites/replayed.suite (or those named) on several
# allocators, and prints their tables and what they say together.  As root, what a program needs is installed; on a
# quiet machine.
#
#   HEAPYARD    the program (build/harness/cmd/heapyard of this tree); SUITE another suite
#   ALLOCATORS  which ones (below); ROUNDS how often each (12); FORMAT of the answer (text)
#   RESUME=1    goes on where a run of the same command and database was stopped
#
# `heapyard report DATABASE REPLAYS` shows them beside what the replays of their traces predicted.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
database=${1:-$root/results/local/programs.db}
[ $# = 0 ] || shift
install=""
[ "$(id -u)" != 0 ] || install=--install
exec "${HEAPYARD:-$root/build/harness/cmd/heapyard}" run --suite "${SUITE:-$root/traces/suites/replayed.suite}" $install \
    -a "${ALLOCATORS:-system,jemalloc,mimalloc,tcmalloc,segregated,tlsf,best-fit}" -r "${ROUNDS:-12}" \
    --format "${FORMAT:-text}" -o "$database" ${RESUME:+--resume} "$@"
