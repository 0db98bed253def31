/* SPDX-License-Identifier: MIT
 *
 * tick.h - times as ticks of the clock that made them, losing nothing.
 *
 * A clock that ticks every 10.01 ns makes times of nanoseconds that fall on a grid.  Counted in ticks, the times
 * between events are 10 times smaller, and 3.3 bits of each need not be written.
 *
 * 1. A tick is a number of 2^-32 ns.  A tick of exactly 1 ns fits all times.
 * 2. All times have a common divisor: that is the tick.
 * 3. Else the tick is sought among 4 to 40 ns: the one on whose multiples most short times between events lie.  Pairs
 * of events that are further and further apart make it more exact.
 * 4. Ticks are counted in stretches.  In a stretch, every time is the whole part of a start in 2^-32 ns plus ticks.
 *    Where that does not hold any more (another processor, whose clock is shifted) a new stretch begins.
 *
 * Bad at clocks that are corrected while they run: each correction begins a new stretch.
 */
#ifndef HY_TICK_H
#define HY_TICK_H

#include "event.h"

#include <stddef.h>

#define HY_TICK_ONE ((uint64_t)1 << 32)  /* 1 ns */
#define HY_TICK_MOST ((uint64_t)1 << 52) /* below that */

/* The best tick for times after `base`. */
uint64_t hy_tick_find(uint64_t base, const hy_event *events, uint32_t count);

/* Where a stretch begins: its first event comes `offset` + its ticks after the event before. */
typedef struct hy_stretch {
    uint32_t events;
    uint64_t offset; /* in 2^-32 ns, below a tick */
} hy_stretch;

/* Ticks since the event before into ret_ticks[count], stretches into ret_stretches[most].  Returns how many; 0: more
 * than `most`. */
uint32_t hy_tick_count(uint64_t tick, uint64_t base, const hy_event *events, uint32_t count, uint64_t *ret_ticks,
                       hy_stretch *ret_stretches, uint32_t most);

#endif
