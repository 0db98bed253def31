/* SPDX-License-Identifier: MIT
 *
 * parts.h - commands of several parts: `heapyard page sim …`.
 */
#ifndef HY_PARTS_H
#define HY_PARTS_H

#include <stddef.h>
#include <stdio.h>

#define CMD_PARTS_MOST 16

typedef struct cmd_part {
    const char *name, *usage, *summary; /* usage without the command's name: "sim TRACE…" */
    int (*run)(int argc, char **argv);  /* argv[0] is "page sim"; returns an exit code */
} cmd_part;

typedef struct cmd_parts {
    const char *command;
    const cmd_part *part; /* at most CMD_PARTS_MOST */
    size_t count;
    void (*more)(FILE *out); /* what else there is to say, or NULL */
} cmd_parts;

/* Runs the part that argv[1] names; --help lists them. */
int cmd_run_part(const cmd_parts *parts, int argc, char **argv);

#endif
