/* SPDX-License-Identifier: MIT
 *
 * buddy.c - the binary buddy system: blocks are powers of two, and whom a hole merges with is known from its address.
 *
 *  1. A request is rounded up to a power of two, its order; a block's address is a multiple of its size.
 *  2. A hole of that order serves it; else one of the next order that has any is halved until it has that order, and
 *     the upper halves stay holes.
 *  3. A freed block merges with its buddy if that is a hole of the same order, and so on upwards.
 *  4. What starts where, and of what order, stands in a map out of band, a byte for each smallest block.  So blocks
 * have no header: 64 bytes take 64 bytes.
 *  5. An alignment beyond the size is served by halving a hole of that order: it costs nothing.
 *  6. realloc halves in place, and grows in place while the upper buddy is a hole.
 *
 * lazy=yes puts merging off, as a hole of an order that is in demand will be taken again soon.  A hole whose merging is
 * put off is local, others are global; per order there are never more local holes than used blocks.  With the slack of
 * an order, its used blocks less its local holes, a free does this:
 *
 *     slack 2 or more    the hole becomes local, and nothing is merged
 *     slack 1            it merges, as in rule 3
 *     slack 0            it merges, and so does one local hole of that order
 *
 * Requests take local holes first.  Before the heap grows, and in coalesce, all local holes are merged.
 *
 * K. C. Knowlton, "A fast storage allocator", CACM 8(10), 1965; D. E. Knuth, The Art of Computer Programming 1, 2.5;
 * R. E. Barkley, T. P. Lee, "A lazy buddy system bounded by two coalescing delays per class", SOSP 1989.
 *
 * Bad at: memory.  Up to half of a block is unused; neighbours that are not buddies never merge; and growing for a
 * large block skips to the next multiple of its size.  Many arenas (a small `reserve`) make each free look at each of
 * them.
 */
#include "buddy_arena.h"
#include "buddy_heap.h"
#include "buddy_walk.h"

#include <errno.h>
#include <string.h>

#define BUDDY_MOST ((size_t)1 << 46) /* bytes of a block, and its alignment */

/* ----------------------------------------------------------------------------------------------- alloc, free ---- */

static inline unsigned buddy_order(const buddy_heap *self, size_t size) {
    const unsigned order = hy_log2_ceil(size);
    return order < self->min_order ? self->min_order : order;
}

/* A hole of this order at least.  False: there is none. */
static inline bool buddy_find(buddy_heap *self, unsigned order, buddy_spot *ret) {
    self->stats.search_steps++;
    const uint64_t orders = self->orders & (~(uint64_t)0 << order);
    if (orders == 0)
        return false;
    const unsigned found = (unsigned)__builtin_ctzll(orders);
    const hy_node *const head = self->locals[found] ? &self->local[found] : &self->global[found];
    *ret = buddy_first(self, head, found);
    return true;
}

/* Merges what was put off. */
static size_t buddy_catch_up(buddy_heap *self) {
    if (!self->lazy)
        return 0;
    self->stats.merge_passes++;
    return buddy_promote_all(self);
}

static bool buddy_find_or_grow(buddy_heap *self, unsigned order, buddy_spot *ret) {
    self->stats.searches++;
    if (__builtin_expect(buddy_find(self, order, ret), 1))
        return true;
    if (buddy_catch_up(self) > 0 && buddy_find(self, order, ret))
        return true;
    return buddy_arena_grow_any(self, order) && buddy_find(self, order, ret);
}

/* Upper halves of a hole or block become holes until it has this order. */
static void buddy_halve(buddy_heap *self, buddy_spot spot, unsigned order) {
    while (spot.order > order) {
        spot.order--;
        buddy_insert(self, (buddy_spot){spot.arena, spot.at + buddy_size(spot.order), spot.order}, BUDDY_GLOBAL);
        self->stats.splits++;
    }
}

/* A block of this order starts here; nothing did. */
static inline void buddy_set_used(buddy_heap *self, buddy_spot spot) {
    *buddy_byte(self, spot.arena, spot.at) = (uint8_t)(BUDDY_USED | spot.order);
    spot.arena->fresh = hy_max(spot.arena->fresh, spot.at + buddy_size(spot.order));
    self->used[spot.order]++;
    self->stats.live_blocks++;
    self->stats.live_bytes += buddy_size(spot.order);
}

/* A block is none any more; nothing starts there. */
static inline void buddy_set_unused(buddy_heap *self, buddy_spot spot) {
    *buddy_byte(self, spot.arena, spot.at) = 0;
    self->used[spot.order]--;
    self->stats.live_blocks--;
    self->stats.live_bytes -= buddy_size(spot.order);
}

/* *ret_dirty: how many bytes of the block, from its start, may have been written. */
static void *buddy_take(buddy_heap *self, size_t size, size_t align, size_t *ret_dirty) {
    if (size > BUDDY_MOST || align > BUDDY_MOST)
        return NULL;
    const unsigned order = buddy_order(self, size);
    buddy_spot spot = {NULL, 0, 0};
    if (!buddy_find_or_grow(self, buddy_order(self, hy_max(size, align)), &spot))
        return NULL;
    buddy_remove(self, spot);
    buddy_halve(self, spot, order);
    *ret_dirty = spot.arena->fresh > spot.at ? spot.arena->fresh - spot.at : 0;
    buddy_set_used(self, (buddy_spot){spot.arena, spot.at, order});
    return (void *)spot.at;
}

static void *buddy_alloc(hy_heap *heap, size_t size, size_t align) {
    size_t dirty = 0;
    return buddy_take((buddy_heap *)heap, size, align, &dirty);
}

static void *buddy_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    size_t dirty = 0;
    void *const block = buddy_take((buddy_heap *)heap, size, align, &dirty);
    return block ? memset(block, 0, hy_min(size, dirty)) : NULL;
}

static inline buddy_spot buddy_spot_of(const buddy_heap *self, const void *block) {
    const uintptr_t at = (uintptr_t)block;
    buddy_arena *const arena = buddy_arena_of(self, at);
    return (buddy_spot){arena, at, *buddy_byte(self, arena, at) & BUDDY_ORDER};
}

/* Merges a block that is none any more, and gives the top of its arena back if it has become too large. */
static inline void buddy_merge(buddy_heap *self, buddy_spot freed) {
    const buddy_spot hole = buddy_give(self, freed);
    const uintptr_t end = hole.at + buddy_size(hole.order);
    if (buddy_size(hole.order) >= self->trim && !self->bounded && buddy_arena_is_free_from(self, hole.arena, end))
        buddy_arena_trim(self, hole.arena, self->chunk);
}

/* An order has fewer used blocks than before: its local holes may have become too many. */
static inline void buddy_keep_slack(buddy_heap *self, unsigned order) {
    if (self->locals[order] > self->used[order])
        buddy_promote(self, order);
}

static void buddy_free(hy_heap *heap, void *block, size_t size) {
    (void)size;
    buddy_heap *const self = (buddy_heap *)heap;
    const buddy_spot spot = buddy_spot_of(self, block);
    const uint64_t slack = self->used[spot.order] - self->locals[spot.order];
    buddy_set_unused(self, spot);
    if (self->lazy && slack >= 2) {
        buddy_insert(self, spot, BUDDY_LOCAL);
        return;
    }
    buddy_merge(self, spot);
    buddy_keep_slack(self, spot.order);
}

static size_t buddy_usable_size(hy_heap *heap, const void *block) {
    return buddy_size(buddy_spot_of((const buddy_heap *)heap, block).order);
}

static bool buddy_owns(hy_heap *heap, const void *address) {
    const buddy_heap *const self = (const buddy_heap *)heap;
    const uintptr_t at = (uintptr_t)address;
    buddy_arena *const arena = buddy_arena_of(self, at);
    return arena && at % buddy_size(self->min_order) == 0 && (*buddy_byte(self, arena, at) & BUDDY_STATE) == BUDDY_USED;
}

/* ----------------------------------------------------------------------------------------------------- realloc ---- */

static bool buddy_is_hole(const buddy_heap *self, buddy_spot spot) {
    return buddy_is(self, spot, BUDDY_GLOBAL) || buddy_is(self, spot, BUDDY_LOCAL);
}

/* The upper buddy of a block, if it is one's lower half. */
static buddy_spot buddy_upper(buddy_spot spot, unsigned order) {
    return (buddy_spot){spot.arena, spot.at | buddy_size(order), order};
}

/* Whether all upper buddies up to `order` are holes. */
static bool buddy_can_widen(const buddy_heap *self, buddy_spot spot, unsigned order) {
    if (spot.at % buddy_size(order) != 0)
        return false;
    for (unsigned k = spot.order; k < order; k++)
        if (!buddy_is_hole(self, buddy_upper(spot, k)))
            return false;
    return true;
}

/* The block gets another order where it is: what it needs is there. */
static void buddy_reshape(buddy_heap *self, buddy_spot spot, unsigned order) {
    buddy_set_unused(self, spot);
    for (unsigned k = spot.order; k < order; k++) {
        buddy_remove(self, buddy_upper(spot, k));
        self->stats.merges++;
    }
    buddy_halve(self, spot, order);
    buddy_set_used(self, (buddy_spot){spot.arena, spot.at, order});
    buddy_keep_slack(self, spot.order);
}

static void *buddy_move(buddy_heap *self, void *block, size_t align, size_t new_size) {
    void *const moved = buddy_alloc(&self->heap, new_size, align);
    if (!moved)
        return NULL;
    memcpy(moved, block, hy_min(buddy_usable_size(&self->heap, block), new_size));
    buddy_free(&self->heap, block, 0);
    return moved;
}

static void *buddy_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    (void)old_size;
    buddy_heap *const self = (buddy_heap *)heap;
    const buddy_spot spot = buddy_spot_of(self, block);
    if (new_size > BUDDY_MOST)
        return NULL;
    const unsigned order = buddy_order(self, new_size);
    if (order == spot.order)
        return block;
    if (order > spot.order && !buddy_can_widen(self, spot, order))
        return buddy_move(self, block, align, new_size);
    buddy_reshape(self, spot, order);
    return block;
}

/* ---------------------------------------------------------------------------------------------- the whole heap ---- */

static size_t buddy_coalesce(hy_heap *heap) {
    return buddy_catch_up((buddy_heap *)heap);
}

static size_t buddy_trim(hy_heap *heap) {
    buddy_heap *const self = (buddy_heap *)heap;
    buddy_catch_up(self);
    return buddy_arena_trim_all(self);
}

static void buddy_reset(hy_heap *heap) {
    buddy_heap *const self = (buddy_heap *)heap;
    self->stats.live_blocks = self->stats.live_bytes = 0;
    buddy_lists_init(self);
    buddy_arena_reset_all(self);
}

static void buddy_stats(hy_heap *heap, hy_stats *ret) {
    *ret = ((buddy_heap *)heap)->stats;
}

static int buddy_create(const hy_setup *setup, hy_heap **ret) {
    const buddy_params *const params = setup->params;
    if (!hy_is_pow2(params->min)) {
        static const char why[] = "min must be a power of two";
        if (setup->why)
            memcpy(setup->why, why, sizeof why);
        return -EINVAL;
    }
    buddy_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->min_order = hy_log2_floor(params->min);
    self->lazy = params->lazy;
    self->data = setup->data;
    self->meta = setup->meta;
    self->bounded = setup->data->available != HY_ANY;
    self->chunk = hy_max(hy_pages_round(setup->data, params->chunk), setup->data->granule);
    self->trim = params->trim ? params->trim : SIZE_MAX;
    self->reserve = params->reserve;
    buddy_lists_init(self);
    *ret = &self->heap;
    return 0;
}

static void buddy_destroy(hy_heap *heap) {
    buddy_heap *const self = (buddy_heap *)heap;
    buddy_arena_release_all(self);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

/* -------------------------------------------------------------------------------------------------- data sheet ---- */

#define BUDDY_FIELD(key, kind) .name = #key, .type = kind, .offset = offsetof(buddy_params, key)

static const hy_param buddy_table[] = {
    {BUDDY_FIELD(min, HY_PARAM_SIZE), .def = "32", .min = 16, .max = 4096,
     .help = "the smallest block, a power of two; each costs a byte of map"},
    {BUDDY_FIELD(lazy, HY_PARAM_BOOL), .def = "no", .help = "put merging off while an order is in demand"},
    {BUDDY_FIELD(chunk, HY_PARAM_SIZE), .def = "64K", .min = 1, .max = (uint64_t)1 << 40,
     .help = "the heap grows by multiples of this"},
    {BUDDY_FIELD(trim, HY_PARAM_SIZE), .def = "256K", .min = 0, .max = (uint64_t)1 << 46,
     .help = "a hole this large at the top is given back (0: never)"},
    {BUDDY_FIELD(reserve, HY_PARAM_SIZE), .def = "64G", .min = 4096, .max = (uint64_t)1 << 46,
     .help = "address space to reserve for an arena; rounded up to a power of two"},
    {.name = NULL},
};

const hy_heap_ops hy_buddy_ops = {
    .name = "buddy",
    .summary = "binary buddies: powers of two without headers; lazy=yes puts merging off",
    .source = "K. C. Knowlton, CACM 8(10), 1965; R. E. Barkley, T. P. Lee, SOSP 1989",
    .flags = HY_BUDDIES,
    .threads = HY_THREADS_NONE,
    .max_align = HY_ANY,
    .max_size = BUDDY_MOST,
    .params = buddy_table,
    .params_size = sizeof(buddy_params),
    .create = buddy_create,
    .destroy = buddy_destroy,
    .alloc = buddy_alloc,
    .free = buddy_free,
    .realloc = buddy_realloc,
    .alloc_zeroed = buddy_alloc_zeroed,
    .usable_size = buddy_usable_size,
    .owns = buddy_owns,
    .reset = buddy_reset,
    .coalesce = buddy_coalesce,
    .trim = buddy_trim,
    .walk = buddy_walk,
    .check = buddy_check,
    .stats = buddy_stats,
};
