/* SPDX-License-Identifier: MIT
 *
 * partition.c - `heapyard partition`: memory for whole programs, in one piece each.  A table of its subcommands.
 */
#include "command.h"
#include "partition_models.h"
#include "partition_parts.h"
#include "parts.h"

#include <string.h>

static const cmd_part parts[] = {
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

static void print_page(FILE *out) {
    fputs("The page about all of this: heapyard partition --page FOLDER [--job FILE] [--sizes FOLDER] [--programs "
          "COUNT]\n",
          out);
}

static int run(int argc, char **argv) {
    const bool page = argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-?") != 0;
    return page ? cmd_partition_page(argc, argv)
                : cmd_run_part(&(cmd_parts){"partition", parts, sizeof parts / sizeof *parts, print_page}, argc, argv);
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
