/* SPDX-License-Identifier: MIT
 *
 * seg_walk.c - walk: every span, and every block of a page.  stats: what pages count anyway.
 */
#include "seg_walk.h"

#include "seg_local.h"
#include "seg_page.h"
#include "seg_post.h"

uint32_t seg_page_live(const seg_span *page, size_t block_size) {
    if (page->full)
        return (uint32_t)((size_t)(page->end - page->start) / block_size);
    const uint32_t used = __atomic_load_n(&page->used, __ATOMIC_RELAXED); /* read once: it may be another thread's */
    return used - (used > 0 && !page->prev);
}

/* ----------------------------------------------------------------------------------------------------- walk ---- */

#define WALK_MOST_BLOCKS (SEG_PAGE_SLICES * SEG_SLICE / 16)

static int walk_hole(const char *start, size_t size, size_t usable, hy_visit *visit, void *context) {
    const hy_range range = {.start = (uintptr_t)start, .size = size, .usable = usable, .kind = HY_FREE};
    return size ? visit(context, &range) : 0;
}

static int walk_block(const char *start, size_t size, hy_visit *visit, void *context) {
    const hy_range range = {
        .start = (uintptr_t)start, .size = size, .block = (uintptr_t)start, .usable = size, .kind = HY_USED};
    return visit(context, &range);
}

static int walk_rest(const char *start, const char *end, hy_visit *visit, void *context) {
    const hy_range range = {.start = (uintptr_t)start, .size = (size_t)(end - start), .kind = HY_META};
    return range.size ? visit(context, &range) : 0;
}

/* Freed blocks are holes, each for itself; so is what was never handed out; what no block fills is metadata. */
static int walk_page(const seg_span *page, hy_visit *visit, void *context) {
    uint64_t freed[WALK_MOST_BLOCKS / 64] = {0};
    const size_t size = page->block_size;
    for (const seg_block *block = page->free; block; block = block->next)
        hy_bit_set(freed, (size_t)((const char *)block - page->start) / size);
    int r = 0;
    size_t i = 0;
    for (const char *at = page->start; r == 0 && at < page->fresh; at += size, i++)
        r = hy_bit_get(freed, i) ? walk_hole(at, size, size, visit, context) : walk_block(at, size, visit, context);
    if (r == 0)
        r = walk_hole(page->fresh, (size_t)(page->end - page->fresh), size, visit, context);
    return r ? r : walk_rest(page->end, page->start + seg_span_size(page), visit, context);
}

static int walk_span(const seg_span *span, hy_visit *visit, void *context) {
    switch ((seg_kind)span->kind) {
    case SEG_FREE: return walk_hole(span->start, seg_span_size(span), seg_span_size(span), visit, context);
    case SEG_GONE: return 0;
    case SEG_PAGE: return walk_page(span, visit, context);
    case SEG_SHELF: /* lies in no arena */
    case SEG_LARGE: return walk_block(span->start, seg_span_size(span), visit, context);
    }
    return 0;
}

static int walk_arena(const seg_arena *arena, hy_visit *visit, void *context) {
    int r = 0;
    for (size_t slice = 0; r == 0 && slice < arena->top;) {
        const seg_span *const span = seg_span_of_slice(arena, slice);
        slice += span->slices;
        r = walk_span(span, visit, context);
    }
    const size_t slack = (arena->committed - arena->top) * SEG_SLICE;
    return r ? r : walk_hole(arena->base + arena->top * SEG_SLICE, slack, slack, visit, context);
}

/* The arena with the lowest base that is at or above `from`, or NULL. */
static const seg_arena *walk_next_arena(seg_heap *self, const char *from) {
    const seg_arena *next = NULL;
    for (uint32_t i = 0; i < self->space_count; i++)
        for (unsigned k = 0; k < seg_space_at(self, i)->used; k++) {
            const seg_arena *const arena = seg_space_at(self, i)->arena[k];
            if (arena->base >= from && !arena->local->lost && (!next || arena->base < next->base))
                next = arena;
        }
    return next;
}

int seg_walk(hy_heap *heap, hy_visit *visit, void *context) {
    seg_heap *const self = (seg_heap *)heap;
    seg_local_settle(self);
    const seg_arena *arena = walk_next_arena(self, NULL);
    size_t huge = 0;
    int r = 0;
    while (r == 0 && (arena || huge < self->huge_count)) {
        if (arena && (huge == self->huge_count || arena->base < self->huge[huge].start)) {
            r = walk_arena(arena, visit, context);
            arena = walk_next_arena(self, arena->base + 1);
        } else {
            r = walk_block(self->huge[huge].start, self->huge[huge].size, visit, context);
            huge++;
        }
    }
    return r;
}

/* ---------------------------------------------------------------------------------------------------- stats ---- */

/* While other threads are at work, what is read here is approximate; it never leads astray, for records stay records.
 */
static void stats_arena(const seg_arena *arena, hy_stats *ret) {
    for (size_t slice = 0; slice < arena->top;) {
        const seg_span *const span = seg_span_of_slice(arena, slice);
        const size_t slices = span ? span->slices : 0;
        if (slices == 0)
            return;
        slice += slices;
        const size_t block_size = span->kind == SEG_PAGE ? span->block_size : slices << SEG_SLICE_SHIFT;
        const bool live = span->kind == SEG_PAGE || span->kind == SEG_LARGE;
        if (!live || block_size == 0)
            continue;
        const uint64_t count = span->kind == SEG_PAGE ? seg_page_live(span, block_size) : 1;
        ret->live_blocks += count;
        ret->live_bytes += count * block_size;
    }
}

static void stats_huge(seg_heap *self, hy_stats *ret) {
    seg_lock(self);
    ret->grows = self->grows;
    ret->live_blocks = self->huge_count;
    ret->live_bytes = 0;
    for (size_t i = 0; i < self->huge_count; i++)
        ret->live_bytes += self->huge[i].size;
    seg_unlock(self);
}

void seg_stats(hy_heap *heap, hy_stats *ret) {
    seg_heap *const self = (seg_heap *)heap;
    seg_local *const own = seg_enter(self);
    if (own) {
        seg_post_flush(own);
        seg_post_drain(own, HY_ANY);
        seg_page_sort(own);
    }
    stats_huge(self, ret);
    seg_lock(self); /* arenas that stand alone may be given back meanwhile */
    for (const seg_local *local = __atomic_load_n(&self->locals, __ATOMIC_ACQUIRE); local; local = local->next) {
        ret->grows += local->grows;
        if (local->lost)
            continue;
        for (size_t i = 0; i < local->arena_count; i++)
            stats_arena(&local->arenas[i], ret);
    }
    seg_unlock(self);
    seg_leave(self);
}
