/* SPDX-License-Identifier: MIT
 *
 * seg_arena.h - address space: spaces, and the arenas in them, with their tables.
 *
 *  1. Address space costs nothing until it is touched, so a space of SEG_STRIDES strides of `reserve` bytes is reserved
 *     at once, and each local gets a stride as its arena: one subtraction tells whether a block is the thread's own.
 *  2. Where so much is not to be had (RLIMIT_AS), an arena is a space by itself, as large as there is room for.
 *  3. An arena is committed from its base upwards as its top rises; its tables are committed as they fill.
 *  4. An arena that is a space by itself is given back when nothing is committed in it.  Spaces can be looked up
 *     without a lock all the same: an entry is used again for a space of the same size only.
 *  5. Pages of a heap that grows are brought in some ahead, many by one call: a sixty-fourth of the arena, at most
 *     `populate` bytes.
 */
#ifndef SEG_ARENA_H
#define SEG_ARENA_H

#include "seg_heap.h"

/* A new arena of the local with room for at least `slices`, or NULL. */
seg_arena *seg_arena_add(seg_local *local, size_t slices);

/* The arena of the heap that `address` lies in, whoever has it; NULL: it lies in none. */
seg_arena *seg_arena_find(seg_heap *self, const void *address);

/* The local's arena that `address` lies in; it must lie in one. */
static inline seg_arena *seg_arena_of(seg_local *local, const void *address) {
    seg_arena *arena = local->arenas;
    while ((size_t)((const char *)address - arena->base) >> SEG_SLICE_SHIFT >= arena->slices)
        arena++;
    return arena;
}

/* Raises the top by `slices`; they are committed, and all zero if the page source's are. */
bool seg_arena_raise(seg_local *local, seg_arena *arena, size_t slices);

/* A page's span will be written soon. */
void seg_arena_touch(seg_local *local, seg_arena *arena, const seg_span *span);

/* Gives an arena without any committed slice back, if it is a space by itself. */
void seg_arena_drop(seg_local *local, seg_arena *arena);

/* A record for a span, all zero; NULL: no room for one. */
seg_span *seg_record_new(seg_local *local, seg_arena *arena);
void seg_record_drop(seg_arena *arena, seg_span *span);

/* Tells the first and the last slice of a span whose they are; `all`: those between, too. */
static inline void seg_arena_mark(seg_arena *arena, seg_span *span, bool all) {
    const size_t first = seg_slice_of(arena, span->start), last = first + span->slices - 1;
    arena->map[first] = arena->map[last] = span;
    for (size_t i = first + 1; all && i < last; i++)
        arena->map[i] = span;
}

/* All slices of a page know its record, whatever the map has for them. */
static inline void seg_arena_settle(seg_arena *arena, const seg_span *page) {
    uint32_t *const homes = arena->homes + seg_slice_of(arena, page->start);
    const uint32_t home = (uint32_t)(page - arena->spans);
    for (size_t i = 0, slices = page->slices; i < slices; i++)
        homes[i] = home;
}

/* What all slices of a page that is filled or opened have in the map: its shelf, or itself.  Others look meanwhile. */
static inline void seg_arena_swap(seg_arena *arena, const seg_span *page, seg_span *entry) {
    seg_span **const map = arena->map + seg_slice_of(arena, page->start);
    for (size_t i = 0, slices = page->slices; i < slices; i++)
        __atomic_store_n(&map[i], entry, __ATOMIC_RELAXED);
}

/* Gives back all that the heap ever got for arenas. */
void seg_arena_release_all(seg_heap *self);

#endif
