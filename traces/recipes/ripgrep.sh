#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# ripgrep.hyt: ripgrep, a program in Rust, walks a tree of files with two threads and searches them: a pattern of many
# branches, names that are left out by ignore files, matches as JSON.
. "$(dirname "$0")/common.sh"
need rg ripgrep

# 8000 files of 60 lines in 400 folders, each of which ignores some of its files.
mkdir tree
awk 'BEGIN {
    for (d = 0; d < 400; d++) {
        folder = sprintf("tree/part%d/sub%d", d % 8, d)
        system("mkdir -p " folder)
        printf "*.tmp\n!keep%d.tmp\nbuild-*/\n/cache/**/*.o\n", d > (folder "/.ignore")
        close(folder "/.ignore")
        for (f = 0; f < 20; f++) {
            name = folder "/" (f % 5 == 4 ? "keep" f ".tmp" : "text" f ".txt")
            for (line = 0; line < 60; line++) {
                n = (d * 1200 + f * 60 + line) * 7919 % 100003
                printf "line %d: item-%d of %s costs %d.%02d, ordered by customer%d on 20%02d-%02d-%02d\n",
                    line, n % 997, line % 7 ? "stock" : "the storehouse", n % 500, n % 100, n % 301, n % 40, 1 + n % 12, 1 + n % 28 > name
            }
            close(name)
        }
    }
}'
made
"$HEAPYARD" record -o "$OUT/ripgrep.hyt" -- rg --threads 2 --json --no-config \
    '(?i)item-(1[0-9]{2}|7(7|8)\d)\b.*customer(12|300)|the\s+storehouse.*-0[1-3]-1\d$' tree >matches.json
