/* SPDX-License-Identifier: MIT
 *
 * buddy_arena.c - growing and giving back (see buddy_arena.h).
 */
#include "buddy_arena.h"

#include <string.h>

/* Makes [from, to) holes, as large as the addresses allow. */
static void arena_give(buddy_heap *self, buddy_arena *arena, uintptr_t from, uintptr_t to) {
    while (from < to) {
        const unsigned aligned = (unsigned)__builtin_ctzll(from), fitting = hy_log2_floor(to - from);
        const unsigned order = aligned < fitting ? aligned : fitting;
        buddy_give(self, (buddy_spot){arena, from, order});
        from += buddy_size(order);
    }
}

/* Where blocks end if pages end at `limit`. */
static uintptr_t arena_top(const buddy_heap *self, const buddy_arena *arena, const char *limit) {
    return hy_max(arena->base, hy_align_down((size_t)limit, buddy_size(self->min_order)));
}

/* ----------------------------------------------------------------------------------------------------- growing ---- */

/* Bytes of an arena's own pages that describe it up to `limit`. */
static size_t arena_meta_size(const buddy_heap *self, const buddy_arena *arena, const char *limit) {
    const size_t bytes = arena_top(self, arena, limit) - arena->base;
    return hy_pages_round(self->meta, sizeof *arena + (bytes >> self->min_order));
}

static bool arena_commit_map(buddy_heap *self, buddy_arena *arena, const char *limit) {
    const size_t has = arena->meta_committed, needs = arena_meta_size(self, arena, limit);
    if (needs <= has)
        return true;
    char *const more = (char *)arena + has;
    if (self->meta->ops->commit(self->meta, more, needs - has) != 0)
        return false;
    if (!self->meta->zeroed)
        memset(more, 0, needs - has); /* else it is not touched: the map of a huge block is large, and mostly empty */
    arena->meta_committed = needs;
    return true;
}

static bool arena_commit(buddy_heap *self, buddy_arena *arena, size_t size) {
    char *const limit = arena->limit + size;
    if (!arena_commit_map(self, arena, limit) || self->data->ops->commit(self->data, arena->limit, size) != 0)
        return false;
    const uintptr_t old_top = arena->top;
    arena->limit = limit;
    arena->top = arena_top(self, arena, limit);
    if (!self->data->zeroed)
        arena->fresh = arena->top;
    arena_give(self, arena, old_top, arena->top);
    self->stats.grows++;
    return true;
}

bool buddy_arena_is_free_from(const buddy_heap *self, buddy_arena *arena, uintptr_t at) {
    while (at < arena->top) {
        const uint8_t byte = *buddy_byte(self, arena, at);
        if ((byte & BUDDY_STATE) != BUDDY_GLOBAL)
            return false;
        at += buddy_size(byte & BUDDY_ORDER);
    }
    return true;
}

/* Grows to where the next hole of this order ends: by the chunk, or just enough. */
static bool arena_grow(buddy_heap *self, buddy_arena *arena, unsigned order) {
    uintptr_t at = hy_align_down(arena->top, buddy_size(order));
    if (at < arena->base || !buddy_arena_is_free_from(self, arena, at))
        at += buddy_size(order);
    const uintptr_t end = at + buddy_size(order);
    const size_t left = (size_t)(arena->reserve_end - arena->limit);
    const size_t least = hy_pages_round(self->data, end - (uintptr_t)arena->limit);
    if (least > left)
        return false;
    const size_t wanted = hy_pages_step(self->data, self->chunk, least, left);
    return arena_commit(self, arena, wanted) || (least < wanted && arena_commit(self, arena, least));
}

static void arena_insert(buddy_heap *self, buddy_arena *arena) {
    buddy_arena **place = &self->arenas;
    while (*place && (*place)->start < arena->start)
        place = &(*place)->next;
    arena->next = *place;
    *place = arena;
}

/* The description of an arena of at most `size` bytes, which it has not got yet. */
static buddy_arena *arena_describe(buddy_heap *self, size_t size) {
    hy_pages *const meta = self->meta;
    const size_t reserved = hy_pages_round(meta, sizeof(buddy_arena) + (size >> self->min_order));
    const size_t committed = hy_pages_round(meta, sizeof(buddy_arena));
    buddy_arena *const arena = meta->ops->reserve(meta, reserved, hy_max(meta->granule, _Alignof(buddy_arena)));
    if (!arena)
        return NULL;
    if (meta->ops->commit(meta, arena, committed) != 0) {
        meta->ops->release(meta, arena, reserved, 0);
        return NULL;
    }
    memset(arena, 0, committed);
    arena->meta_size = reserved;
    arena->meta_committed = committed;
    return arena;
}

static void arena_forget(buddy_heap *self, buddy_arena *arena) {
    self->meta->ops->release(self->meta, arena, arena->meta_size, arena->meta_committed);
}

/* A new arena with nothing committed: 1 << log bytes, or all that a bounded source has left. */
static buddy_arena *arena_add(buddy_heap *self, unsigned log) {
    size_t size = self->bounded ? hy_pages_at_most(self->data, HY_ANY, self->data->granule) : buddy_size(log);
    const size_t min = buddy_size(self->min_order);
    buddy_arena *const arena = arena_describe(self, size);
    if (!arena)
        return NULL;
    char *const start = self->bounded ? hy_pages_reserve_rest(self->data, 2 * min, &size)
                                      : self->data->ops->reserve(self->data, size, size);
    if (!start) {
        arena_forget(self, arena);
        return NULL;
    }
    arena->start = arena->limit = start;
    arena->reserve_end = start + size;
    arena->base = arena->top = arena->fresh = hy_align_up((size_t)start, min);
    arena_insert(self, arena);
    return arena;
}

static void arena_release(buddy_heap *self, buddy_arena *arena) {
    const size_t size = (size_t)(arena->reserve_end - arena->start), committed = (size_t)(arena->limit - arena->start);
    self->data->ops->release(self->data, arena->start, size, committed);
    arena_forget(self, arena);
}

static void arena_remove(buddy_heap *self, buddy_arena *arena) {
    buddy_arena **place = &self->arenas;
    while (*place != arena)
        place = &(*place)->next;
    *place = arena->next;
    arena_release(self, arena);
}

/* The most that is to be had of what we should like, but enough for a hole of this order. */
static buddy_arena *arena_add_any(buddy_heap *self, unsigned order) {
    const unsigned least = (unsigned)hy_max(order, hy_log2_floor(self->data->granule));
    for (unsigned log = hy_log2_ceil(self->reserve); log > least && !self->bounded; log = log > 6 ? log - 6 : 0) {
        buddy_arena *const arena = arena_add(self, log);
        if (arena)
            return arena;
    }
    return arena_add(self, least);
}

bool buddy_arena_grow_any(buddy_heap *self, unsigned order) {
    for (buddy_arena *arena = self->arenas; arena; arena = arena->next)
        if (arena_grow(self, arena, order))
            return true;
    buddy_arena *const arena = arena_add_any(self, order);
    if (!arena)
        return false;
    if (arena_grow(self, arena, order))
        return true;
    arena_remove(self, arena);
    return false;
}

/* ------------------------------------------------------------------------------------------------- giving back ---- */

/* The start of the global hole that ends at `end`, or `end`: there is none. */
static uintptr_t arena_hole_below(const buddy_heap *self, buddy_arena *arena, uintptr_t end) {
    for (unsigned order = self->min_order; order < BUDDY_ORDERS && end - arena->base >= buddy_size(order); order++) {
        const buddy_spot spot = {arena, end - buddy_size(order), order};
        if (spot.at % buddy_size(order) != 0)
            break;
        if (buddy_is(self, spot, BUDDY_GLOBAL))
            return spot.at;
    }
    return end;
}

/* From where on an arena is free. */
static uintptr_t arena_free_from(const buddy_heap *self, buddy_arena *arena) {
    uintptr_t low = arena->top, below = arena_hole_below(self, arena, low);
    while (below < low) {
        low = below;
        below = arena_hole_below(self, arena, low);
    }
    return low;
}

static void arena_remove_holes(buddy_heap *self, buddy_arena *arena, uintptr_t from) {
    while (from < arena->top) {
        const unsigned order = *buddy_byte(self, arena, from) & BUDDY_ORDER;
        buddy_remove(self, (buddy_spot){arena, from, order});
        from += buddy_size(order);
    }
}

size_t buddy_arena_trim(buddy_heap *self, buddy_arena *arena, size_t keep) {
    const uintptr_t low = arena_free_from(self, arena);
    const size_t used = low == arena->base ? 0 : low - (uintptr_t)arena->start;
    const size_t size = hy_pages_round(self->data, used + keep);
    const size_t has = (size_t)(arena->limit - arena->start);
    if (size >= has)
        return 0;
    arena_remove_holes(self, arena, low);
    size_t given = has - size;
    if (self->data->ops->decommit(self->data, arena->start + size, given) != 0)
        given = 0;
    arena->limit -= given;
    arena->top = arena_top(self, arena, arena->limit);
    arena->fresh = hy_min(arena->fresh, arena->top);
    arena_give(self, arena, low, arena->top);
    return given;
}

size_t buddy_arena_trim_all(buddy_heap *self) {
    size_t given = 0;
    for (buddy_arena *arena = self->arenas; arena; arena = arena->next)
        if (!self->bounded || arena_free_from(self, arena) == arena->base)
            given += buddy_arena_trim(self, arena, 0);
    return given;
}

void buddy_arena_reset_all(buddy_heap *self) {
    for (buddy_arena *arena = self->arenas; arena; arena = arena->next) {
        memset(arena->map, 0, (arena->top - arena->base) >> self->min_order);
        arena->fresh = arena->top;
        arena_give(self, arena, arena->base, arena->top);
    }
}

void buddy_arena_release_all(buddy_heap *self) {
    for (buddy_arena *arena = self->arenas, *next = NULL; arena; arena = next) {
        next = arena->next;
        arena_release(self, arena);
    }
}
