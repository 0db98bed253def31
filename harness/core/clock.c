/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <stdlib.h>

/* Clock and ticks of one moment: of a few tries the tightest, so that losing the processor in between does not count.
 */
static void read_both(uint64_t *ret_now, uint64_t *ret_ticks) {
    uint64_t tightest = UINT64_MAX;
    for (int i = 0; i < 20; i++) {
        const uint64_t before = hy_ticks(), now = hy_now(), after = hy_ticks();
        if (after - before >= tightest)
            continue;
        tightest = after - before;
        *ret_now = now;
        *ret_ticks = before + tightest / 2;
    }
}

double hy_tick_length(unsigned milliseconds) {
    uint64_t start = 0, start_ticks = 0, end = 0, end_ticks = 0;
    read_both(&start, &start_ticks);
    while (hy_now() - start < (uint64_t)milliseconds * 1000000u)
        ;
    read_both(&end, &end_ticks);
    return (double)(end - start) / (double)(end_ticks - start_ticks);
}

static int compare(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

uint64_t hy_tick_overhead(void) {
    enum { TRIES = 1001 };
    uint64_t cost[TRIES];
    for (int i = 0; i < TRIES; i++) {
        const uint64_t before = hy_ticks();
        cost[i] = hy_ticks() - before;
    }
    qsort(cost, TRIES, sizeof *cost, compare);
    return cost[TRIES / 2];
}
