/* SPDX-License-Identifier: MIT
 *
 * seg_span.c - cutting spans from arenas, merging them, decommitting them (see seg_span.h).
 */
#include "seg_span.h"

#include "seg_arena.h"
#include "seg_page.h"

/* ------------------------------------------------------------------------------------------------------- bins ---- */

/* One bin a length up to 32 slices, then four in each doubling. */
unsigned seg_bin_of(size_t slices) {
    if (slices <= 32)
        return (unsigned)slices - 1;
    const unsigned log = hy_log2_floor(slices);
    const unsigned bin = 32 + (log - 5) * 4 + (unsigned)((slices >> (log - 2)) & 3);
    return bin < SEG_BINS ? bin : SEG_BINS - 1;
}

static void bin_insert(seg_heap *self, seg_span *span) {
    seg_bins *const bins = &self->bins[span->kind];
    const unsigned bin = seg_bin_of(span->slices);
    span->prev = NULL;
    span->next = bins->first[bin];
    if (span->next)
        span->next->prev = span;
    bins->first[bin] = span;
    hy_bit_set(bins->map, bin);
    if (span->kind == SEG_FREE)
        self->free_slices += span->slices;
}

static void bin_remove(seg_heap *self, seg_span *span) {
    seg_bins *const bins = &self->bins[span->kind];
    const unsigned bin = seg_bin_of(span->slices);
    if (span->next)
        span->next->prev = span->prev;
    if (span->prev)
        span->prev->next = span->next;
    else
        bins->first[bin] = span->next;
    if (!bins->first[bin])
        hy_bit_clear(bins->map, bin);
    if (span->kind == SEG_FREE)
        self->free_slices -= span->slices;
}

/* The shortest bin's first span that is long enough. */
static seg_span *bin_find(const seg_bins *bins, size_t slices) {
    const unsigned own = seg_bin_of(slices);
    for (seg_span *span = bins->first[own]; span; span = span->next)
        if (span->slices >= slices)
            return span;
    const size_t bin = hy_bit_next(bins->map, SEG_BINS, own + 1);
    return bin < SEG_BINS ? bins->first[bin] : NULL;
}

/* ------------------------------------------------------------------------------------------- cutting, merging ---- */

/* The spans beside a span, or NULL. */
static seg_span *span_before(const seg_arena *arena, const seg_span *span) {
    const size_t first = seg_slice_of(arena, span->start);
    return first > 0 ? &arena->spans[arena->head[first - 1]] : NULL;
}

static seg_span *span_behind(const seg_arena *arena, const seg_span *span) {
    const size_t behind = seg_slice_of(arena, span->start) + span->slices;
    return behind < arena->top ? &arena->spans[arena->head[behind]] : NULL;
}

/* Makes what lies behind the first `slices` a span of its own, of the same kind, in no list.  NULL: no record. */
static seg_span *span_split(seg_heap *self, seg_arena *arena, seg_span *span, size_t slices) {
    seg_span *const rest = seg_record_new(self, arena);
    if (!rest)
        return NULL;
    rest->start = span->start + (slices << SEG_SLICE_SHIFT);
    rest->slices = span->slices - (uint32_t)slices;
    rest->kind = span->kind;
    rest->clean = span->clean;
    span->slices = (uint32_t)slices;
    seg_arena_mark(arena, rest, false);
    seg_arena_mark(arena, span, false);
    return rest;
}

/* Makes two neighbours one; neither is in a list. */
static seg_span *span_join(seg_arena *arena, seg_span *low, seg_span *high) {
    low->slices += high->slices;
    low->clean = low->clean && high->clean;
    seg_record_drop(arena, high);
    seg_arena_mark(arena, low, false);
    return low;
}

/* A span of kind free or gone becomes one with neighbours of its kind and goes into its bin. */
static seg_span *span_settle(seg_heap *self, seg_arena *arena, seg_span *span) {
    seg_span *const before = span_before(arena, span), *const behind = span_behind(arena, span);
    if (behind && behind->kind == span->kind) {
        bin_remove(self, behind);
        span = span_join(arena, span, behind);
    }
    if (before && before->kind == span->kind) {
        bin_remove(self, before);
        span = span_join(arena, before, span);
    }
    bin_insert(self, span);
    return span;
}

/* ------------------------------------------------------------------------------------------------- allocating ---- */

/* Commits a gone span that is in no bin. */
static bool span_revive(seg_heap *self, seg_arena *arena, seg_span *span) {
    if (self->data->ops->commit(self->data, span->start, seg_span_size(span)) != 0)
        return false;
    arena->gone -= span->slices;
    span->kind = SEG_FREE;
    span->clean = self->data->zeroed;
    self->grows++;
    return true;
}

/* A gone span, only as much of it committed as is wanted, in whole granules. */
static seg_span *span_from_gone(seg_heap *self, size_t slices) {
    slices = hy_align_up(slices, hy_max(self->data->granule / SEG_SLICE, 1));
    seg_span *const span = bin_find(&self->bins[SEG_GONE], slices);
    if (!span)
        return NULL;
    seg_arena *const arena = seg_arena_of(self, span->start);
    bin_remove(self, span);
    seg_span *const rest = span->slices > slices ? span_split(self, arena, span, slices) : NULL;
    if (rest)
        bin_insert(self, rest);
    if (span_revive(self, arena, span))
        return span;
    span_settle(self, arena, span);
    return NULL;
}

/* Slices at the top of an arena, together with the free span below them, if there is one. */
static seg_span *span_from_top(seg_heap *self, seg_arena *arena, size_t slices) {
    seg_span *const last = arena->top > 0 ? &arena->spans[arena->head[arena->top - 1]] : NULL;
    seg_span *const below = last && last->kind == SEG_FREE ? last : NULL;
    const size_t missing = slices - (below ? hy_min(below->slices, slices) : 0);
    const size_t old_top = arena->top;
    seg_span *const span = below ? below : seg_record_new(self, arena);
    if (!span)
        return NULL;
    if (!seg_arena_raise(self, arena, missing)) {
        if (!below)
            seg_record_drop(arena, span);
        return NULL;
    }
    if (below) {
        bin_remove(self, below);
    } else {
        span->start = arena->base + (old_top << SEG_SLICE_SHIFT);
        span->clean = self->data->zeroed;
    }
    span->slices += (uint32_t)missing;
    span->kind = SEG_FREE;
    seg_arena_mark(arena, span, false);
    return span;
}

static seg_span *span_find_free(seg_heap *self, size_t slices) {
    seg_span *const span = bin_find(&self->bins[SEG_FREE], slices);
    if (span)
        bin_remove(self, span);
    return span;
}

static seg_span *span_from_source(seg_heap *self, size_t slices) {
    seg_span *span = span_from_gone(self, slices);
    for (size_t i = 0; !span && i < self->arena_count; i++)
        span = span_from_top(self, &self->arenas[i], slices);
    if (span)
        return span;
    seg_arena *const arena = seg_arena_add(self, slices);
    return arena ? span_from_top(self, arena, slices) : NULL;
}

/* Gives the ends of a free span back, but for `slices` from an aligned address on. */
static seg_span *span_carve(seg_heap *self, seg_span *span, size_t slices, size_t align) {
    seg_arena *const arena = seg_arena_of(self, span->start);
    const size_t lead = (hy_align_up((size_t)span->start, align) - (size_t)span->start) >> SEG_SLICE_SHIFT;
    if (lead > 0) {
        seg_span *const aligned = span_split(self, arena, span, lead);
        if (aligned)
            aligned->kind = SEG_LARGE;
        span_settle(self, arena, span);
        if (!aligned)
            return NULL;
        span = aligned;
    }
    span->kind = SEG_FREE;
    seg_span *const rest = span->slices > slices ? span_split(self, arena, span, slices) : NULL;
    span->kind = SEG_LARGE; /* so that its neighbours leave it alone */
    if (rest)
        span_settle(self, arena, rest);
    return span;
}

seg_span *seg_span_alloc(seg_heap *self, size_t slices, size_t align) {
    const size_t wanted = slices + (align > SEG_SLICE ? align / SEG_SLICE - 1 : 0);
    seg_span *span = span_find_free(self, wanted);
    if (!span && seg_page_collect(self))
        span = span_find_free(self, wanted);
    if (!span)
        span = span_from_source(self, wanted);
    if (span)
        span = span_carve(self, span, slices, align);
    if (span)
        self->used_slices += span->slices;
    return span;
}

/* ------------------------------------------------------------------------------------------------- giving back ---- */

/* Decommits a free span that is in no bin.  False: it is as it was. */
static bool span_decommit(seg_heap *self, seg_arena *arena, seg_span *span) {
    const size_t first = seg_slice_of(arena, span->start);
    const bool at_top = first + span->slices == arena->top;
    const size_t slices = at_top ? arena->committed - first : span->slices;
    const size_t size = slices << SEG_SLICE_SHIFT;
    if ((first << SEG_SLICE_SHIFT) % self->data->granule != 0 || size % self->data->granule != 0)
        return false;
    if (self->data->ops->decommit(self->data, span->start, size) != 0)
        return false;
    if (at_top) {
        arena->top = arena->committed = first;
        seg_record_drop(arena, span);
        return true;
    }
    arena->gone += slices;
    span->kind = SEG_GONE;
    span->clean = self->data->zeroed;
    span_settle(self, arena, span);
    return true;
}

/* Gone spans below the top are no span at all. */
static void span_lower_top(seg_heap *self, seg_arena *arena) {
    seg_span *const last = arena->top > 0 ? &arena->spans[arena->head[arena->top - 1]] : NULL;
    if (!last || last->kind != SEG_GONE || arena->committed != arena->top)
        return;
    bin_remove(self, last);
    arena->top -= last->slices;
    arena->committed = arena->top;
    arena->gone -= last->slices;
    seg_record_drop(arena, last);
}

void seg_span_shed(seg_heap *self, size_t keep, size_t least_slices) {
    const unsigned least_bin = seg_bin_of(least_slices);
    for (unsigned bin = SEG_BINS; bin-- > least_bin && self->free_slices > keep;) {
        while (self->bins[SEG_FREE].first[bin] && self->free_slices > keep) {
            seg_span *const span = self->bins[SEG_FREE].first[bin];
            seg_arena *const arena = seg_arena_of(self, span->start);
            bin_remove(self, span);
            if (!span_decommit(self, arena, span)) {
                bin_insert(self, span);
                return;
            }
            span_lower_top(self, arena);
        }
    }
}

void seg_span_free(seg_heap *self, seg_span *span) {
    self->used_slices -= span->slices;
    span->kind = SEG_FREE;
    span->clean = false;
    span_settle(self, seg_arena_of(self, span->start), span);
    const size_t limit = self->params.retain / SEG_SLICE + self->used_slices / 8;
    if (self->free_slices > limit && !self->bounded)
        seg_span_shed(self, limit / 4 * 3, SEG_PAGE_SLICES);
}

/* ----------------------------------------------------------------------------------------------- large, resized ----
 */

bool seg_span_extend(seg_heap *self, seg_span *span, size_t slices) {
    seg_arena *const arena = seg_arena_of(self, span->start);
    const size_t missing = slices - span->slices, old = span->slices;
    if (seg_slice_of(arena, span->start) + span->slices == arena->top) {
        if (!seg_arena_raise(self, arena, missing))
            return false;
        span->slices += (uint32_t)missing;
    } else {
        seg_span *const behind = span_behind(arena, span);
        if (behind->kind != SEG_FREE || behind->slices < missing)
            return false;
        bin_remove(self, behind);
        seg_span *const rest = behind->slices > missing ? span_split(self, arena, behind, missing) : NULL;
        if (rest)
            bin_insert(self, rest);
        span->slices += behind->slices;
        seg_record_drop(arena, behind);
    }
    self->used_slices += span->slices - old;
    seg_arena_mark(arena, span, false);
    return true;
}

void seg_span_shorten(seg_heap *self, seg_span *span, size_t slices) {
    seg_arena *const arena = seg_arena_of(self, span->start);
    seg_span *const rest = span->slices > slices ? span_split(self, arena, span, slices) : NULL;
    if (rest)
        seg_span_free(self, rest);
}

/* ------------------------------------------------------------------------------------------------------- whole ---- */

/* All slices that are committed become one free span each between gone ones: simplest is to free every span. */
void seg_span_reset(seg_heap *self) {
    for (size_t i = 0; i < self->arena_count; i++) {
        seg_arena *const arena = &self->arenas[i];
        for (size_t slice = 0; slice < arena->top;) {
            seg_span *span = &arena->spans[arena->head[slice]];
            if (span->kind == SEG_PAGE || span->kind == SEG_LARGE) {
                self->used_slices -= span->slices;
                span->kind = SEG_FREE;
                span->clean = false;
                span = span_settle(self, arena, span);
            }
            slice = seg_slice_of(arena, span->start) + span->slices;
        }
    }
}

void seg_span_release_all(seg_heap *self) {
    while (self->arena_count > 0)
        seg_arena_release(self, &self->arenas[self->arena_count - 1]);
}
