/* SPDX-License-Identifier: MIT
 *
 * seg_span.c - cutting spans from arenas, merging them, decommitting them (see seg_span.h).
 */
#include "seg_span.h"

#include "seg_arena.h"
#include "seg_bin.h"
#include "seg_page.h"
#include "seg_post.h"

/* How many times what is kept must be freed without that memory was missed, until less is kept. */
#define SEG_CALM 16

/* ----------------------------------------------------------------------------------------- cutting, merging ---- */

/* The spans beside a span, or NULL. */
static seg_span *span_before(const seg_arena *arena, const seg_span *span) {
    const size_t first = seg_slice_of(arena, span->start);
    return first > 0 ? arena->map[first - 1] : NULL;
}

static seg_span *span_behind(const seg_arena *arena, const seg_span *span) {
    const size_t behind = seg_slice_of(arena, span->start) + span->slices;
    return behind < arena->top ? arena->map[behind] : NULL;
}

/* Makes what lies behind the first `slices` a span of its own, of the same kind, in no list.  NULL: no record. */
static seg_span *span_split(seg_local *local, seg_arena *arena, seg_span *span, size_t slices) {
    seg_span *const rest = seg_record_new(local, arena);
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
static seg_span *span_settle(seg_local *local, seg_arena *arena, seg_span *span) {
    seg_span *const before = span_before(arena, span), *const behind = span_behind(arena, span);
    if (behind && behind->kind == span->kind) {
        seg_bin_remove(local, behind);
        span = span_join(arena, span, behind);
    }
    if (before && before->kind == span->kind) {
        seg_bin_remove(local, before);
        span = span_join(arena, before, span);
    }
    seg_bin_insert(local, span);
    return span;
}

/* ----------------------------------------------------------------------------------------------- allocating ---- */

/* Commits a gone span that is in no bin. */
static bool span_revive(seg_local *local, seg_arena *arena, seg_span *span) {
    if (local->heap->data->ops->commit(local->heap->data, span->start, seg_span_size(span)) != 0)
        return false;
    arena->gone -= span->slices;
    span->kind = SEG_FREE;
    span->clean = local->heap->data->zeroed;
    local->grows++;
    return true;
}

/* A gone span, only as much of it committed as is wanted, in whole granules. */
static seg_span *span_from_gone(seg_local *local, size_t slices) {
    slices = hy_align_up(slices, hy_max(local->heap->data->granule / SEG_SLICE, 1));
    seg_span *const span = seg_bin_find(&local->bins[SEG_GONE], slices, SEG_TRIES);
    if (!span)
        return NULL;
    seg_arena *const arena = seg_arena_of(local, span->start);
    seg_bin_remove(local, span);
    seg_span *const rest = span->slices > slices ? span_split(local, arena, span, slices) : NULL;
    if (rest)
        seg_bin_insert(local, rest);
    if (span_revive(local, arena, span))
        return span;
    span_settle(local, arena, span);
    return NULL;
}

/* Slices at the top of an arena, together with the free span below them, if there is one. */
static seg_span *span_from_top(seg_local *local, seg_arena *arena, size_t slices) {
    seg_span *const last = arena->top > 0 ? arena->map[arena->top - 1] : NULL;
    seg_span *const below = last && last->kind == SEG_FREE ? last : NULL;
    const size_t missing = slices - (below ? hy_min(below->slices, slices) : 0);
    const size_t old_top = arena->top;
    seg_span *const span = below ? below : seg_record_new(local, arena);
    if (!span)
        return NULL;
    if (!seg_arena_raise(local, arena, missing)) {
        if (!below)
            seg_record_drop(arena, span);
        return NULL;
    }
    if (below) {
        seg_bin_remove(local, below);
    } else {
        span->start = arena->base + (old_top << SEG_SLICE_SHIFT);
        span->clean = local->heap->data->zeroed;
    }
    span->slices += (uint32_t)missing;
    span->kind = SEG_FREE;
    seg_arena_mark(arena, span, false);
    return span;
}

static seg_span *span_find_free(seg_local *local, size_t slices, size_t tries) {
    seg_span *const span = seg_bin_find(&local->bins[SEG_FREE], slices, tries);
    if (span)
        seg_bin_remove(local, span);
    return span;
}

/* Memory comes from the source though as much was given back to it before: so much more is kept from now on, but no
 * more than two blocks that are not huge. */
static void span_regret(seg_local *local, size_t slices) {
    const size_t missed = hy_min(slices, local->given);
    local->given -= missed;
    local->keep = hy_min(local->keep + missed, 2 * seg_slices_for(local->heap->params.huge));
    if (missed > 0)
        local->calm = 0;
}

/* What was kept, or remembered as given back, in vain while much was freed, is so no longer. */
static void span_forget(seg_local *local, size_t slices) {
    local->calm += slices;
    if (local->calm < SEG_CALM * (local->keep + local->given))
        return;
    local->calm = 0;
    local->keep /= 2;
    local->given /= 2;
}

static seg_span *span_from_source(seg_local *local, size_t slices) {
    span_regret(local, slices);
    seg_span *span = span_from_gone(local, slices);
    for (size_t i = 0; !span && i < local->arena_count; i++) {
        seg_arena *const arena = &local->arenas[i];
        span = span_from_top(local, arena, slices);
        if (!span && arena->slices - arena->top >= slices)
            return NULL; /* what is missing are not addresses */
    }
    if (span)
        return span;
    seg_arena *const arena = seg_arena_add(local, slices);
    span = arena ? span_from_top(local, arena, slices) : NULL;
    if (arena && !span)
        seg_arena_drop(local, arena);
    return span;
}

/* Gives the ends of a free span back, but for `slices` from an aligned address on. */
static seg_span *span_carve(seg_local *local, seg_span *span, size_t slices, size_t align) {
    seg_arena *const arena = seg_arena_of(local, span->start);
    const size_t lead = (hy_align_up((size_t)span->start, align) - (size_t)span->start) >> SEG_SLICE_SHIFT;
    if (lead > 0) {
        seg_span *const aligned = span_split(local, arena, span, lead);
        if (aligned)
            aligned->kind = SEG_LARGE;
        span_settle(local, arena, span);
        if (!aligned)
            return NULL;
        span = aligned;
    }
    span->kind = SEG_FREE;
    if (span->slices == slices)
        return span;
    seg_span *const rest = span_split(local, arena, span, slices);
    if (!rest) {
        span_settle(local, arena, span);
        return NULL;
    }
    span->kind = SEG_LARGE; /* so that its neighbours leave it alone */
    span_settle(local, arena, rest);
    return span;
}

/* Where the source has no more, everything is looked through. */
static seg_span *span_from_anywhere(seg_local *local, size_t slices) {
    seg_post_drain(local, HY_ANY);
    seg_page_sort(local);
    seg_page_collect(local, HY_ANY, HY_ANY);
    seg_span *const span = span_find_free(local, slices, HY_ANY);
    return span ? span : span_from_source(local, slices);
}

seg_span *seg_span_alloc(seg_local *local, size_t slices, size_t align) {
    const size_t wanted = slices + (align > SEG_SLICE ? align / SEG_SLICE - 1 : 0);
    seg_span *span = span_find_free(local, wanted, SEG_TRIES);
    if (!span && seg_page_collect(local, SEG_LOOKS * wanted, SEG_MOST_COLLECTED))
        span = span_find_free(local, wanted, SEG_TRIES);
    if (!span)
        span = span_from_source(local, wanted);
    if (!span)
        span = span_from_anywhere(local, wanted);
    if (span)
        span = span_carve(local, span, slices, align);
    if (span)
        local->used_slices += span->slices;
    return span;
}

/* ---------------------------------------------------------------------------------------------- giving back ---- */

/* Decommits a free span that is in no bin.  False: it is as it was. */
static bool span_decommit(seg_local *local, seg_arena *arena, seg_span *span) {
    hy_pages *const data = local->heap->data;
    const size_t first = seg_slice_of(arena, span->start);
    const bool at_top = first + span->slices == arena->top;
    const size_t slices = at_top ? arena->committed - first : span->slices;
    const size_t size = slices << SEG_SLICE_SHIFT;
    if ((first << SEG_SLICE_SHIFT) % data->granule != 0 || size % data->granule != 0 ||
        data->ops->decommit(data, span->start, size) != 0)
        return false;
    if (at_top) {
        arena->top = arena->committed = first;
        arena->touched = hy_min(arena->touched, first);
        seg_record_drop(arena, span);
        return true;
    }
    arena->gone += slices;
    span->kind = SEG_GONE;
    span->clean = data->zeroed;
    span_settle(local, arena, span);
    return true;
}

/* Gone spans below the top are no span at all. */
static void span_lower_top(seg_local *local, seg_arena *arena) {
    seg_span *const last = arena->top > 0 ? arena->map[arena->top - 1] : NULL;
    if (!last || last->kind != SEG_GONE || arena->committed != arena->top)
        return;
    seg_bin_remove(local, last);
    arena->top -= last->slices;
    arena->committed = arena->top;
    arena->touched = hy_min(arena->touched, arena->top);
    arena->gone -= last->slices;
    seg_record_drop(arena, last);
}

/* What is too much of a free span that is in no bin; the rest goes back into its bin.  Where address space is short,
 * all of it, so that the arena can be given back. */
static seg_span *span_excess(seg_local *local, seg_arena *arena, seg_span *span, size_t excess) {
    excess = hy_align_up(excess, hy_max(SEG_PAGE_SLICES, local->heap->data->granule / SEG_SLICE));
    if (arena->alone || span->slices < excess + SEG_PAGE_SLICES)
        return span;
    seg_span *const tail = span_split(local, arena, span, span->slices - excess);
    if (!tail)
        return span;
    seg_bin_insert(local, span);
    return tail;
}

void seg_span_shed(seg_local *local, size_t keep, size_t least_slices, size_t most_spans) {
    const seg_bins *const bins = &local->bins[SEG_FREE];
    const size_t least_bin = seg_bin_of(least_slices);
    for (; local->free_slices > keep && most_spans > 0; most_spans--) {
        const size_t bin = hy_bit_last(bins->map, SEG_BINS);
        if (bin < least_bin || bin == SEG_BINS)
            return;
        seg_span *const longest = bins->first[bin];
        seg_arena *const arena = seg_arena_of(local, longest->start);
        const size_t excess = local->free_slices - keep;
        seg_bin_remove(local, longest);
        seg_span *const span = span_excess(local, arena, longest, excess);
        const size_t slices = span->slices;
        if (!span_decommit(local, arena, span)) {
            span_settle(local, arena, span);
            return;
        }
        local->given += slices;
        span_lower_top(local, arena);
        if (arena->top == 0)
            seg_arena_drop(local, arena);
    }
}

/* What is kept: a share of `retain`, an eighth of what is used, and what was missed before. */
static size_t span_limit(const seg_local *local) {
    const seg_heap *const self = local->heap;
    const size_t locals = hy_max(1, __atomic_load_n(&self->local_count, __ATOMIC_RELAXED));
    const size_t share = self->params.retain / locals / SEG_SLICE;
    return share + local->used_slices / 8 + (self->params.retain > 0 ? local->keep : 0);
}

void seg_span_free(seg_local *local, seg_span *span) {
    const size_t slices = span->slices;
    local->used_slices -= slices;
    span->kind = SEG_FREE;
    span->clean = false;
    span_settle(local, seg_arena_of(local, span->start), span);
    if (local->heap->bounded)
        return;
    span_forget(local, slices);
    const size_t limit = span_limit(local);
    if (slices >= seg_slices_for(local->heap->params.huge))
        seg_span_shed(local, local->free_slices - slices, SEG_PAGE_SLICES, SEG_MOST_SHED);
    else if (local->free_slices > limit)
        seg_span_shed(local, limit / 4 * 3, SEG_PAGE_SLICES, SEG_MOST_SHED);
}

/* ------------------------------------------------------------------------------------------- large, resized ---- */

bool seg_span_extend(seg_local *local, seg_span *span, size_t slices) {
    seg_arena *const arena = seg_arena_of(local, span->start);
    const size_t missing = slices - span->slices, old = span->slices;
    if (seg_slice_of(arena, span->start) + span->slices == arena->top) {
        if (!seg_arena_raise(local, arena, missing))
            return false;
        span->slices += (uint32_t)missing;
    } else {
        seg_span *const behind = span_behind(arena, span);
        if (behind->kind != SEG_FREE || behind->slices < missing)
            return false;
        seg_bin_remove(local, behind);
        seg_span *const rest = behind->slices > missing ? span_split(local, arena, behind, missing) : NULL;
        if (rest)
            seg_bin_insert(local, rest);
        span->slices += behind->slices;
        seg_record_drop(arena, behind);
    }
    local->used_slices += span->slices - old;
    seg_arena_mark(arena, span, false);
    return true;
}

void seg_span_shorten(seg_local *local, seg_span *span, size_t slices) {
    seg_arena *const arena = seg_arena_of(local, span->start);
    seg_span *const rest = span->slices > slices ? span_split(local, arena, span, slices) : NULL;
    if (rest)
        seg_span_free(local, rest);
}

/* ---------------------------------------------------------------------------------------------------- whole ---- */

/* All slices that are committed become one free span each between gone ones: simplest is to free every span. */
void seg_span_reset(seg_local *local) {
    for (size_t i = 0; i < local->arena_count; i++) {
        seg_arena *const arena = &local->arenas[i];
        for (size_t slice = 0; slice < arena->top;) {
            seg_span *span = seg_span_of_slice(arena, slice);
            if (span->kind == SEG_PAGE || span->kind == SEG_LARGE) {
                local->used_slices -= span->slices;
                span->kind = SEG_FREE;
                span->clean = false;
                seg_arena_mark(arena, span, false); /* a full page's slices have its shelf */
                span = span_settle(local, arena, span);
            }
            slice = seg_slice_of(arena, span->start) + span->slices;
        }
    }
}
