/* SPDX-License-Identifier: MIT
 *
 * page.c - `heapyard page`: virtual memory.  Its parts are in page_*.c.
 */
#include "page.h"

#include <string.h>

static const struct part {
    const char *name, *usage, *summary;
    int (*run)(int argc, char **argv);
} parts[] = {
    {"sim", "sim TRACE… [-p PAGER,…] [--frames N,…] [--tlb SHAPE,…]", "policies, page tables and TLBs on a trace",
     page_sim},
    {"curve", "curve TRACE… [-p PAGER,…] [--page FOLDER]", "faults by frames, the knee, and where thrashing begins",
     page_curve},
    {"sizes", "sizes TRACE… [--memory SIZE,…] [--page-size SIZE,…]", "what larger pages win and cost", page_sizes},
    {"record", "record -o FILE -- PROGRAM …", "the page references of a program, by valgrind's lackey", page_record},
    {"live", "live [WORKLOAD | -- PROGRAM…] [-p PAGER,…] [--frames N,…]",
     "a workload in less memory than it needs, for real", page_live},
    {"walk", "walk ADDRESS [--levels 4|5] [--page-size 4K|2M|1G]", "the entries that translate one address", page_walk},
};

#define PARTS (sizeof parts / sizeof *parts)

static void print_parts(FILE *out) {
    fputs("usage: heapyard page PART …\n\n", out);
    for (size_t i = 0; i < PARTS; i++)
        fprintf(out, "  heapyard page %s\n      %s\n", parts[i].usage, parts[i].summary);
    fputs("\n`heapyard page PART --help` lists the options of a part.  Pagers (-p):\n", out);
    for (const hy_pager_ops *const *ops = hy_pagers; *ops; ops++) {
        fprintf(out, "  %-8s %s\n", (*ops)->name, (*ops)->summary);
        for (const hy_param *p = (*ops)->params; p && p->name; p++)
            fprintf(out, "             %s=%s  %s\n", p->name, p->def, p->help);
    }
}

static int run(int argc, char **argv) {
    const char *names[PARTS + 1] = {NULL};
    for (size_t i = 0; i < PARTS; i++)
        names[i] = parts[i].name;
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0)) {
        print_parts(stdout);
        return HY_EXIT_OK;
    }
    if (argc < 2)
        return cmd_fail("page: which part?  `heapyard page --help` lists them");
    for (size_t i = 0; i < PARTS; i++)
        if (strcmp(argv[1], parts[i].name) == 0) {
            char name[32], *const word = argv[1];
            snprintf(name, sizeof name, "page %s", word);
            argv[1] = name;
            const int code = parts[i].run(argc - 1, argv + 1);
            argv[1] = word;
            return code;
        }
    return cmd_fail("page has no part \"%s\"%s", argv[1],
                    hy_did_you_mean(argv[1], strlen(argv[1]), names, "`heapyard page --help` lists them").text);
}

const hy_command cmd_page = {
    .name = "page",
    .family = "memory of a machine",
    .usage = "page sim|curve|sizes|live|walk|record …",
    .summary = "virtual memory: page replacement, page tables and TLBs on real traces of addresses",
    .examples = {"heapyard page record -o sort.hyp -- sort words.txt",
                 "heapyard page sim sort.hyp -p lru,clock,arc,opt --frames 32,64 --tlb 64x4,1536x12",
                 "heapyard page curve sort.hyp -p lru,fifo,opt --page results/local/report",
                 "heapyard page live sort --pages 512 --frames 64 -p lru,clock,2q",
                 "heapyard page sim traces/jq.hyt -a segregated,system -p lru", NULL},
    .run = run,
};
