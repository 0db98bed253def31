/* SPDX-License-Identifier: MIT
 *
 * clock_symbols.h - the symbols of a block's times, out of the entropy coder (rans.h), some at a time.
 *
 * The columns are untrusted: whatever they hold, only they are read.
 */
#ifndef HY_CLOCK_SYMBOLS_H
#define HY_CLOCK_SYMBOLS_H

#include "codec.h"
#include "rans.h"

/* A mark is 1 + a symbol; 0 is none yet, and this one that of a context that has no symbols. */
#define HY_CLOCK_NO_SYMBOL (HY_TIME_SYMBOLS + 1)

/* What a context's symbols are, by the low bits of a state. */
typedef struct hy_clock_table {
    hy_rans_slot slots[HY_RANS_SUM];
    uint8_t marks[HY_RANS_SUM];
} hy_clock_table;

typedef struct hy_clock_symbols {
    const uint8_t *codes;             /* of the events to come */
    const uint8_t *words, *words_end; /* what the entropy coder wrote, still to come */
    uint32_t state[HY_TIME_GROUP];
    bool begun;             /* there are codes before */
    hy_clock_table *tables; /* of each context that is used, after one for those that are not */
    const hy_clock_table *tables_after[HY_CLOCK_NO_SYMBOL + 1]; /* by mark */
    uint8_t seen[HY_TIME_SLOTS];                                /* the last mark, by history */
} hy_clock_symbols;

/* `ret_symbols` is all zero.  0, -ENOMEM, or -EINVAL with a part of a sentence.  Ends with hy_clock_symbols_clear in
 * any case. */
int hy_clock_symbols_begin(hy_clock_symbols *ret_symbols, const hy_columns *columns, hy_error *error);
/* The marks of the next `count` events; only the last call may have a count that is no multiple of HY_TIME_GROUP.
 * Returns how many there are; fewer: the column is cut off. */
uint32_t hy_clock_symbols_next(hy_clock_symbols *symbols, uint32_t count, uint8_t *ret_marks);
/* After the last event: whether nothing is left over. */
bool hy_clock_symbols_ended(const hy_clock_symbols *symbols);
void hy_clock_symbols_clear(hy_clock_symbols *symbols);

#endif
