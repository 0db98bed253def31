/* SPDX-License-Identifier: MIT
 *
 * seg_check.c - every invariant of arenas, spans, bins, pages, queues and huge blocks.
 */
#include "seg_walk.h"

#include "seg_span.h"

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
    if (seg_page_live(page) + freed + never != seg_capacity(page))
        return "a page's blocks do not add up";
    if (page->full && (freed + never > 0 || page->used != 1))
        return "a full page has room";
    return NULL;
}

static const char *check_span(const seg_arena *arena, const seg_span *span, seg_kind before, seg_sum *sum) {
    const size_t first = seg_slice_of(arena, span->start), last = first + span->slices - 1;
    const uint32_t record = (uint32_t)(span - arena->spans);
    if (span->slices == 0 || last >= arena->top || arena->head[first] != record || arena->head[last] != record)
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
        if (arena->head[i] != record)
            return "a slice inside a page does not know it";
    return kind == SEG_PAGE ? check_page(span) : NULL;
}

static const char *check_arena(const seg_arena *arena, seg_sum *sum) {
    const size_t gone_before = sum->gone_slices;
    seg_kind before = SEG_LARGE;
    if (arena->top > arena->committed || arena->committed > arena->slices)
        return "an arena's top lies above what is committed";
    for (size_t slice = 0; slice < arena->top;) {
        const seg_span *const span = &arena->spans[arena->head[slice]];
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

static const char *check_bins(const seg_heap *self, seg_kind kind, size_t *count) {
    for (unsigned bin = 0; bin < SEG_BINS; bin++) {
        const seg_span *before = NULL;
        const seg_bins *const bins = &self->bins[kind];
        if (hy_bit_get(bins->map, bin) != (bins->first[bin] != NULL))
            return "a bin's bit is wrong";
        for (const seg_span *span = bins->first[bin]; span; before = span, span = span->next, ++*count)
            if (span->kind != kind || span->prev != before || seg_bin_of(span->slices) != bin)
                return "a bin holds a span that does not belong there";
    }
    return NULL;
}

static const char *check_queues(const seg_heap *self, size_t *count) {
    for (unsigned c = 0; c < SEG_CLASSES; c++) {
        const seg_queue *const queue = &self->local.pages[c];
        const seg_span *before = NULL;
        if ((queue->first == &self->none) != (queue->last == &self->none))
            return "a queue has one end only";
        for (const seg_span *page = queue->first; page && page != &self->none; before = page, page = page->next) {
            if (page->kind != SEG_PAGE || page->size_class != c || page->prev != before || page->full)
                return "a queue holds a page that does not belong there";
            if (page->used == 0 && (before || !hy_bit_get(self->local.empty, c)))
                return "an empty page was not given back";
            ++*count;
        }
        if (before && queue->last != before)
            return "a queue's last page is not its last";
    }
    return NULL;
}

static const char *check_huge(const seg_heap *self) {
    for (size_t i = 1; i < self->huge_count; i++)
        if (self->huge[i].start < self->huge[i - 1].start + self->huge[i - 1].size)
            return "huge blocks overlap or are out of order";
    return NULL;
}

const char *seg_check(hy_heap *heap) {
    const seg_heap *const self = (seg_heap *)heap;
    seg_sum sum = {0};
    size_t binned = 0, queued = 0;
    const char *wrong = check_huge(self);
    for (size_t i = 0; !wrong && i < self->arena_count; i++)
        wrong = check_arena(&self->arenas[i], &sum);
    wrong = wrong ? wrong : check_bins(self, SEG_FREE, &binned);
    wrong = wrong ? wrong : check_bins(self, SEG_GONE, &binned);
    wrong = wrong ? wrong : check_queues(self, &queued);
    if (wrong)
        return wrong;
    if (binned != sum.binned || queued != sum.queued)
        return "a span is missing in its bin, or a page in its queue";
    if (sum.free_slices != self->free_slices || sum.used_slices != self->used_slices)
        return "slices are counted wrong";
    return NULL;
}
