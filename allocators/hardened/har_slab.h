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

/* Any free slot of a slab that has one: of the 64 around `near`, as long as there is one among them, for the sake of
 * caches. */
static inline size_t har_slab_choose(har_local *local, const har_slab *slab, size_t near, bool at_random) {
    const uint64_t bits = at_random ? local->chance = har_random(&local->random) : 0;
    unsigned word = (unsigned)(near / 64);
    if (!HAR_LIKELY(slab->map[word]))
        word = har_any_bit(slab->summary, (unsigned)bits & 63);
    const unsigned bit = har_any_bit(slab->map[word], (unsigned)(bits >> 6) & 63);
    return (size_t)word * 64 + bit;
}

/* The same, and it is taken.  It was chosen when the one before was taken, so that it is in the cache by now; at least
 * it was free then, and only the owner takes slots. */
static inline size_t har_slab_pick(har_local *local, har_slab *slab, bool at_random) {
    const size_t hint = slab->hint;
    const size_t i = HAR_LIKELY(hy_bit_get(slab->map, hint)) ? hint : har_slab_choose(local, slab, hint, at_random);
    hy_bit_clear(slab->map, i);
    if (slab->map[i / 64] == 0)
        slab->summary &= ~((uint64_t)1 << i / 64);
    slab->taken++;
    if (HAR_LIKELY(slab->summary)) {
        const size_t next = har_slab_choose(local, slab, i, at_random);
        const char *const start = har_slot_start(slab, next);
        slab->hint = (uint16_t)next;
        __builtin_prefetch(start, 1);
        __builtin_prefetch(start + slab->slot_size - 1, 1);
    }
    return i;
}

#endif
