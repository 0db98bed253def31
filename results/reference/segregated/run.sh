#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh counts|replays|programs|calls|spacings|times [BUILD] - the sweeps behind the defaults of `segregated`: each
# parameter by itself, and the spacing of its classes.  BUILD is a release build with LTO and tests (build); the other
# spacings are built in results/local/segregated, without LTO, the default one too.
#
#   counts     what repeats, all of the next four; load does not matter
#   replays    memory of the shipped traces: replays.csv
#   programs   memory and page faults of the programs that these were recorded from: programs.csv; the least of RUNS (1)
#   calls      instructions of malloc and free: calls.csv
#   spacings   all of that at other spacings of the classes: spacings.csv
#   times      the CPU time of the programs where time decides: times.csv and times.txt.  On a quiet
#              machine.  ROUNDS: how often each (8)
#
# After each, counts.md is made anew of what is there, and environment.json says of which commit it is.
set -eu
case ${1:-} in counts | replays | programs | calls | spacings | times) ;; *) sed -n '4,6s/^# //p' "$0" >&2; exit 2 ;; esac
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=$(cd "${2:-$root/build}" && pwd)
local=$root/results/local/segregated
mkdir -p "$local"
cd "$root"
export PYTHONDONTWRITEBYTECODE=1

# The first value of each is the default.
retain="8M 0 16M 64M"
chunk="64K 4K 1M"
populate="256K 0 1M"
lend="8M 0 1M 64M"
page="64K 4K 16K"
grow="4 1 16 64"
link="64 1 16 256"
shelf="128 1 16 256"
remote="64K 0 16K 1M"
# Logarithms: classes a doubling, the largest size with classes 16 bytes apart, that with any (seg_class.h).
spacings="3-10-15 2-10-15 4-10-15 3-9-15 3-10-14"
sequences=filling,working-set,scattered,emptied,given-back,large,handover,remote

# Each value but the default of the parameters that are named.
specs() {
    for parameter in "$@"; do
        eval "values=\${$parameter#* }"
        for value in $values; do printf ' segregated:%s=%s' "$parameter" "$value"; done
    done
}
with_commas() { printf '%s' "$*" | tr -s ' \n' ','; }
quietly() { "$@" >/dev/null 2>"$local/log" || { cat "$local/log" >&2; exit 1; }; }
query() { sqlite3 -readonly -csv "$@" | tr -d '\r'; }

spacing_build() { # STEPS-FINE-SMALL TARGET…: where that spacing is built
    folder=$local/build-$1
    if [ ! -e "$folder/build.ninja" ]; then
        settings=$(printf '%s' "$1" | sed 's/\(.*\)-\(.*\)-\(.*\)/SEG_STEPS_LOG=\1,SEG_FINE_LOG=\2,SEG_SMALL_LOG=\3/')
        quietly meson setup "$folder" -Dtests=false -Db_lto=false "-Dsegregated=$settings"
    fi
    shift
    quietly ninja -C "$folder" harness/preload/libheapyard-segregated.so "$@"
    printf '%s' "$folder"
}

# Rows of a CSV file: setting, trace or program or call, figure, value.  NAME is what `segregated` without settings is.
replayed() { # BUILD NAME SPECS
    rm -f "$local/replays.db"
    quietly "$1/harness/cmd/heapyard" replay traces/*.hyt -a "$3" --pass footprint -r 1 --timeout 2m -o "$local/replays.db"
    query "$local/replays.db" "SELECT iif(spec = 'segregated', '$2', substr(spec, 12)), trace.name, metric.name,
        cast(value AS INTEGER) FROM metric JOIN cell ON metric.cell = cell.id JOIN trace ON cell.trace = trace.id
        WHERE spec LIKE 'segregated%' AND metric.name IN ('peak_committed', 'peak_resident', 'grows')"
}
ran() { # BUILD NAME SPECS
    rm -f "$local/programs.db"
    quietly "$1/harness/cmd/heapyard" run --suite replayed --compare -r "${RUNS:-1}" -a "$3" -o "$local/programs.db"
    for figure in peak minor; do
        query "$local/programs.db" "SELECT iif(spec = 'segregated', '$2', substr(spec, 12)), program.name,
            'program_$figure', min($figure) FROM program_run JOIN program ON program = program.id
            WHERE pass = 'program' GROUP BY spec, program.name"
    done
}
counted() { # LIBRARY NAME SPEC
    HEAPYARD_SPEC=$3 tests/instructions/calls.py "$build/tests/instructions/calls" "$1" --sequence $sequences \
        --format csv >"$local/counted.csv"
    awk -F, -v name="$2" 'NR > 1 { print name "," $2 " " $3 ",instructions," $5 }' "$local/counted.csv"
}

write() { # FILE COMMAND…: what the command prints, if it succeeds
    file=$1
    shift
    echo setting,name,figure,value >"$local/$file"
    "$@" >>"$local/$file"
    cp "$local/$file" "$here/$file"
}
do_replays() {
    write replays.csv replayed "$build" default "$(with_commas segregated $(specs retain chunk lend page grow link shelf))"
}
do_programs() {
    write programs.csv ran "$build" default "$(with_commas segregated $(specs retain chunk populate lend page grow link shelf))"
}
all_calls() {
    library=$build/harness/preload/libheapyard-segregated.so
    counted "$library" default segregated
    for spec in $(specs retain chunk populate lend page grow link shelf remote); do counted "$library" "${spec#*:}" "$spec"; done
}
do_calls() { write calls.csv all_calls; }
all_spacings() {
    for spacing in $spacings; do
        folder=$(spacing_build "$spacing" harness/cmd/heapyard harness/cell/heapyard-cell)
        replayed "$folder" "spacing=$spacing" segregated
        ran "$folder" "spacing=$spacing" segregated
        counted "$folder/harness/preload/libheapyard-segregated.so" "spacing=$spacing" segregated
    done
}
do_spacings() { write spacings.csv all_spacings; }

do_counts() {
    do_replays
    do_programs
    do_calls
    do_spacings
}

do_times() {
    rm -f "$local/times.db"
    chosen="segregated $(specs populate retain link)"
    for spacing in 2-10-15 3-10-15 4-10-15; do
        folder=$(spacing_build "$spacing")
        cp "$folder/harness/preload/libheapyard-segregated.so" "$local/spacing-$spacing.so"
        chosen="$chosen $local/spacing-$spacing.so"
    done
    quietly "$build/harness/cmd/heapyard" run --suite replayed --against segregated -a "$(with_commas $chosen)" \
        -r "${ROUNDS:-8}" -o "$local/times.db"
    report() { "$build/harness/cmd/heapyard" report --programs --summary "$local/times.db" "$@" | sed "s,$local/,,g"; }
    report --format csv >"$here/times.csv"
    report >"$here/times.txt"
    cat "$here/times.txt"
}

"do_$1"
{
    printf '{"commit": "%s",\n "compiler": "%s",\n' "$(git rev-parse --short HEAD)" "$(gcc --version | head -n 1)"
    printf ' "kernel": "%s",\n "valgrind": "%s"}\n' "$(uname -r)" "$(valgrind --version)"
} >"$here/environment.json"
"$here/tables.py" "$here"/replays.csv "$here"/programs.csv "$here"/calls.csv "$here"/spacings.csv >"$here/counts.md"
