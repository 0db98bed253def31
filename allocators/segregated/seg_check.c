/* SPDX-License-Identifier: MIT
 *
 * seg_check.c - every invariant of arenas, spans, bins, pages, queues, locals and huge blocks.
 */
#include "seg_walk.h"

#include "seg_bin.h"
#include "seg_local.h"

typedef struct seg_sum {
    size_t used_slices, free_slices, gone_slices;
    size_t binned, queued; /* spans that should be in a bin, pages that should be in a queue */
} seg_sum;

/* The free list of a page stays in it, and everything adds up to its capacity. */
static const char *check_page(const seg_span *page) {
    const size_t size = page->block_size;
    uint32_t freed = 0;
    if (size != seg_class_size(page->size_class) || page->fresh < page->start || page->fresh > page->end ||
        page->end > page->start + seg_span_size(page))
        return "a page's record contradicts itself";
    for (const seg_block *block = page->free; block; block = block->next) {
        const char *const at = (const char *)block;
        if (at < page->start || at >= page->fresh || (size_t)(at - page->start) % size != 0)
            return "a page's free list leads out of it";
        if (++freed > seg_capacity(page))
            return "a page's free list is circular";
    }
    const size_t never = (size_t)(page->end - page->fresh) / size;
    if (seg_page_live(page, size) + freed + never != seg_capacity(page))
        return "a page's blocks do not add up";
    if (page->full && (freed + never > 0 || page->used != seg_capacity(page)))
        return "a full page has room";
    return NULL;
}

/* What the map should have for a slice of the page. */
static bool slice_knows(const seg_arena *arena, const seg_span *page, size_t slice) {
    const seg_span *const shelf = &arena->local->shelves[page->size_class];
    return arena->map[slice] == (page->full ? shelf : page) && seg_span_of_slice(arena, slice) == page;
}

static const char *check_span(const seg_arena *arena, const seg_span *span, seg_kind before, seg_sum *sum) {
    const size_t first = seg_slice_of(arena, span->start), last = first + span->slices - 1;
    if (span->slices == 0 || last >= arena->top || seg_span_of_slice(arena, first) != span ||
        seg_span_of_slice(arena, last) != span)
        return "a span's slices do not know it";
    const seg_kind kind = (seg_kind)span->kind;
    if (kind == before && (kind == SEG_FREE || kind == SEG_GONE))
        return "two free spans touch";
    sum->free_slices += kind == SEG_FREE ? span->slices : 0;
    sum->gone_slices += kind == SEG_GONE ? span->slices : 0;
    sum->used_slices += kind == SEG_PAGE || kind == SEG_LARGE ? span->slices : 0;
    sum->binned += kind == SEG_FREE || kind == SEG_GONE;
    sum->queued += kind == SEG_PAGE && !span->full;
    for (size_t i = first; kind == SEG_PAGE && i <= last; i++)
        if (!slice_knows(arena, span, i))
            return "a slice inside a page does not know it";
    return kind == SEG_PAGE ? check_page(span) : NULL;
}

static const char *check_arena(const seg_arena *arena, seg_sum *sum) {
    const size_t gone_before = sum->gone_slices;
    seg_kind before = SEG_LARGE;
    if (arena->top > arena->committed || arena->committed > arena->slices)
        return "an arena's top lies above what is committed";
    for (size_t slice = 0; slice < arena->top;) {
        const seg_span *const span = seg_span_of_slice(arena, slice);
        if (span->start != arena->base + slice * SEG_SLICE)
            return "a slice names a span that starts elsewhere";
        const char *const wrong = check_span(arena, span, before, sum);
        if (wrong)
            return wrong;
        before = (seg_kind)span->kind;
        slice += span->slices;
    }
    return sum->gone_slices - gone_before == arena->gone ? NULL : "gone slices are counted wrong";
}

static const char *check_bins(const seg_local *local, seg_kind kind, size_t *count) {
    for (unsigned bin = 0; bin < SEG_BINS; bin++) {
        const seg_span *before = NULL;
        const seg_bins *const bins = &local->bins[kind];
        if (hy_bit_get(bins->map, bin) != (bins->first[bin] != NULL))
            return "a bin's bit is wrong";
        for (const seg_span *span = bins->first[bin]; span; before = span, span = span->next, ++*count)
            if (span->kind != kind || span->prev != before || seg_bin_of(span->slices) != bin)
                return "a bin holds a span that does not belong there";
    }
    return NULL;
}

static const char *check_queue(const seg_local *local, unsigned size_class, size_t *count) {
    const seg_span *before = NULL, *const none = &local->none;
    const seg_span *const current = local->current[size_class];
    const seg_span *const shelf = &local->shelves[size_class];
    if (shelf->kind != SEG_SHELF || shelf->size_class != size_class || shelf->free || shelf->used == 0)
        return "a shelf was not cleared";
    if (current != local->first[size_class] && current != shelf &&
        ((current->kind != SEG_PAGE && current->kind != SEG_SHELF) || current->size_class <= size_class))
        return "a class's current page is not its own, nor lent to it";
    if ((local->first[size_class] == none) != (local->last[size_class] == none))
        return "a queue has one end only";
    for (const seg_span *page = local->first[size_class]; page && page != none; before = page, page = page->next) {
        if (page->kind != SEG_PAGE || page->size_class != size_class || page->prev != before || page->full)
            return "a queue holds a page that does not belong there";
        if (page->used == 0)
            return "an empty page was not given back";
        ++*count;
    }
    return before && local->last[size_class] != before ? "a queue's last page is not its last" : NULL;
}

static const char *check_local(const seg_local *local) {
    seg_sum sum = {0};
    size_t binned = 0, queued = 0;
    const char *wrong = NULL;
    for (size_t i = 0; !wrong && i < local->arena_count; i++)
        wrong = local->arenas[i].local ? check_arena(&local->arenas[i], &sum) : NULL;
    wrong = wrong ? wrong : check_bins(local, SEG_FREE, &binned);
    wrong = wrong ? wrong : check_bins(local, SEG_GONE, &binned);
    for (unsigned c = 0; !wrong && c < SEG_CLASSES; c++)
        wrong = check_queue(local, c, &queued);
    if (wrong)
        return wrong;
    if (binned != sum.binned || queued != sum.queued)
        return "a span is missing in its bin, or a page in its queue";
    if (sum.free_slices != local->free_slices || sum.used_slices != local->used_slices)
        return "slices are counted wrong";
    if (local->inbox || local->pending || local->outbox_bytes > 0)
        return "a message was neither sent nor taken in";
    return NULL;
}

static const char *check_huge(const seg_heap *self) {
    for (size_t i = 1; i < self->huge_count; i++)
        if (self->huge[i].start < self->huge[i - 1].start + self->huge[i - 1].size)
            return "huge blocks overlap or are out of order";
    return NULL;
}

/* Every idle local is in the list once, and those in the list are idle. */
static const char *check_idle(const seg_heap *self) {
    size_t idle = 0, listed = 0;
    for (const seg_local *local = self->locals; local; local = local->next)
        idle += local->idle;
    for (const seg_local *local = self->idle; local && listed <= idle; local = local->next_idle)
        listed++;
    return idle == listed ? NULL : "idle locals are counted wrong";
}

const char *seg_check(hy_heap *heap) {
    seg_heap *const self = (seg_heap *)heap;
    seg_local_settle(self);
    const char *wrong = check_huge(self);
    wrong = wrong ? wrong : check_idle(self);
    for (const seg_local *local = self->locals; !wrong && local; local = local->next)
        wrong = local->lost ? NULL : check_local(local);
    return wrong;
}
