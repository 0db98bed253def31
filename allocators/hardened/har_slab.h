/* SPDX-License-Identifier: MIT
 *
 * har_slab.h - slots: which one is handed out, and how it comes back.
 *
 *  1. A class allocates from its current slab: any of its free slots, at random.
 *  2. A slab with free slots is in its class's list.  When that is empty, more slots of the slab that is being opened
 * are made ready, or another slab is taken.
 *  3. A slot of another local's slab is given back under that local's lock; the slab joins its mail, which the owner
 *     goes through when it has no free slot.
 *  4. A slab that is empty goes to its area's pool, but for the last of its class.
 */
#ifndef HAR_SLAB_H
#define HAR_SLAB_H

#include "har_area.h"

/* The local's first lists. */
void har_slab_init(har_local *local);
/* A slab with a free slot, which becomes the current one.  NULL: no room. */
har_slab *har_slab_ready(har_local *local, unsigned size_class);
/* A slot that left the quarantine, or never was there, is free again.  `local`: the caller's, or NULL. */
void har_slab_return(har_heap *self, har_local *local, har_slab *slab, size_t i);
/* Takes in what others gave back. */
void har_slab_collect(har_local *local);
/* Gives away empty slabs. */
void har_slab_shed(har_local *local);

static inline uint64_t har_rotate(uint64_t word, unsigned by) {
    return word >> (by & 63) | word << (-by & 63);
}

/* A set bit, from a random place on. */
static inline unsigned har_any_bit(uint64_t word, unsigned from) {
    return ((unsigned)__builtin_ctzll(har_rotate(word, from)) + from) & 63;
}

static inline uint32_t har_count_bits(uint64_t word) {
    uint32_t count = 0;
    for (; word; word &= word - 1)
        count++;
    return count;
}

/* Any free slot of a slab that has one. */
static inline size_t har_slab_pick(har_local *local, har_slab *slab, bool at_random) {
    const uint64_t bits = at_random ? har_random(&local->random) : 0;
    const unsigned word = har_any_bit(slab->summary, (unsigned)bits & 63);
    const unsigned bit = har_any_bit(slab->map[word], (unsigned)(bits >> 6) & 63);
    slab->map[word] &= ~((uint64_t)1 << bit);
    if (slab->map[word] == 0)
        slab->summary &= ~((uint64_t)1 << word);
    slab->taken++;
    return (size_t)word * 64 + bit;
}

#endif
