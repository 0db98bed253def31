#!/bin/bash
# SPDX-License-Identifier: MIT
#
# programs.sh LIBRARY SOURCE [light] - real programs under a preload library: byte-identical output, as TAP.
#
# Each case runs twice, plain and with LD_PRELOAD, in an empty directory of its own; what it writes to stdout and stderr
# is compared.  A program that is not on this machine is skipped.  Light: python3 serves its small objects by itself, for a
# policy that looks at every hole takes half a minute to start it otherwise.
library=$(realpath "$1") source=$2
export LC_ALL=C PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
[ "$3" = light ] || export PYTHONMALLOC=malloc
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

case_bash() {
    bash -c 'declare -A n; for i in {1..3000}; do n[$((i % 97))]+="$i,"; done; for k in "${!n[@]}"; do echo "$k ${n[$k]}"; done | sort
             f() { local x=$1; ((x)) && f $((x - 1)); echo "$x"; }; f 200; echo "$(for i in {1..50}; do (echo "$i"); done)"'
}

case_python3() {
    python3 -c '
import collections, json, re, subprocess, sys, threading
found = {}
def work(n):
    words = [str(i * n) * (i % 9) for i in range(400)]
    found[n] = sum(map(len, json.loads(json.dumps(words))))
threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(found.items()))
print(subprocess.run([sys.executable, "-c", "print(len(bytearray(10**7)))"], capture_output=True).stdout)
print(collections.Counter(re.findall("[a-z]+", open(sys.argv[1]).read())).most_common(20))' "$source/harness/core/heap.h"
}

case_perl() {
    perl -e 'my %h; for my $i (1 .. 40000) { push @{$h{$i % 313}}, $i x ($i % 5); }
             for my $k (sort keys %h) { my $s = join("-", @{$h{$k}}); $s =~ s/(\d)\1+/$1/g; print "$k $s\n"; }'
}

case_git() {
    export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=c \
        GIT_COMMITTER_EMAIL=c@example.org GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000'
    git init -q -b main repository && cd repository || return 1
    for i in 1 2 3; do
        cp "$source"/harness/core/*.[ch] . && seq "$i" 2000 >numbers && git add . && git commit -q -m "commit $i"
    done
    git log --stat -p | cksum
    git gc -q && git fsck --strict 2>&1 && git cat-file --batch-check --batch-all-objects
}

case_gcc() {
    gcc -O2 -c -I"$source/allocators" -I"$source/harness/core" -D_GNU_SOURCE "$source/harness/core/param.c" -o x.o && cksum x.o
}

case_sqlite3() {
    sqlite3 x.db "create table t(a integer primary key, b text);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000)
        insert into t select i, hex(i * 7919 % 10007) || i from n;
        create index tb on t(b); delete from t where a % 3 = 0; vacuum;
        select a % 11, count(*), min(b), max(b), group_concat(a % 7, '') from t group by 1; pragma integrity_check;"
}

case_sort() {
    seq 1 150000 | sort --parallel=2 -S 4M -k1.3,1.5 -k1n | cksum
}

case_xz() {
    seq 1 400000 >x && xz -T2 --block-size=500000 -k x && cksum x.xz && xz -dc -T2 x.xz | cksum
}

# Runs a case in an empty directory; its output is in $work/$1.
run_case() {
    rm -rf "$work/here" && mkdir "$work/here"
    (cd "$work/here" && "case_$2" >"$work/$1" 2>&1; echo "exit $?" >>"$work/$1")
}

programs='bash python3 perl git gcc sqlite3 sort xz'
echo "1..9"
number=1
if LD_PRELOAD=$library cat /proc/self/maps | grep -q "$(basename "$library")"; then
    echo "ok 1 - the library is loaded"
else
    echo "not ok 1 - the library is loaded"
fi
for program in $programs; do
    number=$((number + 1))
    if ! command -v "$program" >/dev/null; then
        echo "ok $number - $program # SKIP $program is not installed"
        continue
    fi
    run_case plain "$program"
    (export LD_PRELOAD=$library; run_case preloaded "$program")
    if cmp -s "$work/plain" "$work/preloaded" && grep -q '^exit 0$' "$work/plain"; then
        echo "ok $number - $program"
    else
        echo "not ok $number - $program"
        diff "$work/plain" "$work/preloaded" | head -20 | cut -c1-300 | sed 's/^/# /'
    fi
done
