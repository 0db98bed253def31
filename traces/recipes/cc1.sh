#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# cc1.hyt: the C compiler proper of `gcc -O2` translates a generated program; the traces of gcc itself and of the
# assembler are thrown away.
. "$(dirname "$0")/common.sh"
need gcc gcc libc6-dev

awk 'BEGIN {
    print "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
    for (i = 0; i < 64; i++) {
        printf "struct s%d { int key; double weight; char name[%d]; struct s%d *next; };\n", i, 8 + i % 24, i
        printf "static int f%d(struct s%d *list, const char *name, int n) {\n    int sum = %d;\n", i, i, i
        printf "    for (struct s%d *s = list; s; s = s->next) {\n        switch ((s->key + n) %% 7) {\n", i
        for (k = 0; k < 5; k++)
            printf "        case %d: sum += s->key * %d + (int)(s->weight / %d.5); break;\n", k, i + k, k + 1
        printf "        default: if (strcmp(s->name, name) == 0) sum -= (int)strlen(name); else sum ^= n << %d;\n        }\n    }\n", i % 5
        printf "    for (int i = 0; i < n; i++)\n        sum += i %% %d ? sum >> 3 : sum * %d;\n    return sum;\n}\n\n", 2 + i % 9, 3 + i
    }
    print "int main(int argc, char **argv) {\n    int sum = 0;"
    for (i = 0; i < 64; i++)
        printf "    struct s%d a%d = {argc, %d.5, \"%d\", 0};\n    sum += f%d(&a%d, argv[0], %d);\n", i, i, i, i, i, i, i * 3
    print "    printf(\"%d\\n\", sum);\n    return 0;\n}" }' >work.c
made
"$HEAPYARD" record --follow-children -o all.hyt -- gcc -O2 -c work.c
for trace in all.hyt.*; do
    if "$HEAPYARD" info "$trace" | grep -q '^command .*/cc1 '; then mv "$trace" "$OUT/cc1.hyt"; fi
done
