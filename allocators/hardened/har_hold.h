/* SPDX-License-Identifier: MIT
 *
 * har_hold.h - the quarantine of a thread: freed blocks wait before their slots are free.
 *
 *  1. Two rings of addresses, for slots up to 128 bytes and for larger ones, so that a few large blocks do not drive
 * out thousands of small ones.  The oldest leaves when there are too many, or too many bytes.
 *  2. With `random`, a block that comes in changes places with one of the newest quarter.  So nobody waits for less
 * than three quarters of the ring, and nobody can tell when a block leaves.
 *  3. A thread that ends lets all but a few blocks go, so that many threads do not hold much.
 *  4. Each block that leaves must be what it was when it came; its slot is free then.
 *
 * Source: the quarantine of AddressSanitizer (Serebryany et al., USENIX ATC 2012); random exchange as in
 * hardened_malloc.
 */
#ifndef HAR_HOLD_H
#define HAR_HOLD_H

#include "har_slab.h"

/* A freed block of that slab comes in, or its slot is free at once. */
void har_hold_put(har_heap *self, har_local *local, har_slab *slab, size_t i);
/* The thread ends: all but a few leave. */
void har_hold_shrink(har_heap *self, har_local *local);
/* All leave. */
void har_hold_drain(har_heap *self, har_local *local);
void har_hold_release(har_heap *self, har_local *local);
/* All blocks of the heap are gone. */
void har_hold_forget(har_local *local);

static inline size_t har_hold_count(const har_local *local) {
    return local->hold[0].count + local->hold[1].count;
}

#endif
