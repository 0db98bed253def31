#!/bin/sh
# tests/long.sh TAP-FILE - what is too long for every day; needs build-gcc.  Called by tests/run all.
#
#   every shipped trace, traces/more among them, contents verified, on every allocator
#   every trace of traces/ itself, placed alike by each fit on all its structures
#   both limits of memory of the same: how far they are apart
#   simulated campaigns in which nothing differs, or one allocator is slower
#   real work of strangers, servers and office among them, under two preload libraries
#   every member of libc.a at three random bases against GNU ld
#   a quick sweep over merge rules against results/reference
#   every shipped trace streamed in small windows, counted as whole ones are
#   real programs recorded, and their recordings checked and replayed: servers, office programs, virtual machines, make
#   a trace whose objects go from thread to thread, verified 1 000 times under the thread sanitizer (build-tsan)
#   a trace of a thousand million events replayed in a gibibyte
#   an hour of random load on segregated as malloc, 10 000 forks beside busy threads, 64 000 threads
#   the same kinds of load on hardened at both levels, and real programs without a false alarm
#   every fault on every allocator, and each mitigation of hardened taken away again
#   the rules of malloc over and over, for what shows once in many runs
#   a recorded program killed at 100 random moments
#   heapyard installed into an empty folder and used from there
#   ./bootstrap report from a fresh clone in a bare Debian 12 (needs mmdebstrap, root and the network)
set -u
cd "$(dirname "$0")/.."
tap=$1
here=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
heapyard=$here/build-gcc/harness/cmd/heapyard

case_() { # case_ NAME COMMAND...: one line of TAP
  name=$1; shift
  if "$@" >"$work/out" 2>&1; then printf 'ok - %s\n' "$name" >>"$tap"
  else tail -n 30 "$work/out" >&2; printf 'not ok - %s\n' "$name" >>"$tap"; fi
}

# mimalloc 2.0.9 gives mariadb a block of 512 bytes that is not aligned as asked (harness/conform/deviations.c).
allocators=first-fit,next-fit,best-fit,worst-fit,segregated,skeleton,guard+segregated,system,jemalloc,tcmalloc
for trace in traces/*.hyt traces/more/*.hyt; do
  [ "$trace" = traces/more/mariadb.hyt ] && more= || more=,mimalloc
  case_ "$(basename "$trace") verified on every allocator" "$heapyard" replay "$trace" --verify -r 1 --timeout 300s \
    -o "$work/verify.db" --format text -a "$allocators$more"
done

for trace in traces/*.hyt; do
  case_ "$(basename "$trace") placed alike on all structures" build-gcc/tests/placement/placements 0 "$trace"
done

# The greedy packers alone: what they find is the same on every machine.
near() { # near LEAST-COUNT GAP: so many traces have at most that gap
  "$heapyard" bound traces/*.hyt --time 0s --format csv >"$work/limits.csv" &&
    awk -F, -v least="$1" -v gap="$2" '
      NR == 1 { for (i = 1; i <= NF; i++) if ($i == "gap") column = i }
      NR > 1 && $column <= gap { near++ }
      END { print near + 0 " of " NR - 1 " traces"; exit !(NR > 1 && near >= least) }' "$work/limits.csv"
}
count=$(ls traces/*.hyt | wc -l)
case_ "every trace of traces/ is packed within 0.1 % of its lower limit" near "$count" 0.001
case_ "most traces of traces/ are packed without a gap" near $((count / 2 + 1)) 0

case_ "simulated campaigns: at most 67 of 1000 have a false verdict" build-gcc/tests/stats/simulate false 1000
case_ "simulated campaigns: 5 % is found, 0.5 % is not" build-gcc/tests/stats/simulate power 400

case_ "every member of libc.a equals what GNU ld makes of it" "$heapyard" reloc diff /usr/lib/x86_64-linux-gnu/libc.a \
  --explained results/reference/machine/reloc/explained.txt

# Times are not compared beyond their verdicts, so this holds on a busy machine too.
merging() {
  "$heapyard" sweep merge --quick --timeout 60s -o "$work/merging/results.db" &&
    results/reference/repeats.py "$work/merging/merge/points.csv"
}
case_ "a quick sweep over merge rules repeats the reference" merging

case_ "shipped traces are the same whole and in windows" tests/replay/streamed.py "$heapyard" traces/*.hyt traces/more/*.hyt

# Four threads; each object is freed by another than made it, and some are resized on the way.
handovers() {
  awk 'BEGIN {
    for (i = 0; i < 4000; i++) {
      print 3 * i, i % 4, "malloc", i, i % 700 + 1
      if (i % 5 == 0) print 3 * i + 1, (i + 1) % 4, "realloc", i, i % 900 + 1
      if (i >= 30) print 3 * i + 2, (i + 1) % 4, "free", i - 30
    } }' | "$heapyard" import - -o "$work/handovers.hyt" || return 1
  i=0
  while [ $((i += 1)) -le 250 ]; do
    for how in faithful free-running; do # two allocators each
      build-tsan/harness/cmd/heapyard replay "$work/handovers.hyt" -a first-fit,segregated --pass verify --threads $how \
        -r 1 -o "$work/handovers.db" --timeout 60s || return 1
    done
  done
}
case_ "objects handed over 1 000 times under the thread sanitizer" handovers

# Memory is that of the program with its children.
large() {
  "$heapyard" generate steady:blocks=500100000,alive=100000 -o "$work/large.hyt" &&
    tests/replay/memory.py 1G "$heapyard" replay "$work/large.hyt" -a segregated --pass throughput --timeout 2h -r 1 \
      -o "$work/large.db"
  result=$?
  rm -f "$work/large.hyt"
  return $result
}
case_ "a trace of 10^9 events replays in less than 1 GiB" large

stress=$here/build-gcc/tests/stress segregated=$here/build-gcc/harness/preload/libheapyard-segregated.so
case_ "segregated under random load for an hour" env LD_PRELOAD="$segregated" \
  "$stress/stress" --threads 4 --seconds 3600 --seed "$(date +%s)"
case_ "segregated in small arenas under random load" env LD_PRELOAD="$segregated" \
  HEAPYARD_SPEC=segregated:reserve=8M,retain=0,remote=0,chunk=4K,huge=64K "$stress/stress" --seconds 600 --live 24
case_ "segregated: ten million operations of one thread" env LD_PRELOAD="$segregated" \
  "$stress/stress" --threads 1 --operations 10000000
case_ "segregated: 10 000 forks beside 8 busy threads" env LD_PRELOAD="$segregated" "$stress/forks" --forks 10000
case_ "segregated: 1 000 waves of 64 threads" env LD_PRELOAD="$segregated" \
  "$stress/thread_waves" --threads 64 --waves 1000

hardened=$here/build-gcc/harness/preload/libheapyard-hardened.so
for level in default max; do
  set -- env LD_PRELOAD="$hardened" HEAPYARD_SPEC=hardened:level=$level
  case_ "hardened, level $level: random load for five minutes" "$@" "$stress/stress" --threads 4 --seconds 300
  case_ "hardened, level $level: 1 000 forks beside 8 busy threads" "$@" "$stress/forks" --forks 1000
  case_ "hardened, level $level: 1 000 waves of 16 threads" "$@" "$stress/thread_waves" --threads 16 --waves 1000
  case_ "hardened, level $level: conformance" "$heapyard" check "hardened:level=$level"
done

# Silent faults may be as many as docs/hardened.md says; a cell whose control fails is an exit code of 1.
attacked() { # attacked SPEC MOST: so many faults pass silently at most
  "$heapyard" attack -a "$1" -r 20 --starts 0 --price 0 >"$work/attacked" || return 1
  tail -n 1 "$work/attacked"
  [ "$(tail -n 1 "$work/attacked" | sed 's/.* \([0-9]*\)\.$/\1/')" -le "$2" ]
}
case_ "at most 8 faults pass silently under hardened" attacked hardened 8
case_ "at most 4 faults pass silently under hardened:level=max" attacked hardened:level=max 4
case_ "every fault on every allocator, and no control fails" "$heapyard" attack --quick --page "$work/attack"

# Each program is a test of its own; as root, those that are missing are installed.
install=
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && install=--install
for spec in segregated tlsf hardened hardened:level=max; do
  # shellcheck disable=SC2086
  HEAPYARD_SPEC=$spec bash tests/strangers/strangers.sh $install \
    "build-gcc/harness/preload/libheapyard-${spec%%:*}.so" >"$work/strangers" 2>&1
  grep -v '^\(ok\|1\.\.\)' "$work/strangers" >&2
  sed -nE "s/^((not )?ok) [0-9]+ - (.*)/\1 - strangers $spec: \3/p" "$work/strangers" >>"$tap"
  expected=$(sed -n 's/^1\.\.//p' "$work/strangers")
  case_ "strangers $spec: all of them were asked" [ "$(grep -c '^\(not \)\?ok' "$work/strangers")" = "${expected:-none}" ]
done

case_ "a recorded program killed at 100 random moments" tests/record/kills.py "$heapyard" \
  build-gcc/tests/record/trace_dump build-gcc/tests/record/recorded 100

tests/record/rerecord.sh "$heapyard" >"$work/recorded" 2>&1
grep -v '^\(ok\|1\.\.\)' "$work/recorded" >&2
sed -nE "s/^((not )?ok) [0-9]+ - (.*)/\1 - recorded anew: \3/p" "$work/recorded" >>"$tap"
case_ "recorded anew: all of them were asked" [ "$(grep -c '^\(not \)\?ok' "$work/recorded")" = \
  "$(sed -n 's/^1\.\.//p' "$work/recorded")" ]

rules() { # rules ALLOCATOR: TAP programs end with 1 if a case failed
  programs=build-gcc/tests/programs
  for i in $(seq 50); do
    for program in align api ask life limits new "threads many" "early $programs/libvisitor.so $programs/libthrower.so"; do
      # shellcheck disable=SC2086
      LD_PRELOAD=$here/build-gcc/harness/preload/libheapyard-$1.so "$programs"/malloc_$program || return 1
    done
  done
}
case_ "the rules of malloc hold fifty times on segregated" rules segregated
case_ "the rules of malloc hold fifty times on fit" rules fit

installed() {
  DESTDIR=$work/root meson install -C build-gcc --quiet || return 1
  program=$work/root/usr/local/bin/heapyard
  "$program" check first-fit && "$program" run -a segregated -- python3 -c 'print(1)' &&
    "$program" run --suite real -a system,segregated -r 1 -o "$work/s.db" python &&
    "$program" record -o "$work/t.hyt" -- python3 -c 'print(1)' &&
    "$program" replay "$work/t.hyt" -a first-fit,jemalloc -r 3 -o "$work/i.db" &&
    "$program" report "$work/i.db" -o "$work/report" && [ -s "$work/report/index.html" ]
}
case_ "the installed program finds its parts" installed

bare() {
  mmdebstrap --variant=minbase --include=ca-certificates,git bookworm "$work/debian" &&
    git clone -q "$here" "$work/debian/heapyard" && mount --bind /proc "$work/debian/proc" || return 1
  chroot "$work/debian" sh -c 'cd /heapyard && ./bootstrap report'
  result=$?
  umount "$work/debian/proc"
  [ $result = 0 ] && [ -s "$work/debian/heapyard/results/local/report/index.html" ]
}
if command -v mmdebstrap >/dev/null && [ "$(id -u)" = 0 ]; then
  case_ "./bootstrap report in a bare Debian 12" bare
else
  printf 'ok - ./bootstrap report in a bare Debian 12 # SKIP needs mmdebstrap and root\n' >>"$tap"
fi
