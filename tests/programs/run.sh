#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh HEAPYARD LIBRARY OWN_MALLOC OVERFLOW - `heapyard run`, and what a preload library shows and refuses, as TAP.
heapyard=$1 library=$(realpath "$2") own=$(realpath "$3") overflow=$(realpath "$4")
export LC_ALL=C
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0 failed=0

# run ARGUMENT… : its output is in $work/out and $work/err, its exit code in $code.
run() {
    "$heapyard" run "$@" >"$work/out" 2>"$work/err"
    code=$?
}

# ok NAME CONDITION… : one case.
ok() {
    local name=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$work/err"
        failed=1
    fi
}

says() {
    grep -q -- "$1" "$work/err"
}

run -a fit -- sh -c 'echo "$1"; cat' sh 'one  two' <<<three
ok 'the output and input are the program'\''s' [ "$(cat "$work/out")" = $'one  two\nthree' ]
ok 'exit code 0' [ $code = 0 ]
ok 'who serves malloc is said' says 'malloc from .*/libheapyard-fit.so'
run -a fit -- sh -c 'exit 3'
ok 'a program that fails is a failed measurement' [ $code = 1 ]
ok 'its exit code is said' says 'exit 3'
run -a fit -- sh -c 'kill -9 $$'
ok 'a signal is said' says 'killed by signal 9'
run -a system,fit,first-fit -r 2 -- sh -c 'echo hidden'
ok 'several allocators end well' [ $code = 0 ]
ok 'their output is thrown away' [ ! -s "$work/out" ]
ok 'each has its row' [ "$(grep -c '^[a-z-]*fit *2 \|^system *2 ' "$work/err")" = 3 ]
ok 'system is the C library' says '^system: malloc from .*/libc.so.6'
run -a system:tcache=0,mxfast=16 -- sh -c 'echo $GLIBC_TUNABLES'
ok 'settings act by the environment' grep -q ':glibc.malloc.tcache_count=0:glibc.malloc.mxfast=16$' "$work/out"
run -a fit:policy=best -- sh -c 'echo $HEAPYARD_SPEC'
ok 'the spec reaches the library' [ "$(cat "$work/out")" = fit:policy=best ]
run -a null -- true
ok 'what cannot be a malloc is refused' [ $code = 2 ]
ok 'with that sentence' says 'null cannot be a program'\''s malloc'
run -a jemalloc:file=libnosuchmalloc.so -- ls
ok 'a library that is not there is refused' [ $code = 2 ]
ok 'because another would serve' says 'would get its malloc from .*libc.so.6 and not from libnosuchmalloc.so'
run -a fit -- /no/such/program
ok 'a program that is not there' [ $code = 2 ]
printf '#!/bin/sh\nexec %s\n' "$own" >"$work/wrapper"
printf '#!/bin/sh\ntrap "exit 4" TERM\ncat </dev/null | cat\n(kill -TERM $$)\nexit 5\n' >"$work/script"
chmod +x "$work/wrapper" "$work/script"
run -a fit -- "$work/wrapper"
ok 'a script that executes a program with its own malloc is refused' [ $code = 2 ]
ok 'with the sentence' says 'defines malloc in the executable itself'
run -a fit -- "$work/script"
ok 'a script gets its children and its signals' says 'exit 4'
run -a fit true
ok 'a program without --' [ $code = 2 ]
run -a fti -- true
ok 'an unknown allocator names its nearest' says 'did you mean "fit"'
run -a guard+segregated -- "$overflow"
ok 'a layer sees every call, also where the allocator has direct ones' says 'guard: free: block .* was written behind its end'
HEAPYARD_SPEC=fit:polcy=best LD_PRELOAD=$library bash -c : 2>"$work/err"
code=$?
ok 'a bad HEAPYARD_SPEC ends the program' [ $code = 127 ]
ok 'with the sentence' says '^heapyard: HEAPYARD_SPEC: fit has no parameter "polcy"'
if command -v nm >/dev/null; then
    nm -D --defined-only "$library" | sed 's/.* //; s/@.*//' | sort >"$work/shown"
    grep '^    [a-z_]' "$(dirname "$0")/../../harness/preload/preload.map" | tr -d ' ' | tr ';' '\n' | grep . | sort >"$work/map"
    diff "$work/map" "$work/shown" >"$work/err"
    ok 'nothing but the malloc family is exported' [ ! -s "$work/err" ]
fi
echo "1..$number"
exit $failed
