/* SPDX-License-Identifier: MIT
 *
 * buddy_heap.h - the instance of a buddy heap: its arenas, its map of blocks, its lists of free ones.
 *
 *  order    a block or hole of order k has 1 << k bytes, and an address that is a multiple of that
 *  buddy    the other half of the hole of the next order that it would be a half of: its address differs in one bit
 *  arena    one reservation, filled from the bottom up
 *  map      out of band, a byte for each smallest block of an arena: what starts there, and its order
 *  global   a hole that merges with its buddy if that is a global hole too
 *  local    a hole whose merging is put off: for merging it counts as used
 */
#ifndef BUDDY_HEAP_H
#define BUDDY_HEAP_H

#include "support.h"

#define BUDDY_ORDERS 48u /* no block has more than 1 << 47 bytes */

/* A byte of the map: one of these, and the order.  0: nothing starts here. */
#define BUDDY_ORDER 0x3fu
#define BUDDY_USED 0x40u
#define BUDDY_LOCAL 0x80u
#define BUDDY_GLOBAL 0xc0u
#define BUDDY_STATE 0xc0u

typedef struct buddy_params {
    size_t min;
    bool lazy;
    size_t chunk, trim, reserve;
} buddy_params;

/* In meta pages; the map lies behind it. */
typedef struct buddy_arena {
    struct buddy_arena *next;          /* by address */
    char *start, *limit, *reserve_end; /* committed up to limit */
    uintptr_t base, top;               /* of what is in blocks and holes: multiples of the smallest block */
    uintptr_t fresh;                   /* from here on nothing was ever written but the links of holes */
    size_t meta_size, meta_committed;
    uint8_t map[];
} buddy_arena;

typedef struct buddy_heap {
    hy_heap heap;
    unsigned min_order;
    bool lazy;
    uint64_t orders;                                   /* those of which there is a hole */
    hy_node local[BUDDY_ORDERS], global[BUDDY_ORDERS]; /* holes by order, through their first 16 bytes */
    uint64_t locals[BUDDY_ORDERS], used[BUDDY_ORDERS]; /* how many holes are local, how many blocks are used */
    buddy_arena *arenas;
    hy_stats stats;

    hy_pages *data, *meta;
    bool bounded; /* a page source of limited size: taken whole */
    size_t chunk, trim, reserve;
} buddy_heap;

/* A hole or block, and the arena that it is in. */
typedef struct buddy_spot {
    buddy_arena *arena;
    uintptr_t at;
    unsigned order;
} buddy_spot;

static inline size_t buddy_size(unsigned order) {
    return (size_t)1 << order;
}

static inline uint8_t *buddy_byte(const buddy_heap *self, buddy_arena *arena, uintptr_t at) {
    return &arena->map[(at - arena->base) >> self->min_order];
}

/* The arena that an address is in, or NULL. */
static inline buddy_arena *buddy_arena_of(const buddy_heap *self, uintptr_t at) {
    buddy_arena *arena = self->arenas;
    while (arena && !(at >= arena->base && at < arena->top))
        arena = arena->next;
    return arena;
}

static inline void buddy_lists_init(buddy_heap *self) {
    for (unsigned order = 0; order < BUDDY_ORDERS; order++) {
        hy_list_init(&self->local[order]);
        hy_list_init(&self->global[order]);
        self->locals[order] = self->used[order] = 0;
    }
    self->orders = 0;
    self->stats.holes = 0;
}

static inline void buddy_insert(buddy_heap *self, buddy_spot spot, unsigned state) {
    hy_node *const heads = state == BUDDY_LOCAL ? self->local : self->global;
    hy_list_insert(&heads[spot.order], (hy_node *)spot.at);
    *buddy_byte(self, spot.arena, spot.at) = (uint8_t)(state | spot.order);
    self->locals[spot.order] += state == BUDDY_LOCAL;
    self->orders |= (uint64_t)1 << spot.order;
    self->stats.holes++;
}

/* A hole is none any more; nothing starts there.  Its links are wiped, so that fresh memory stays so. */
static inline void buddy_remove(buddy_heap *self, buddy_spot spot) {
    uint8_t *const byte = buddy_byte(self, spot.arena, spot.at);
    hy_node *const node = (hy_node *)spot.at;
    hy_list_remove(node);
    *node = (hy_node){NULL, NULL};
    self->locals[spot.order] -= (*byte & BUDDY_STATE) == BUDDY_LOCAL;
    *byte = 0;
    if (hy_list_empty(&self->local[spot.order]) && hy_list_empty(&self->global[spot.order]))
        self->orders &= ~((uint64_t)1 << spot.order);
    self->stats.holes--;
}

/* Whether a hole or block of this order starts here and has this state. */
static inline bool buddy_is(const buddy_heap *self, buddy_spot spot, unsigned state) {
    return spot.at >= spot.arena->base && spot.at + buddy_size(spot.order) <= spot.arena->top &&
           *buddy_byte(self, spot.arena, spot.at) == (state | spot.order);
}

/* Makes what starts nowhere in the map a global hole, merged as far as it goes.  The whole. */
static inline buddy_spot buddy_give(buddy_heap *self, buddy_spot spot) {
    for (; spot.order < BUDDY_ORDERS - 1; spot.order++) {
        const buddy_spot other = {spot.arena, spot.at ^ buddy_size(spot.order), spot.order};
        if (!buddy_is(self, other, BUDDY_GLOBAL))
            break;
        buddy_remove(self, other);
        spot.at &= ~(uintptr_t)buddy_size(spot.order);
        self->stats.merges++;
    }
    buddy_insert(self, spot, BUDDY_GLOBAL);
    return spot;
}

/* Some hole of a list. */
static inline buddy_spot buddy_first(const buddy_heap *self, const hy_node *head, unsigned order) {
    const uintptr_t at = (uintptr_t)head->next;
    return (buddy_spot){buddy_arena_of(self, at), at, order};
}

/* A local hole becomes a global one. */
static inline void buddy_promote(buddy_heap *self, unsigned order) {
    const buddy_spot spot = buddy_first(self, &self->local[order], order);
    buddy_remove(self, spot);
    buddy_give(self, spot);
}

/* Makes all local holes global.  The number of merges. */
static inline size_t buddy_promote_all(buddy_heap *self) {
    const uint64_t before = self->stats.merges;
    for (unsigned order = 0; order < BUDDY_ORDERS; order++)
        while (self->locals[order] > 0)
            buddy_promote(self, order);
    return (size_t)(self->stats.merges - before);
}

#endif
