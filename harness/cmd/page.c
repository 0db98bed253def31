/* SPDX-License-Identifier: MIT
 *
 * page.c - `heapyard page`: virtual memory.  Its parts are in page_*.c.
 */
#include "page.h"
#include "parts.h"

static const cmd_part parts[] = {
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

static void print_pagers(FILE *out) {
    fputs("Pagers (-p):\n", out);
    for (const hy_pager_ops *const *ops = hy_pagers; *ops; ops++) {
        fprintf(out, "  %-8s %s\n", (*ops)->name, (*ops)->summary);
        for (const hy_param *p = (*ops)->params; p && p->name; p++)
            fprintf(out, "             %s=%s  %s\n", p->name, p->def, p->help);
    }
}

static int run(int argc, char **argv) {
    return cmd_run_part(&(cmd_parts){"page", parts, sizeof parts / sizeof *parts, print_pagers}, argc, argv);
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
