#!/bin/sh
# fuzz.sh PROGRAM SECONDS PROCESSES FOLDER [IMPORTER] - one fuzz target over a copy of its corpus, in so many processes,
# which share the seconds and, in the corpus, what they find.  FOLDER gets the corpus, the output of each process and
# the inputs that were findings; the exit code is 1 if there are any.  With IMPORTER the target `import` reads all input
# as this format.
set -u
program=$1 seconds=$2 processes=$3 folder=$4 importer=${5:-}
name=$(basename "$program"); seeds=$(dirname "$0")/corpus/${name#fuzz_}
[ -z "$importer" ] || { name=$name-$importer; export FUZZ_IMPORTER="$importer"; }
work=$folder/$name.corpus
mkdir -p "$work"; rm -f "$folder/$name".*.bad
[ -d "$seeds" ] && cp "$seeds"/* "$work"/ 2>/dev/null
for process in $(seq "$processes"); do
  "$program" -max_total_time=$((seconds / processes)) -rss_limit_mb=1024 -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$folder/$name-" "$work" >"$folder/$name.$process.out" 2>&1 || : >"$folder/$name.$process.bad" &
done
wait
! ls "$folder/$name".*.bad >/dev/null 2>&1 || { tail -n 40 "$folder/$name".*.out >&2; exit 1; }
