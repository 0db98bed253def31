/* SPDX-License-Identifier: MIT
 *
 * seg_arena.c - spaces, arenas and their tables (see seg_arena.h).
 */
#include "seg_arena.h"

#include <string.h>

#define SEG_ALONE ((size_t)16 << 20)
/* The least that a local's first arena may grow to. */
#define SEG_LEAST_STRIDE ((size_t)1 << 30)

#define TABLE_ALIGN ((size_t)64)
#define TABLE_STEP ((size_t)4096) /* least bytes of a table to commit at once */
#define MAP_SKEW ((size_t)1 << 18)
#define SPANS_SKEW ((size_t)1 << 19)
#define HOMES_SKEW ((size_t)1 << 20)

/* --------------------------------------------------------------------------------------------------- tables ---- */

static size_t arena_table_size(const seg_heap *self, const seg_arena *arena, size_t entry) {
    return hy_pages_round(self->meta, hy_align_up(arena->table_slices * entry, TABLE_STEP));
}

/* Large reservations are alike in their lower address bits.  The first-level cache of some processors (AMD's Zen)
 * predicts by a hash of bits 12 to 27 which of its ways has a line; so the beginnings of arena and tables, which small
 * programs use most, would be taken for each other.  Bytes that a table begins behind its reservation's start, which is
 * longer by as much: where reservations are made one below the other, as Linux does, each table is moved by the sum for
 * those above it.  Another power of two for each; where addresses are short, none. */
static size_t arena_skew(const seg_heap *self, const seg_arena *arena, size_t skew) {
    const bool small = arena->table_slices <= SEG_ALONE >> SEG_SLICE_SHIFT;
    return small || self->bounded || self->meta->available != HY_ANY ? 0 : hy_pages_round(self->meta, skew);
}

static void *table_reserve(seg_heap *self, size_t size, size_t skew) {
    hy_pages *const meta = self->meta;
    char *const start = meta->ops->reserve(meta, size + skew, hy_max(meta->granule, TABLE_ALIGN));
    return start ? start + skew : NULL;
}

static void table_release(seg_heap *self, void *table, size_t size, size_t skew, size_t committed) {
    if (table)
        self->meta->ops->release(self->meta, (char *)table - skew, size + skew, committed);
}

static void arena_release_tables(seg_heap *self, const seg_arena *arena) {
    table_release(self, arena->map, arena_table_size(self, arena, sizeof *arena->map),
                  arena_skew(self, arena, MAP_SKEW), arena->map_committed);
    table_release(self, arena->spans, arena_table_size(self, arena, sizeof *arena->spans),
                  arena_skew(self, arena, SPANS_SKEW), arena->spans_committed);
    table_release(self, arena->homes, arena_table_size(self, arena, sizeof *arena->homes),
                  arena_skew(self, arena, HOMES_SKEW), arena->homes_committed);
}

/* The tables for `slices`: reserved in full, committed as they fill. */
static bool arena_reserve_tables(seg_heap *self, seg_arena *arena, size_t slices) {
    *arena = (seg_arena){.table_slices = slices};
    arena->map =
        table_reserve(self, arena_table_size(self, arena, sizeof *arena->map), arena_skew(self, arena, MAP_SKEW));
    if (arena->map)
        arena->spans = table_reserve(self, arena_table_size(self, arena, sizeof *arena->spans),
                                     arena_skew(self, arena, SPANS_SKEW));
    if (arena->spans)
        arena->homes = table_reserve(self, arena_table_size(self, arena, sizeof *arena->homes),
                                     arena_skew(self, arena, HOMES_SKEW));
    if (arena->homes)
        return true;
    arena_release_tables(self, arena);
    return false;
}

/* --------------------------------------------------------------------------------------------------- spaces ---- */

/* A reservation that nobody knows yet; its strides are as large as fit from a slice's boundary on. */
static bool space_reserve(seg_heap *self, seg_space *ret, size_t size) {
    hy_pages *const data = self->data;
    *ret = (seg_space){.reserved = hy_pages_round(data, size)};
    ret->start = self->bounded ? hy_pages_reserve_rest(data, SEG_SLICE, &ret->reserved)
                               : data->ops->reserve(data, ret->reserved, hy_max(data->granule, SEG_SLICE));
    if (!ret->start)
        return false;
    ret->base = (char *)hy_align_up((size_t)ret->start, SEG_SLICE);
    const size_t lost = (size_t)(ret->base - ret->start);
    ret->size = hy_align_down(ret->reserved - hy_min(ret->reserved, lost), SEG_SLICE);
    ret->shift = SEG_WHOLE;
    return true;
}

static size_t space_table_size(const seg_heap *self) {
    return hy_pages_round(self->meta, (SEG_SPACES - SEG_FEW_SPACES) * sizeof(seg_space));
}

/* One behind all others, or NULL. */
static seg_space *space_new(seg_heap *self) {
    if (self->space_count == SEG_FEW_SPACES && !self->many)
        self->many = (seg_space *)hy_pages_map(self->meta, space_table_size(self), hy_max(self->meta->granule, 64));
    return self->space_count < SEG_FEW_SPACES || (self->many && self->space_count < SEG_SPACES)
               ? seg_space_at(self, self->space_count)
               : NULL;
}

/* One that a space of the same size had, else a new one; when there are no more, one that a larger space had, and
 * *size becomes its size.  NULL: none. */
static seg_space *space_for(seg_heap *self, size_t *size) {
    seg_space *best = NULL;
    for (uint32_t i = 0; i < self->space_count; i++) {
        seg_space *const space = seg_space_at(self, i);
        if (!space->start && space->reserved >= *size && (!best || space->reserved < best->reserved))
            best = space;
    }
    seg_space *const fresh = best && best->reserved == *size ? NULL : space_new(self);
    if (fresh || !best)
        return fresh;
    *size = best->reserved;
    return best;
}

/* A reservation becomes known to everybody.  Who looks it up without the lock reads the size first and the base then:
 * it may be the old space's size and the new one's base, but the sizes are the same.  An old base it reads only for
 * blocks elsewhere: who has a block of the new space has synchronised with whoever allocated it. */
static void space_enter(seg_heap *self, seg_space *space, const seg_space *made, seg_arena *first) {
    const bool again = space != seg_space_at(self, self->space_count);
    space->start = made->start;
    space->reserved = made->reserved;
    space->used = first ? 1 : 0;
    if (!again)
        space->shift = made->shift;
    __atomic_store_n(&space->arena[0], first, __ATOMIC_RELAXED);
    __atomic_store_n(&space->base, made->base, __ATOMIC_RELEASE);
    __atomic_store_n(&space->size, made->size, __ATOMIC_RELEASE);
    if (!again)
        __atomic_store_n(&self->space_count, self->space_count + 1, __ATOMIC_RELEASE);
}

/* Each space has shorter strides than the one before: thousands of threads must leave addresses for others. */
static size_t space_stride(const seg_heap *self) {
    const size_t first = (size_t)1 << hy_log2_ceil(hy_max(self->params.reserve, SEG_SLICE));
    return hy_max(first >> hy_min(2 * self->space_count, 63), hy_min(first, SEG_LEAST_STRIDE));
}

/* A space with a stride left of `least` bytes; NULL: there is none, and no address space for one. */
static seg_space *space_with_stride(seg_heap *self, size_t least) {
    for (uint32_t i = self->space_count; i-- > 0;) {
        seg_space *const space = seg_space_at(self, i);
        if (space->shift != SEG_WHOLE && space->used < SEG_STRIDES && least <= (size_t)1 << space->shift)
            return space;
    }
    const size_t stride = space_stride(self);
    seg_space *const space = least <= stride && !self->no_strides ? space_new(self) : NULL;
    if (!space)
        return NULL;
    seg_space made;
    self->no_strides = stride > ((size_t)1 << 46) / SEG_STRIDES || !space_reserve(self, &made, SEG_STRIDES * stride);
    if (self->no_strides)
        return NULL;
    made.shift = hy_log2_floor(stride);
    space_enter(self, space, &made, NULL);
    return space;
}

static bool arena_of_stride(seg_heap *self, seg_arena *arena, size_t least) {
    seg_space *const space = space_with_stride(self, least);
    if (!space || !arena_reserve_tables(self, arena, (size_t)1 << (space->shift - SEG_SLICE_SHIFT)))
        return false;
    arena->base = space->base + ((size_t)space->used << space->shift);
    arena->slices = arena->table_slices;
    __atomic_store_n(&space->arena[space->used++], arena, __ATOMIC_RELEASE);
    return true;
}

static bool arena_alone(seg_heap *self, seg_arena *arena, size_t size, size_t slices) {
    size = hy_pages_round(self->data, size);
    seg_space *const space = space_for(self, &size);
    if (!space || !arena_reserve_tables(self, arena, size >> SEG_SLICE_SHIFT))
        return false;
    seg_space made;
    if (!space_reserve(self, &made, size)) {
        arena_release_tables(self, arena);
        return false;
    }
    if (made.size >> SEG_SLICE_SHIFT < slices) {
        self->data->ops->release(self->data, made.start, made.reserved, 0);
        arena_release_tables(self, arena);
        return false;
    }
    arena->alone = true;
    arena->base = made.base;
    arena->slices = hy_min(arena->table_slices, made.size >> SEG_SLICE_SHIFT);
    space_enter(self, space, &made, arena);
    return true;
}

/* Bytes that a bounded source has left. */
static size_t space_left(const hy_pages *pages) {
    return hy_align_down(pages->available - hy_min(pages->available, pages->reserved), pages->granule);
}

/* A bounded source is taken as a whole.  Else a local's first arena is a stride; others, and where there is none, stand
 * alone: of 16 MiB, then twice as large each, or a quarter, and so on, since others need addresses, too.  Larger ones
 * are of whole MiB, so that there are few sizes. */
static bool arena_get(seg_heap *self, seg_arena *arena, size_t slices, size_t index) {
    const size_t least = slices << SEG_SLICE_SHIFT;
    if (self->bounded)
        return self->space_count == 0 && arena_alone(self, arena, space_left(self->data), slices);
    if (index == 0 && arena_of_stride(self, arena, least))
        return true;
    const size_t modest = hy_min(hy_max(self->params.reserve, SEG_SLICE), SEG_ALONE << index);
    const size_t most = modest >= least ? modest : hy_align_up(least, (size_t)1 << 20);
    for (size_t size = most; size >= least && size >= SEG_SLICE; size /= 4)
        if (arena_alone(self, arena, size, slices))
            return true;
    return false;
}

/* The first arena is known to the hot paths. */
static void arena_show(seg_local *local) {
    const seg_arena *const first = &local->arenas[0];
    if (!local->slot)
        return;
    local->slot->base = first->base;
    local->slot->size = first->slices << SEG_SLICE_SHIFT;
    local->slot->map = first->map;
}

/* An entry that is not in use, or NULL. */
static seg_arena *arena_entry(seg_local *local) {
    for (size_t i = 0; i < local->arena_count; i++)
        if (!local->arenas[i].local)
            return &local->arenas[i];
    return local->arena_count < SEG_ARENAS ? &local->arenas[local->arena_count] : NULL;
}

seg_arena *seg_arena_add(seg_local *local, size_t slices) {
    seg_heap *const self = local->heap;
    seg_arena *const arena = arena_entry(local);
    if (!arena)
        return NULL;
    seg_lock(self);
    const bool found = arena_get(self, arena, slices, (size_t)(arena - local->arenas));
    seg_unlock(self);
    if (!found) {
        memset(arena, 0, sizeof *arena);
        return NULL;
    }
    arena->local = local;
    local->arena_count = hy_max(local->arena_count, (size_t)(arena - local->arenas) + 1);
    arena_show(local);
    return arena;
}

static seg_space *space_of(seg_heap *self, const seg_arena *arena) {
    for (uint32_t i = 0; i < self->space_count; i++)
        if (seg_space_at(self, i)->used > 0 && seg_space_at(self, i)->arena[0] == arena)
            return seg_space_at(self, i);
    return NULL;
}

/* The lock is held. */
static bool space_drop(seg_heap *self, const seg_arena *arena) {
    seg_space *const space = space_of(self, arena);
    if (!space)
        return false;
    __atomic_store_n(&space->size, 0, __ATOMIC_RELAXED);
    self->data->ops->release(self->data, space->start, space->reserved, 0);
    space->start = NULL;
    space->used = 0;
    arena_release_tables(self, arena);
    return true;
}

void seg_arena_drop(seg_local *local, seg_arena *arena) {
    seg_heap *const self = local->heap;
    if (!arena->alone || self->bounded || __atomic_load_n(&self->forking, __ATOMIC_RELAXED))
        return;
    if (!local->idle) /* else the caller holds the lock */
        seg_lock(self);
    const bool dropped = space_drop(self, arena);
    if (dropped)
        memset(arena, 0, sizeof *arena);
    if (!local->idle)
        seg_unlock(self);
    if (dropped)
        arena_show(local);
}

seg_arena *seg_arena_find(seg_heap *self, const void *address) {
    const uint32_t count = __atomic_load_n(&self->space_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        seg_space *const space = seg_space_at(self, i);
        const size_t size = __atomic_load_n(&space->size, __ATOMIC_ACQUIRE);
        const size_t at = (size_t)((const char *)address - __atomic_load_n(&space->base, __ATOMIC_ACQUIRE));
        if (at < size)
            return __atomic_load_n(&space->arena[at >> space->shift], __ATOMIC_ACQUIRE);
    }
    return NULL;
}

static size_t space_committed(const seg_space *space) {
    size_t slices = 0;
    for (unsigned i = 0; i < space->used; i++)
        slices += space->arena[i]->committed - space->arena[i]->gone;
    return slices << SEG_SLICE_SHIFT;
}

void seg_arena_release_all(seg_heap *self) {
    while (self->space_count > 0) {
        seg_space *const space = seg_space_at(self, --self->space_count);
        if (space->start)
            self->data->ops->release(self->data, space->start, space->reserved, space_committed(space));
        for (unsigned i = 0; i < space->used; i++)
            arena_release_tables(self, space->arena[i]);
    }
    if (self->many)
        hy_pages_unmap(self->meta, self->many, space_table_size(self));
}

/* ----------------------------------------------------------------------------------------------- committing ---- */

/* Commits so much of a table that `bytes` of it may be used. */
static bool arena_commit_table(seg_heap *self, void *table, size_t bytes, size_t *committed) {
    if (bytes <= *committed)
        return true;
    const size_t step = hy_pages_round(self->meta, hy_align_up(bytes, TABLE_STEP)) - *committed;
    char *const start = (char *)table + *committed;
    if (self->meta->ops->commit(self->meta, start, step) != 0)
        return false;
    if (!self->meta->zeroed)
        memset(start, 0, step); /* what owns looks up may never have been entered */
    *committed += step;
    return true;
}

/* Slices to commit at once: the chunk, and more as the arena becomes large, but at most 1 MiB. */
static size_t arena_chunk(const seg_heap *self, const seg_arena *arena) {
    const size_t unit = hy_max(hy_align_up(self->params.chunk, hy_max(self->data->granule, SEG_SLICE)) / SEG_SLICE, 1);
    const size_t wanted = hy_max(unit, hy_min(arena->committed / 64, 256));
    return wanted / unit * unit;
}

static bool arena_commit_slices(seg_local *local, seg_arena *arena, size_t slices) {
    hy_pages *const data = local->heap->data;
    char *const start = arena->base + (arena->committed << SEG_SLICE_SHIFT);
    if (data->ops->commit(data, start, slices << SEG_SLICE_SHIFT) != 0)
        return false;
    arena->committed += slices;
    local->grows++;
    return true;
}

bool seg_arena_raise(seg_local *local, seg_arena *arena, size_t slices) {
    seg_heap *const self = local->heap;
    const size_t top = arena->top + slices;
    if (top > arena->slices || !arena_commit_table(self, arena->map, top * sizeof *arena->map, &arena->map_committed) ||
        !arena_commit_table(self, arena->homes, top * sizeof *arena->homes, &arena->homes_committed))
        return false;
    if (top > arena->committed) {
        const size_t least = top - arena->committed, chunk = arena_chunk(self, arena);
        const size_t wanted = hy_min((least + chunk - 1) / chunk * chunk, arena->slices - arena->committed);
        if (!arena_commit_slices(local, arena, wanted) &&
            (self->data->granule > SEG_SLICE || !arena_commit_slices(local, arena, least)))
            return false;
    }
    arena->top = top;
    return true;
}

void seg_arena_touch(seg_local *local, seg_arena *arena, const seg_span *span) {
    hy_pages *const data = local->heap->data;
    const size_t first = seg_slice_of(arena, span->start), end = first + span->slices;
    const size_t ahead = hy_min(arena->top / 64, local->heap->params.populate / SEG_SLICE);
    if (end <= arena->touched || ahead < 8 || !data->ops->populate)
        return;
    const size_t from = hy_max(first, arena->touched);
    arena->touched = hy_min(end + ahead, arena->committed);
    data->ops->populate(data, arena->base + (from << SEG_SLICE_SHIFT), (arena->touched - from) << SEG_SLICE_SHIFT);
}

/* -------------------------------------------------------------------------------------------------- records ---- */

seg_span *seg_record_new(seg_local *local, seg_arena *arena) {
    seg_span *span = arena->spare;
    if (span) {
        arena->spare = span->next;
    } else {
        const size_t bytes = (arena->records + 1) * sizeof *span;
        if (arena->records == arena->table_slices || /* there are no more spans than slices */
            !arena_commit_table(local->heap, arena->spans, bytes, &arena->spans_committed))
            return NULL;
        span = &arena->spans[arena->records++];
    }
    memset(span, 0, sizeof *span);
    return span;
}

void seg_record_drop(seg_arena *arena, seg_span *span) {
    span->slices = 0;
    span->next = arena->spare;
    arena->spare = span;
}
