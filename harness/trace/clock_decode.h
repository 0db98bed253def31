/* SPDX-License-Identifier: MIT
 *
 * clock_decode.h - the times of a block's events, some at a time, so that they are still in the cache.
 *
 * The columns are untrusted: whatever they hold, only they are read and only the events' times are written.
 */
#ifndef HY_CLOCK_DECODE_H
#define HY_CLOCK_DECODE_H

#include "clock_symbols.h"

/* Events at a time, at most: the ends of longer loops are foretold more often, and these still fit a cache. */
#define HY_CLOCK_PART 2048u

/* What a mark means: the ticks without its low bits, where those go, how many they are. */
typedef struct hy_clock_meaning {
    uint64_t least;
    uint32_t mask, width;
} hy_clock_meaning;

typedef struct hy_clock {
    hy_clock_symbols symbols;
    const uint8_t *stretch, *stretch_end;
    const uint8_t *bits;
    uint64_t position, bits_most; /* in `bits` */
    uint64_t tick, part;          /* in 2^-32 ns; `part` of a ns has passed since `time` */
    uint64_t time;
    uint64_t small; /* ticks below that may be added up HY_CLOCK_PART times without a look at overflow */
    uint64_t left;  /* events in this stretch */
    uint32_t event; /* the next of the block */
    hy_clock_meaning meanings[HY_CLOCK_NO_SYMBOL + 1]; /* by mark */
} hy_clock;

/* 0, -ENOMEM, or -EINVAL with a part of a sentence.  Ends with hy_clock_clear in any case. */
int hy_clock_begin(hy_clock *clock, const hy_block_start *start, const hy_columns *columns, hy_error *error);
/* Sets the times of the next `count` events, at most HY_CLOCK_PART; only the last call may have a count that is no
 * multiple of HY_TIME_GROUP.  NULL, or what is broken. */
const char *hy_clock_next(hy_clock *clock, hy_event *events, uint32_t count);
/* After the last event: whether nothing is left over. */
int hy_clock_end(const hy_clock *clock, hy_error *error);
void hy_clock_clear(hy_clock *clock);

#endif
