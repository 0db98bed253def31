/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <stdlib.h>

double hy_tick_length(unsigned milliseconds) {
    const uint64_t start = hy_now(), start_ticks = hy_ticks();
    uint64_t now = start;
    while (now - start < (uint64_t)milliseconds * 1000000u)
        now = hy_now();
    return (double)(now - start) / (double)(hy_ticks() - start_ticks);
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
