#!/bin/bash
# SPDX-License-Identifier: MIT
#
# doubts.sh LIBRARY - strangers.sh says "not ok" where it must, as TAP: it believes nothing that it was not shown.
library=$(realpath "$1") here=$(dirname "$(realpath "$0")")
work=$(mktemp -d) && cd "$work" || exit 1
trap 'rm -rf "$work"' EXIT
number=0
echo 1..9

# program WORKERS WORK: makes ./program.sh.
program() {
    printf 'needs=sh workers="%s"\nversion() { echo 1.2; }\nwork() {\n%s\n}\n' "$1" "$2" >program.sh
}

# says NAME VERDICT TEXT [LIBRARY]: what strangers.sh finds of ./program.sh, and a line like TEXT.
says() {
    number=$((number + 1))
    "$here/strangers.sh" "${4:-$library}" ./program.sh >said 2>&1
    if grep -q "^$2 1 - program.sh 1.2$" said && grep -q "^# $3" said; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/# /' said
    fi
}

printf '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { return puts(malloc(10) ? "served" : "") < 0; }\n' >main.c
printf '#include <stddef.h>\nstatic _Alignas(16) char room[1 << 20];\nstatic size_t used;\n' >own.c
printf 'void *malloc(size_t n) { void *p = room + used; used += (n + 15) / 16 * 16; return p; }\nvoid free(void *p) { (void)p; }\n' >>own.c
cc -o usual main.c && cc -static -o static main.c && cc -rdynamic -fno-builtin -o own main.c own.c || exit 1

program usual "$work/usual"
says 'what is served passes' ok 'libheapyard.*: malloc of [0-9]* process'
says 'a library without malloc' 'not ok' 'usual has malloc from libc.so.6' "$(ldconfig -p | sed -n '/libm.so.6.*x86-64/{s/.* //p;q}')"
program static "$work/static"
says 'a static program' 'not ok' 'static has not been there'
program own "$work/own"
says 'a program with a malloc of its own' 'not ok' 'own has malloc from own+libheapyard'
program usual "$work/usual; echo \$LD_PRELOAD"
says 'another output' 'not ok' '> .*libheapyard'
program usual "$work/usual; exit 3"
says 'a program that fails both times' 'not ok' 'without the library: exit 3'
program usual "$work/usual; case \$LD_PRELOAD in *:*) kill -9 \$\$ ;; esac"
says 'a program that dies with the library' 'not ok' '> exit 137'
program usual "$work/usual; setsid sleep 1234 & echo \$! >$work/left"
says 'a process is left' ok ''
for ((tries = 0; tries < 50; tries++)); do
    grep -qs . "/proc/$(cat left)/maps" && sleep 0.1 || break
done
[ "$tries" -lt 50 ] || printf 'not '
echo "ok 9 - it does not live on"
