#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh [DATABASE] [PROGRAM…] - measures the programs of traces/suites/real.suite (or those named) on several allocators, each in a
# campaign of its own, and prints their tables.  On a quiet machine; the five take some four minutes.
#
#   HEAPYARD    the program (build/harness/cmd/heapyard of this tree)
#   ALLOCATORS  which ones (below); ROUNDS how often each (12); FORMAT of the answer (text)
#   RESUME=1    goes on where a run of the same command and database was stopped
#
# `heapyard report DATABASE REPLAYS` shows them beside what the replays of their traces predicted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
suites=$root/traces/suites
database=${1:-$root/results/local/programs.db}
[ $# = 0 ] || shift
wanted=" $* "
HEAPYARD=$(realpath "${HEAPYARD:-$root/build/harness/cmd/heapyard}")
allocators=${ALLOCATORS:-system,jemalloc,mimalloc,tcmalloc,segregated,tlsf,best-fit}
mkdir -p "$(dirname "$database")"
database=$(realpath "$database")
export PATH=/usr/bin:/bin LC_ALL=C TZ=UTC
unset LD_PRELOAD PYTHONPATH PYTHONHOME
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
failed=0

# need PACKAGE…: installs those that are missing.
need() {
    missing=$(for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf ' %s' "$package"
    done)
    [ -z "$missing" ] || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >&2
}

# run [OPTION…]: in the program's folder.  A subshell, for its variables are the program's.
run() (
    cd "$work/$name"
    export HOME="$PWD" $environment
    [ "$check" = output ] || set -- --ignore-output "$@"
    options="$*"
    eval "set -- $command"
    exec "$HEAPYARD" run --compare --name "$name" --trace "$suites/$trace" -a "$allocators" -r "${ROUNDS:-12}" \
        --format "${FORMAT:-text}" -o "$database" $options -- "$@"
)

measure() {
    [ -n "$name" ] || return 0
    [ "$wanted" = "  " ] || case $wanted in *" $name "*) ;; *) return 0 ;; esac
    need $packages
    mkdir "$work/$name"
    (cd "$work/$name" && HEAPYARD_INPUT=1 "$suites/$input" >&2)
    status=0
    if [ -n "${RESUME:-}" ]; then
        run --resume || status=$?
        [ $status != 2 ] || { status=0; run || status=$?; } # not begun before
    else
        run || status=$?
    fi
    [ $status -le 1 ] || exit $status
    [ $status = 0 ] || failed=1
}

name=""
while read -r key value; do
    case $key in
        program)
            measure
            name=$value packages="" input="" trace="" environment="" command="" check=output
            ;;
        packages) packages=$value ;;
        input) input=$value ;;
        trace) trace=$value ;;
        environment) environment=$value ;;
        command) command=$value ;;
        check) check=$value ;;
    esac
done <"$suites/real.suite"
measure
exit $failed
