/* SPDX-License-Identifier: MIT */
#include "clock.h"

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

/* Of a few rows the quickest, so that losing the processor does not count. */
double hy_tick_overhead(void) {
    enum { ROWS = 20, TRIES = 1000 };
    uint64_t least = UINT64_MAX;
    for (int row = 0; row < ROWS; row++) {
        const uint64_t before = hy_ticks();
        for (int i = 0; i < TRIES; i++)
            (void)hy_ticks();
        const uint64_t ticks = hy_ticks() - before;
        least = ticks < least ? ticks : least;
    }
    return (double)least / (TRIES + 1);
}

/* Not the very least: a virtual machine's clock is set right by single ticks now and then. */
uint64_t hy_tick_step(void) {
    enum { TRIES = 20000, MOST = 4096, OFTEN = TRIES / 100 };
    uint16_t count[MOST] = {0};
    uint64_t before = hy_ticks(), step = 1;
    for (int i = 0; i < TRIES; i++) {
        const uint64_t now = hy_ticks(), ticks = now - before;
        count[ticks < MOST ? ticks : 0]++;
        before = now;
    }
    while (step < MOST - 1 && count[step] < OFTEN)
        step++;
    return step;
}
