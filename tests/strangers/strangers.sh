#!/bin/bash
# SPDX-License-Identifier: MIT
#
# strangers.sh [--install] [--keep] LIBRARY [PROGRAM...] - real work of real programs under a preload library, as TAP.
# strangers.sh --light LIBRARY      - only those that need no more packages than the other tests do
# strangers.sh --packages           - what --install would install (as root, by apt-get)
#
# Each program is a file in programs/ (or one that is named by a path with a slash), which says what it does, what it needs
# and what is normalised.  It does the same work twice, without and with LD_PRELOAD, in a new and empty folder of the same name; what it prints (its output, sums of
# the files it makes) must be the same.  Beside the library each process has witness.c in it, which says whose malloc it
# has: so it fails, too, if a program that should have done the work was not there or had another malloc, and if any
# other process had.
#
#     $ tests/strangers/strangers.sh build/harness/preload/libheapyard-segregated.so sqlite3
#     1..1
#     ok 1 - sqlite3 3.40.1
#     # libheapyard-segregated.so: malloc of 8 processes, 5 programs; it held in the end sqlite3 3.6 MiB
self=$(realpath "${BASH_SOURCE[0]}")
here=${self%/*}
limit=300 # seconds for one run
PATH=$PATH:/usr/sbin:$(echo /usr/lib/postgresql/*/bin)

# What a program's file may use, beside bash.

# Starts a server; it is stopped when the work ends, in whatever way.
serve() {
    "$@" &
    server=$!
    servers+=" $server"
}

# Waits for the end of the last server, and stops it so: stop SIGNAL.
ended() {
    wait "$server"
    echo "the server ended with $?"
    servers=${servers/ $server/}
}

stop() {
    kill -s "$1" "$server" && ended
}

# Waits until a command succeeds, for a minute.
await() {
    for ((tries = 0; tries < 600; tries++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "waited in vain for $*"
    return 1
}

# Sums of files, in the order of their names.
sums() {
    find "$@" -type f -print0 | sort -z | xargs -0 -r sha256sum
}

# "${as_nobody[@]}" COMMAND...: as a user who is nobody, for what refuses root.
as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid=nobody --regid=nogroup --clear-groups)

if [ "$1" = --inside ]; then # strangers.sh --inside FILE LD_PRELOAD: the work itself, in the present folder
    source "$2"
    servers=
    trap '[ -z "$servers" ] || kill -9 $servers' EXIT
    umask 022
    export LC_ALL=C TZ=UTC HOME=$PWD LD_PRELOAD=$3
    work
    exit
fi

declare -A option
while [[ $1 == --* ]]; do
    case $1 in
        --install | --keep | --light | --packages) option[${1#--}]=1 ;;
        *) echo "strangers.sh: there is no option $1" >&2; exit 2 ;;
    esac
    shift
done
every='bash python3 perl git sqlite3 gcc clang make redis postgres nginx node java libreoffice inkscape'
[ -z "${option[light]}" ] || every='bash python3 perl git sqlite3 gcc clang make'

file_of() {
    if [[ $1 == */* ]]; then echo "$1"; else echo "$here/programs/$1.sh"; fi
}

# What the file of a program says of it.
ask() (
    source "$(file_of "$1")"
    echo "${!2}"
)

packages_of() {
    for program in $1; do ask "$program" packages; done | tr ' ' '\n' | sort -u
}

if [ -n "${option[packages]}" ]; then
    packages_of "$every"
    exit
fi
library=$(realpath -e "$1") || exit 2
shift
programs=
for program in ${*:-$every}; do
    [[ $program == */* ]] && program=$(realpath "$program")
    [ -f "$(file_of "$program")" ] || { echo "strangers.sh: there is no program $program" >&2; exit 2; }
    programs+=" $program"
done

work=$(mktemp -d) && chmod 755 "$work" || exit 1
session=
# Ends what is left of a run: the session it began in, and every process with this very witness, wherever it went.
sweep() {
    local maps
    pkill -9 -s "$session"
    for maps in $(grep -ls "$work/witness.so" /proc/[0-9]*/maps); do
        maps=${maps%/maps}
        kill -9 "${maps#/proc/}"
    done 2>/dev/null
    session=
}
finish() {
    [ -z "$session" ] || sweep
    [ -n "${option[keep]}" ] && echo "# everything is in $work" || rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

# Everybody may read these two, also a server that has given up root.
install -m 755 "$library" "$work/${library##*/}" && library=$work/${library##*/} || exit 1
"${CC:-cc}" -O2 -fPIC -shared -o "$work/witness.so" "$here/witness.c" || exit 1

if [ -n "${option[install]}" ]; then
    missing=
    for package in $(packages_of "$programs"); do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=" $package"
    done
    if [ -n "$missing" ]; then
        export DEBIAN_FRONTEND=noninteractive
        { apt-get update -q && apt-get install -y -q --no-install-recommends $missing; } >"$work/apt" 2>&1 ||
            tail -n 5 "$work/apt" | sed 's/^/# /'
    fi
fi

# run KIND PROGRAM LD_PRELOAD: its output is in $work/KIND, who served malloc in $work/KIND.witness.
run() {
    mkdir -m 777 "$work/here"
    : >"$work/$1.witness" && chmod 666 "$work/$1.witness"
    (
        cd "$work/here" || exit 1
        export WITNESS=$work/$1.witness
        exec setsid timeout --kill-after=10 "$limit" bash "$self" --inside "$(file_of "$2")" "$3"
    ) >"$work/$1" 2>&1 </dev/null &
    session=$!
    wait "$session" 2>/dev/null
    echo "exit $?" >>"$work/$1"
    sweep
    if [ -n "${option[keep]}" ]; then mv "$work/here" "$work/${2##*/}.$1"; else rm -rf "$work/here"; fi
}

# What the witness of a preloaded run says against it, given the programs that do the work, and in its last line for it.
judge() {
    awk -v library="${library##*/}" -v workers="$1" '
        $1 == "begin" { processes++; names[$3] = names[$3] ? names[$3] : " "; if ($4 != library) print $3 " has malloc from " $4 }
        $1 == "end" && $5 > most[$3] { most[$3] = $5 }
        END {
            count = split(workers, worker, " ")
            for (i = 1; i <= count; i++) {
                seen = 0
                for (name in names) if (name ~ "^" worker[i] "$") { seen = 1; if (most[name]) at[name] = 1 }
                if (!seen) print worker[i] " has not been there"
            }
            for (name in names) { programs++; if (name in at) held = held sprintf("%s %s %.1f MiB", held ? "," : "", name, most[name] / 2^20) }
            printf "%s: malloc of %d process%s, %d program%s%s\n", library, processes, processes == 1 ? "" : "es",
                programs, programs == 1 ? "" : "s", held ? "; it held in the end" held : ""
        }' "$work/preloaded.witness"
}

report() { # report NUMBER PROGRAM
    local said verdict='not ok'
    said=$(judge "$(ask "$2" workers)" | sort -u)
    if grep -q '^exit 0$' "$work/plain" && cmp -s "$work/plain" "$work/preloaded" && [[ $said != *$'\n'* ]]; then
        verdict=ok
    else
        failed=1
    fi
    echo "$verdict $1 - ${2##*/} $version"
    sed 's/^/# /' <<<"$said"
    if ! grep -q '^exit 0$' "$work/plain"; then
        tail -n 40 "$work/plain" | cut -c1-300 | sed 's/^/# without the library: /'
    else
        diff "$work/plain" "$work/preloaded" | head -n 40 | cut -c1-300 | sed 's/^/# /'
    fi
}

echo "1..$(wc -w <<<"$programs")"
number=0 failed=0
for program in $programs; do
    number=$((number + 1))
    missing=
    for command in $(ask "$program" needs); do
        type -P "$command" >/dev/null || missing=$command
    done
    if [ -n "$missing" ]; then
        echo "ok $number - $program # SKIP $missing is not installed"
        continue
    fi
    version=$(source "$(file_of "$program")"; version 2>&1 | grep -oE '[0-9]+([.][0-9]+)+' | head -n 1)
    run plain "$program" "$work/witness.so"
    run preloaded "$program" "$work/witness.so:$library"
    report "$number" "$program"
done
exit $failed
