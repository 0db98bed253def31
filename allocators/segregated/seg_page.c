/* SPDX-License-Identifier: MIT
 *
 * seg_page.c - pages and their queues (see seg_page.h).
 */
#include "seg_page.h"

#include "seg_arena.h"
#include "seg_span.h"

/* ----------------------------------------------------------------------------------------------------- queues ---- */

static void queue_append(seg_heap *self, seg_span *page) {
    seg_queue *const queue = &self->local.pages[page->size_class];
    const bool was_empty = queue->first == &self->none;
    page->next = NULL;
    page->prev = was_empty ? NULL : queue->last;
    if (was_empty)
        queue->first = page;
    else
        queue->last->next = page;
    queue->last = page;
}

static void queue_remove(seg_heap *self, seg_span *page) {
    seg_queue *const queue = &self->local.pages[page->size_class];
    seg_span *const next = page->next, *const prev = page->prev;
    if (next)
        next->prev = prev;
    else
        queue->last = prev ? prev : &self->none;
    if (prev)
        prev->next = next;
    else
        queue->first = next ? next : &self->none;
}

/* ------------------------------------------------------------------------------------------------------ pages ---- */

/* The fewest slices of which no more than a sixteenth is left over. */
static uint8_t page_least_slices(size_t block_size) {
    size_t slices = seg_slices_for(block_size);
    while ((slices * SEG_SLICE) % block_size > slices * SEG_SLICE / 16)
        slices++;
    return (uint8_t)slices;
}

void seg_page_init(seg_heap *self) {
    for (unsigned c = 0; c < SEG_CLASSES; c++) {
        self->local.pages[c] = (seg_queue){&self->none, &self->none};
        self->local.slices[c] = 0;
        self->page_slices[c] = page_least_slices(seg_class_size(c));
    }
    self->local.empty[0] = self->local.empty[1] = 0;
}

static size_t page_wanted_slices(const seg_heap *self, unsigned size_class) {
    size_t slices = self->page_slices[size_class];
    while (slices * 2 <= SEG_PAGE_SLICES && slices * 2 <= self->local.slices[size_class] / 4)
        slices *= 2;
    return slices;
}

static seg_span *page_new(seg_heap *self, unsigned size_class) {
    const size_t block_size = seg_class_size(size_class), least = self->page_slices[size_class];
    const size_t wanted = page_wanted_slices(self, size_class);
    seg_span *page = seg_span_alloc(self, wanted, SEG_SLICE);
    if (!page && wanted > least)
        page = seg_span_alloc(self, least, SEG_SLICE);
    if (!page)
        return NULL;
    page->kind = SEG_PAGE;
    page->size_class = (uint8_t)size_class;
    page->block_size = (uint32_t)block_size;
    page->free = NULL;
    page->fresh = page->start;
    page->end = page->start + seg_span_size(page) / block_size * block_size;
    page->used = 0;
    page->full = false;
    self->local.slices[size_class] += page->slices;
    seg_arena_mark(seg_arena_of(self, page->start), page, true);
    queue_append(self, page);
    return page;
}

seg_span *seg_page_ready(seg_heap *self, unsigned size_class) {
    for (;;) {
        seg_span *const page = self->local.pages[size_class].first;
        if (page->free || page->fresh < page->end)
            return page;
        if (page == &self->none)
            return page_new(self, size_class);
        queue_remove(self, page);
        page->full = true;
        page->used = 1;
    }
}

static void page_release(seg_heap *self, seg_span *page) {
    queue_remove(self, page);
    self->local.slices[page->size_class] -= page->slices;
    seg_span_free(self, page);
}

void seg_page_freed(seg_heap *self, seg_span *span) {
    if (span->kind == SEG_LARGE) {
        seg_span_free(self, span);
        return;
    }
    if (span->full) {
        span->full = false;
        span->used = seg_capacity(span) - 1;
        queue_append(self, span);
        if (span->used > 0)
            return;
    }
    if (self->local.pages[span->size_class].first == span)
        hy_bit_set(self->local.empty, span->size_class);
    else
        page_release(self, span);
}

bool seg_page_collect(seg_heap *self) {
    bool any = false;
    for (size_t c = 0; (c = hy_bit_next(self->local.empty, SEG_CLASSES, c)) < SEG_CLASSES; c++) {
        seg_span *const page = self->local.pages[c].first;
        hy_bit_clear(self->local.empty, c);
        if (page == &self->none || page->used > 0)
            continue;
        page_release(self, page);
        any = true;
    }
    return any;
}
