#!/bin/sh
# SPDX-License-Identifier: MIT
#
# rerecord.sh HEAPYARD [NAME...] - real programs recorded, and their recordings checked and replayed, as TAP.
#
# Each name is a recipe of traces/recipes (that made the shipped trace), or `make`: `make -j2` of a C project, children
# followed.  Without names it is a desktop program, an office program, servers under load, node, Java, a program
# in Rust, git, and make; as root, programs that are missing are installed, otherwise theirs are skipped.
#
# Recorded well means: the recipe ends well; there are at least half as many events as in the shipped trace; `lint` finds
# nothing but leaks and sizes of zero; a replay that verifies contents gets through on `system` and `segregated`.
#
#     $ tests/record/rerecord.sh build/harness/cmd/heapyard ripgrep
#     ok 1 - ripgrep
#     # ripgrep: 619421 events, traces: 1
#     1..1
set -u
root=$(realpath "$(dirname "$0")/../..")
HEAPYARD=$(realpath "$1")
export HEAPYARD
shift
[ $# -gt 0 ] || set -- inkscape libreoffice redis mariadb unbound node java ripgrep git make
limit=300 # seconds for one recipe
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Twelve files and a library, each of which needs the compiler, the assembler or the linker.
project() {
  mkdir -p "$1" && cd "$1" || return 1
  awk 'BEGIN {
    for (i = 0; i < 12; i++) {
      file = sprintf("part%d.c", i)
      printf "#include \"parts.h\"\n#include <stdio.h>\n#include <string.h>\n" > file
      for (f = 0; f < 20; f++)
        printf "static long f%d(long n) { long s = %d; for (long k = 0; k < n; k++) s += k %% %d ? s >> 2 : k * s; return s; }\n", f, i, f + 2 > file
      printf "long part%d(long n) { char text[64]; snprintf(text, sizeof text, \"%%ld\", n); long s = (long)strlen(text);\n", i > file
      for (f = 0; f < 20; f++) printf "  s += f%d(n) %% 97;\n", f > file
      print "  return s % 1009; }" > file
      close(file)
      printf "long part%d(long n);\n", i > "parts.h"
      calls = calls sprintf(" + part%d(%d)", i, 100 + i)
      objects = objects " part" i ".o"
    }
    printf "#include \"parts.h\"\n#include <stdio.h>\nint main(void) { printf(\"%%ld\\n\", 0%s); return 0; }\n", calls > "main.c"
    printf "CFLAGS = -O2\nprogram: main.o libparts.a\n\tcc -o $@ $^\nlibparts.a:%s\n\tar rcs $@ $^\n%%.o: %%.c parts.h\n\tcc $(CFLAGS) -c -o $@ $<\n", objects > "Makefile"
  }'
}

# The same program comes of it as without the recorder, and every compiler has a trace.
record_make() {
  command -v make cc ar >/dev/null || { echo "needs make and gcc"; return 77; }
  (project "$work/plain" && make -s -j2 program) || return 1
  (project "$work/recorded" && "$HEAPYARD" record --follow-children -o "$OUT/make.hyt" -- make -s -j2 program) || return 1
  cmp "$work/plain/program" "$work/recorded/program" || return 1
  compilers=0
  for trace in "$OUT"/make.hyt*; do
    "$HEAPYARD" info "$trace" | grep -q '^command .*/cc1 ' && compilers=$((compilers + 1))
  done
  [ $compilers = 13 ] || { echo "$compilers traces of compilers; expected 13"; return 1; }
}

record() {
  if [ "$1" = make ]; then record_make; else timeout $limit "$root/traces/recipes/$1.sh" </dev/null; fi
}

events_in() {
  "$HEAPYARD" info --format csv "$@" | awk -F, 'NR > 1 { sum += $3 } END { print sum + 0 }'
}

# So many events as there are in the shipped trace, or half of them.
long_enough() {
  events=$(events_in "$OUT"/*.hyt*)
  for shipped in "$root/traces/$1.hyt" "$root/traces/more/$1.hyt"; do
    [ -f "$shipped" ] || continue
    expected=$(($(events_in "$shipped") / 2))
    [ "$events" -ge $expected ] || { echo "$events events; expected at least $expected"; return 1; }
  done
}

# Traces of processes are replayed one after the other, as a campaign takes each trace only once and two may be the same.
replays() {
  for trace in "$OUT"/*.hyt*; do
    "$HEAPYARD" replay "$trace" --pass verify -r 1 -a system,segregated --timeout 300s -o "$work/results.db" || return 1
  done
}

check() {
  record "$1" || return
  "$HEAPYARD" lint --ignore leak,zero-size "$OUT"/*.hyt* && long_enough "$1" && replays
}

number=0 failures=0
for name in "$@"; do
  number=$((number + 1))
  OUT=$work/$name; export OUT
  mkdir "$OUT"
  check "$name" >"$work/said" 2>&1
  case $? in
    0) printf 'ok %d - %s\n# %s: %d events, traces: %d\n' $number "$name" "$name" "$events" "$(ls "$OUT" | wc -l)" ;;
    77) printf 'ok %d - %s # SKIP %s\n' $number "$name" "$(tail -n 1 "$work/said")" ;;
    *) printf 'not ok %d - %s\n' $number "$name"; tail -n 30 "$work/said" | sed 's/^/# /'; failures=1 ;;
  esac
  rm -rf "$OUT"
done
echo "1..$number"
exit $failures
