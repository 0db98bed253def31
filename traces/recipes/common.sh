# SPDX-License-Identifier: CC0-1.0
#
# What all recipes share; to be sourced.  A recipe installs its program, makes its input by rule, and records in an empty
# folder with a plain environment, so that a trace made again says the same.
#
#   HEAPYARD         the program (default: build/harness/cmd/heapyard of this tree, else the installed one)
#   OUT              where the trace goes (default: the folder traces/ of this tree)
#   HEAPYARD_INPUT   1: only the input is wanted, in the folder that the recipe is started in (`heapyard run --suite`);
#                    nothing is installed or recorded
set -eu

recipes=$(cd "$(dirname "$0")" && pwd)
if [ -z "${HEAPYARD_INPUT:-}" ]; then
    OUT=$(cd "${OUT:-$recipes/..}" && pwd)
    if [ -z "${HEAPYARD:-}" ]; then
        HEAPYARD=$recipes/../../build/harness/cmd/heapyard
        [ -x "$HEAPYARD" ] || HEAPYARD=$(command -v heapyard) || { echo "$0: set HEAPYARD to the program" >&2; exit 2; }
    fi
    HEAPYARD=$(realpath "$HEAPYARD")
fi

export PATH=/usr/bin:/bin LC_ALL=C TZ=UTC
unset LD_PRELOAD MALLOC_PERTURB_ MALLOC_ARENA_MAX GLIBC_TUNABLES PYTHONPATH PYTHONHOME

# need PROGRAM PACKAGE…: installs the packages unless the program is there; 77 if that cannot be.
need() {
    program=$1
    shift
    command -v "$program" >/dev/null && return
    [ -z "${HEAPYARD_INPUT:-}" ] && [ "$(id -u)" = 0 ] || { echo "$0: needs $program: apt-get install $*" >&2; exit 77; }
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"
}

# made: the input is there; what follows records.
made() {
    [ -z "${HEAPYARD_INPUT:-}" ] || exit 0
}

if [ -z "${HEAPYARD_INPUT:-}" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cd "$folder"
fi
export HOME=$PWD
