/* SPDX-License-Identifier: MIT
 *
 * seg_arena.c - reservations with their tables (see seg_arena.h).
 */
#include "seg_arena.h"

#include <string.h>

#define TABLE_ALIGN ((size_t)64)
#define TABLE_STEP ((size_t)4096) /* least bytes of a table to commit at once */

/* ----------------------------------------------------------------------------------------------- reservations ---- */

static size_t arena_table_size(const seg_heap *self, const seg_arena *arena, size_t entry) {
    return hy_pages_round(self->meta, hy_align_up(arena->table_slices * entry, TABLE_STEP));
}

static void arena_release_tables(seg_heap *self, const seg_arena *arena) {
    hy_pages *const meta = self->meta;
    if (arena->head)
        meta->ops->release(meta, arena->head, arena_table_size(self, arena, sizeof *arena->head),
                           arena->head_committed);
    if (arena->spans)
        meta->ops->release(meta, arena->spans, arena_table_size(self, arena, sizeof *arena->spans),
                           arena->spans_committed);
}

/* The tables for `slices`: reserved in full, committed as they fill. */
static bool arena_reserve_tables(seg_heap *self, seg_arena *arena, size_t slices) {
    hy_pages *const meta = self->meta;
    const size_t align = hy_max(meta->granule, TABLE_ALIGN);
    arena->table_slices = slices;
    arena->head = meta->ops->reserve(meta, arena_table_size(self, arena, sizeof *arena->head), align);
    if (arena->head)
        arena->spans = meta->ops->reserve(meta, arena_table_size(self, arena, sizeof *arena->spans), align);
    if (arena->spans)
        return true;
    arena_release_tables(self, arena);
    return false;
}

/* Bytes that a bounded source has left. */
static size_t arena_left(const hy_pages *pages) {
    return hy_align_down(pages->available - hy_min(pages->available, pages->reserved), pages->granule);
}

static bool arena_reserve(seg_heap *self, seg_arena *arena, size_t size) {
    hy_pages *const data = self->data;
    size = hy_pages_round(data, size);
    *arena = (seg_arena){.table_slices = 0};
    if (!arena_reserve_tables(self, arena, size >> SEG_SLICE_SHIFT))
        return false;
    arena->reserved_size = size;
    arena->reserved = self->bounded ? hy_pages_reserve_rest(data, SEG_SLICE, &arena->reserved_size)
                                    : data->ops->reserve(data, size, hy_max(data->granule, SEG_SLICE));
    if (!arena->reserved) {
        arena_release_tables(self, arena);
        return false;
    }
    arena->base = (char *)hy_align_up((size_t)arena->reserved, SEG_SLICE);
    const size_t lost = (size_t)(arena->base - arena->reserved);
    arena->slices =
        hy_min(arena->table_slices, (arena->reserved_size - hy_min(arena->reserved_size, lost)) / SEG_SLICE);
    return true;
}

/* A bounded source is taken as a whole; else the largest that is to be had of `reserve`, a quarter of it, and so on. */
seg_arena *seg_arena_add(seg_heap *self, size_t slices) {
    if (self->arena_count == SEG_ARENAS || (self->bounded && self->arena_count > 0))
        return NULL;
    seg_arena *const arena = &self->arenas[self->arena_count];
    const size_t least = slices << SEG_SLICE_SHIFT;
    size_t size = self->bounded ? arena_left(self->data) : hy_max(self->params.reserve, least);
    while (size >= least && size >= SEG_SLICE) {
        if (arena_reserve(self, arena, size)) {
            self->arena_count++;
            if (arena->slices >= slices)
                return arena;
            seg_arena_release(self, arena);
            return NULL;
        }
        size /= 4;
    }
    return NULL;
}

void seg_arena_release(seg_heap *self, seg_arena *arena) {
    const size_t committed = (arena->committed - arena->gone) << SEG_SLICE_SHIFT;
    self->data->ops->release(self->data, arena->reserved, arena->reserved_size, committed);
    arena_release_tables(self, arena);
    *arena = self->arenas[--self->arena_count];
}

/* ------------------------------------------------------------------------------------------------- committing ---- */

/* Commits so much of a table that `bytes` of it may be used. */
static bool arena_commit_table(seg_heap *self, void *table, size_t bytes, size_t *committed) {
    if (bytes <= *committed)
        return true;
    const size_t step = hy_pages_round(self->meta, hy_align_up(bytes, TABLE_STEP)) - *committed;
    if (self->meta->ops->commit(self->meta, (char *)table + *committed, step) != 0)
        return false;
    *committed += step;
    return true;
}

/* Slices to commit at once: the chunk, and more as the arena becomes large, but at most 1 MiB. */
static size_t arena_chunk(const seg_heap *self, const seg_arena *arena) {
    const size_t unit = hy_max(hy_align_up(self->params.chunk, hy_max(self->data->granule, SEG_SLICE)) / SEG_SLICE, 1);
    const size_t wanted = hy_max(unit, hy_min(arena->committed / 64, 256));
    return wanted / unit * unit;
}

static bool arena_commit_slices(seg_heap *self, seg_arena *arena, size_t slices) {
    char *const start = arena->base + (arena->committed << SEG_SLICE_SHIFT);
    if (self->data->ops->commit(self->data, start, slices << SEG_SLICE_SHIFT) != 0)
        return false;
    arena->committed += slices;
    self->grows++;
    return true;
}

bool seg_arena_raise(seg_heap *self, seg_arena *arena, size_t slices) {
    const size_t top = arena->top + slices;
    if (top > arena->slices ||
        !arena_commit_table(self, arena->head, top * sizeof *arena->head, &arena->head_committed))
        return false;
    if (top > arena->committed) {
        const size_t least = top - arena->committed, chunk = arena_chunk(self, arena);
        const size_t wanted = hy_min((least + chunk - 1) / chunk * chunk, arena->slices - arena->committed);
        if (!arena_commit_slices(self, arena, wanted) &&
            (self->data->granule > SEG_SLICE || !arena_commit_slices(self, arena, least)))
            return false;
    }
    arena->top = top;
    return true;
}

/* ---------------------------------------------------------------------------------------------------- records ---- */

seg_span *seg_record_new(seg_heap *self, seg_arena *arena) {
    seg_span *span = arena->spare;
    if (span) {
        arena->spare = span->next;
    } else {
        const size_t bytes = (arena->records + 1) * sizeof *span;
        if (arena->records == arena->table_slices || /* there are no more spans than slices */
            !arena_commit_table(self, arena->spans, bytes, &arena->spans_committed))
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

void seg_arena_mark(seg_arena *arena, const seg_span *span, bool all) {
    const uint32_t record = (uint32_t)(span - arena->spans);
    const size_t first = seg_slice_of(arena, span->start), last = first + span->slices - 1;
    arena->head[first] = arena->head[last] = record;
    for (size_t i = first + 1; all && i < last; i++)
        arena->head[i] = record;
}
