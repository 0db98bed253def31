/* SPDX-License-Identifier: MIT
 *
 * stress_slots.h - the live blocks of the process, in a table that all threads share.
 *
 * A slot is empty, full, or held by the thread that took it.  Each seat (a line of threads, one after the other) has a
 * row of slots, but any thread may take any slot: so blocks are freed and resized by others, outlive their threads, and
 * a forked child finds all that were full, whole.  The table is static, never from malloc.
 */
#ifndef HY_STRESS_SLOTS_H
#define HY_STRESS_SLOTS_H

#include "stress_calls.h"

#define SEATS 65u            /* rows: one for each seat, and one that is everybody's */
#define SLOTS ((size_t)1024) /* in a row */

typedef enum slot_state { SLOT_EMPTY, SLOT_HELD, SLOT_FULL } slot_state;

typedef struct stress_slot {
    uint32_t state;
    unsigned seat, life; /* who allocated it */
    call_block block;
} stress_slot;

/* Holds the slot; what it was.  SLOT_HELD: another thread has it, leave it alone. */
slot_state slot_take(stress_slot *slot);
void slot_put(stress_slot *slot, slot_state state);

stress_slot *slot_at(size_t row, size_t i);

/* Fills a new block with a pattern of its own and enters it into the map.  `kept` bytes hold an older pattern. */
void block_enter(call_block *block);
/* Verifies it and removes it from the map: before any call that may free it. */
void block_leave(const call_block *block);
/* Fails unless the first `size` bytes hold the pattern. */
void block_verify(const call_block *block, size_t size);

/* Bytes of all blocks that are entered. */
size_t slots_live(void);

/* In a forked child: forgets what other threads held, and verifies all the rest. */
void slots_inherit(size_t rows);
/* Frees everything; no other thread is at work. */
void slots_clear(size_t rows, uint64_t *rng);

#endif
