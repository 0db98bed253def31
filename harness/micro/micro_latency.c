/* SPDX-License-Identifier: MIT
 *
 * micro_latency.c - a working set, each call timed by itself.
 *
 *  1. A time stamp stands before free, between free and malloc, behind malloc, and behind the write of the block's
 *     first byte: so each figure holds one time stamp's cost, which the row of `null` shows.
 *  2. `written` is malloc and that write together: an allocator that hands out memory which nobody has touched yet
 *     leaves the page fault to its caller.
 *  3. The slot is read before the first stamp, so that its cache miss does not count.  But processors run ahead: a part
 *     of a neighbour's work may fall between two stamps.  In the tail, where calls take hundreds of nanoseconds, that
 *     does not matter.
 *
 * Bad at: what happens less than once in 10 000 calls, for a cell is short.
 */
#include "micro.h"

#include "histogram.h"

static hy_histogram frees, mallocs, writes;

static void forget(void) {
    hy_histogram_clear(&writes);
    hy_histogram_clear(&mallocs);
    hy_histogram_clear(&frees);
}

static void time_each(void **slot, size_t size) {
    void *const old = *slot;
    const uint64_t start = hy_ticks();
    free(old);
    const uint64_t freed = hy_ticks();
    char *const block = malloc(size);
    const uint64_t allocated = hy_ticks();
    if (!block)
        abort();
    *(volatile char *)block = 1;
    const uint64_t written = hy_ticks();
    *slot = block;
    hy_histogram_record(&frees, freed - start);
    hy_histogram_record(&mallocs, allocated - freed);
    hy_histogram_record(&writes, written - freed);
}

static void say(const hy_histogram *h, double length, const char *metric) {
    micro_say(metric, "ns", length * (double)hy_histogram_percentile(h, 0.999));
}

void micro_latency(micro_share *share) {
    const hy_draws *const draws = share->job->draws;
    const size_t n = share->job->n;
    const double length = hy_tick_length(10);
    size_t turn = micro_settle(share, n);
    forget();
    micro_begin(share);
    for (bool warm = false; micro_goes_on(share, MICRO_BATCH);) {
        if (share->warm && !warm)
            forget();
        warm = share->warm;
        for (int i = 0; i < MICRO_BATCH; i++, turn++)
            time_each(&share->blocks[hy_draws_pick(draws, turn, n)], hy_draws_size(draws, turn));
    }
    share->cost = 0;
    say(&mallocs, length, "malloc_p99.9");
    say(&writes, length, "written_p99.9");
    say(&frees, length, "free_p99.9");
}
