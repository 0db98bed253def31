/* SPDX-License-Identifier: MIT
 *
 * clock_decode.h - the times of a block's events, some at a time, so that they are still in the cache.
 *
 * The columns are untrusted: whatever they hold, only they are read and only the events' times are written.
 */
#ifndef HY_CLOCK_DECODE_H
#define HY_CLOCK_DECODE_H

#include "codec.h"

typedef struct hy_clock {
    const uint8_t *codes;             /* of the block's events */
    const uint8_t *words, *words_end; /* what the entropy coder wrote, still to come */
    const uint8_t *stretch, *stretch_end;
    const uint8_t *bits;
    uint64_t position, bits_most; /* in `bits` */
    uint64_t tick, part;          /* in 2^-32 ns; `part` of a ns has passed since `time` */
    uint64_t time;
    uint64_t small; /* ticks below that may be added up without a look at overflow, some in a row */
    uint64_t left;  /* events in this stretch */
    uint32_t state[HY_TIME_GROUP];
    uint32_t history;
    uint32_t event;   /* the next of the block */
    uint32_t *tables; /* HY_RANS_SUM slots for each context that is used, after those of one that is not */
    const uint32_t *tables_after[HY_TIME_SYMBOLS + 2]; /* by what is in `seen` */
    /* Of a symbol: the ticks without its low bits, where those go, how many they are.  The last is none. */
    uint64_t least[HY_TIME_SYMBOLS + 1], mask[HY_TIME_SYMBOLS + 1];
    uint8_t low[HY_TIME_SYMBOLS + 1];
    uint8_t seen[HY_TIME_SLOTS]; /* by history: 0, or 1 + the last symbol */
} hy_clock;

/* 0, -ENOMEM, or -EINVAL with a part of a sentence.  Ends with hy_clock_clear in any case. */
int hy_clock_begin(hy_clock *clock, const hy_block_start *start, const hy_columns *columns, hy_error *error);
/* Sets the times of the next `count` events; only the last call may have a count that is no multiple of HY_TIME_GROUP.
 * NULL, or what is broken. */
const char *hy_clock_next(hy_clock *clock, hy_event *events, uint32_t count);
/* After the last event: whether nothing is left over. */
int hy_clock_end(const hy_clock *clock, hy_error *error);
void hy_clock_clear(hy_clock *clock);

#endif
