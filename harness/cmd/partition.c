/* SPDX-License-Identifier: MIT
 *
 * partition.c - `heapyard partition`: memory for whole programs, in one piece each.  A table of its subcommands.
 */
#include "command.h"
#include "partition_models.h"

#include <stdio.h>
#include <string.h>

typedef struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is "partition NAME" */
} subcommand;

static const subcommand subcommands[] = {
    {"flat", cmd_partition_flat},
    {"models", cmd_partition_models},
};

static int run(int argc, char **argv) {
    enum { COUNT = sizeof subcommands / sizeof *subcommands };
    const char *names[COUNT + 1] = {NULL};
    for (size_t i = 0; i < COUNT; i++)
        names[i] = subcommands[i].name;
    if (argc < 2)
        return cmd_fail("partition what? `heapyard help partition` has examples");
    for (size_t i = 0; i < COUNT; i++) {
        char name[64];
        if (strcmp(argv[1], names[i]) != 0)
            continue;
        snprintf(name, sizeof name, "partition %s", names[i]);
        argv[1] = name;
        return subcommands[i].run(argc - 1, argv + 1);
    }
    const hy_hint hint = hy_did_you_mean(argv[1], strlen(argv[1]), names, "`heapyard help partition` has examples");
    return cmd_fail("partition has no \"%s\"%s", argv[1], hint.text);
}

const hy_command cmd_partition = {
    .name = "partition",
    .family = "memory of a machine",
    .usage = "partition models FILE [-m SIZE] [-a MODEL,…] | flat [-a SPEC] [-m SIZE]",
    .summary = "give memory to whole programs: flat, fixed, dynamic, paged",
    .examples = {"heapyard partition models build.arrivals -m 64M",
                 "heapyard partition models build.arrivals --sizes guessed --picture models.svg",
                 "heapyard partition flat -a segregated", NULL},
    .run = run,
};
