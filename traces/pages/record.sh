#!/bin/sh
# SPDX-License-Identifier: MIT
#
# record.sh HEAPYARD - records the page references in this folder again (needs valgrind; a minute or two).
set -eu
heapyard=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
cd "$(mktemp -d)"
cc -O2 -fno-tree-vectorize -o matrix "$here/matrix.c"
awk 'BEGIN { s = 1; for (i = 0; i < 3000; i++) { s = (s * 69069 + 1) % 4294967296; print s } }' > words.txt
"$heapyard" page record -o "$here/matrix-ijk.hyp" -- ./matrix 96 ijk
"$heapyard" page record -o "$here/matrix-ikj.hyp" -- ./matrix 96 ikj
"$heapyard" page record -o "$here/sort.hyp" -- sort words.txt > /dev/null
"$heapyard" page record -o "$here/python.hyp" --references 8000000 -- /usr/bin/python3 -I -S -c pass
