#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# git.hyt: git shows the history of a repository: every commit with its patch, renames looked for, lines of the files
# counted, one after the other.
. "$(dirname "$0")/common.sh"
need git git

export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=c \
    GIT_COMMITTER_EMAIL=c@example.org GIT_PAGER=cat
# 1000 commits of 60 files as a stream for fast-import: three files change in each, some move.
awk 'BEGIN {
    for (c = 0; c < 1000; c++) {
        printf "commit refs/heads/main\nmark :%d\ncommitter c <c@example.org> %d +0000\n", c + 1, 1000000000 + c * 3600
        message = "change number " c "\n"
        printf "data %d\n%s", length(message), message
        if (c) printf "from :%d\n", c
        for (k = 0; k < (c ? 3 : 60); k++) {
            f = c ? (c * 7 + k * 11) % 60 : k
            text = ""
            for (line = 0; line < 120; line++)
                text = text sprintf("file %d, line %d: %d\n", f, line, (line * 7 + f + (line + c) % 40 == 0 ? c : line * f) * 31 % 9973 + (line % 23 == c % 23 ? c : 0))
            printf "M 100644 inline dir%d/file%d\ndata %d\n%s\n", f % 6, f, length(text), text
        }
        if (c % 16 == 15) printf "R dir%d/file%d dir%d/moved%d\n", c % 60 % 6, c % 60, c % 5, c
    }
}' >history
git init -q -b main repository
git -C repository -c fastimport.unpackLimit=1 fast-import --quiet <history
git -C repository -c gc.auto=0 repack -adq --threads=1
made
cd repository
"$HEAPYARD" record -o "$OUT/git.hyt" -- git log -p -M -C --numstat --graph --decorate --no-color >../log
