/* SPDX-License-Identifier: MIT
 *
 * partition.c - `heapyard partition`: memory for whole programs, in one piece each.  A table of its subcommands.
 */
#include "command.h"
#include "partition_models.h"
#include "partition_parts.h"

#include <stdio.h>
#include <string.h>

static const struct part {
    const char *name, *usage, *summary;
    int (*run)(int argc, char **argv); /* argv[0] is "partition NAME" */
} parts[] = {
    {"guess", "guess PROGRAM|FOLDER… | guess --run LIST",
     "how much memory programs will want; with --run, how much "
     "they really had",
     cmd_partition_guess},
    {"start", "start [-a SPEC] [-m SIZE] PROGRAM[:MINIMUM:PREFERRED]|exit:LETTER|compact…",
     "programs get memory and leave, drawn as a map of blocks", cmd_partition_start},
    {"age", "age [-a SPEC,…] [-m SIZE] [--sizes FOLDER]", "what becomes of a memory as programs come and go",
     cmd_partition_age},
    {"map", "map SCENARIO -o PICTURE", "the maps of a scenario as a picture", cmd_partition_map},
    {"flat", "flat [-a SPEC] [-m SIZE]", "two programs that want one memory, without bounds and with them",
     cmd_partition_flat},
    {"models", "models FILE [-m SIZE] [-a MODEL,…]", "a recorded job on flat, fixed, dynamic and paged memory",
     cmd_partition_models},
};

#define PARTS (sizeof parts / sizeof *parts)

static int print_parts(void) {
    puts("usage: heapyard partition PART …, or heapyard partition --page FOLDER\n");
    for (size_t i = 0; i < PARTS; i++)
        printf("  heapyard partition %s\n      %s\n", parts[i].usage, parts[i].summary);
    puts("  heapyard partition --page FOLDER [--job FILE] [--sizes FOLDER] [--programs COUNT]\n      the page about "
         "all of this\n\n"
         "`heapyard partition PART --help` lists the options of a part.");
    return HY_EXIT_OK;
}

static int run(int argc, char **argv) {
    const char *names[PARTS + 1] = {NULL};
    for (size_t i = 0; i < PARTS; i++)
        names[i] = parts[i].name;
    if (argc < 2)
        return cmd_fail("partition: which part?  `heapyard partition --help` lists them");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0)
        return print_parts();
    if (argv[1][0] == '-')
        return cmd_partition_page(argc, argv);
    for (size_t i = 0; i < PARTS; i++)
        if (strcmp(argv[1], parts[i].name) == 0) {
            char name[32], *const word = argv[1];
            snprintf(name, sizeof name, "partition %s", word);
            argv[1] = name;
            const int code = parts[i].run(argc - 1, argv + 1);
            argv[1] = word;
            return code;
        }
    return cmd_fail("partition has no part \"%s\"%s", argv[1],
                    hy_did_you_mean(argv[1], strlen(argv[1]), names, "`heapyard partition --help` lists them").text);
}

const hy_command cmd_partition = {
    .name = "partition",
    .family = "memory of a machine",
    .usage = "partition guess|start|age|map|flat|models …",
    .summary = "memory for whole programs: guesses, placement, fragmentation, flat, fixed, dynamic, paged",
    .examples =
        {"heapyard partition guess /usr/bin --libraries",
         "heapyard partition start -m 8M -a partitions:block=64K,policy=best gcc sed:1M:4M ls exit:B awk compact",
         "heapyard partition age -a best-fit:metadata=out-of-band,grain=1 --sizes /usr/bin",
         "heapyard partition models build.arrivals -m 64M",
         "heapyard partition --page results/local/report --job build.arrivals", NULL},
    .run = run,
};
