/* SPDX-License-Identifier: MIT
 *
 * micro_campaign.h - the micro benchmarks of heapyard-micro on several allocators, round by round.
 *
 *   1. A cell is one benchmark with one number of threads on one allocator: a process of its own, of a tenth of a
 *      second where nothing large has to be filled first.
 *   2. A round is every benchmark, one after the other; each on all allocators right after each other, in random
 *      order, and on one of them twice (the control).  An allocator's cells with one and with two threads are
 *      neighbours.  So what is compared was measured within a second or two, on a machine of the same speed.
 *   3. Memory repeats almost exactly, and `null` is only looked at: both are measured in the first rounds only.
 *
 * Every allocator serves through LD_PRELOAD, and the loader's word is asked for it.
 */
#ifndef HY_MICRO_CAMPAIGN_H
#define HY_MICRO_CAMPAIGN_H

#include "micro_results.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#define HY_MICRO_FEW_ROUNDS 3

typedef struct hy_micro_plan {
    const char *filter; /* extended regular expression on names and figures' threads ("pair/16/threads:2"); NULL: all */
    unsigned milliseconds; /* that a cell is timed */
    uint64_t seed;
    FILE *cells; /* a line of CSV for each value, as soon as it is there; may be NULL */
    const volatile sig_atomic_t *stop;
    void (*show_progress)(size_t done, size_t total, const char *doing);
} hy_micro_plan;

/* What went wrong: cells that did not end well.  Each is said on stderr at once. */
typedef struct hy_micro_end {
    size_t cells, failed;
    bool stopped;
} hy_micro_end;

/* Runs the rounds; `results` has its entries and rounds, and gets the values.  0 or -errno with the sentence. */
int hy_micro_run(const hy_micro_plan *plan, hy_micro_results *results, hy_micro_end *ret_end, hy_error *error);

#endif
