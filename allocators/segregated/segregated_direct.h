/* SPDX-License-Identifier: MIT
 *
 * segregated_direct.h - the hot paths: what a thread can do with its thread slot alone.
 *
 * A slot that is all zero has nothing, so nobody asks whether there is one.  These functions do what can be done at
 * once, or nothing.
 */
#ifndef SEGREGATED_DIRECT_H
#define SEGREGATED_DIRECT_H

#include "seg_page.h"
#include "seg_post.h"

#define SEG_LIKELY(x) __builtin_expect(!!(x), 1)

static inline void *seg_slot_pop(const seg_slot *slot, size_t size_class) {
    seg_span *const page = slot->pages[size_class];
    return SEG_LIKELY(page->free) ? seg_page_pop(page) : NULL;
}

/* A block aligned to 16, or NULL: ask the heap. */
static inline void *seg_slot_alloc(const seg_slot *slot, size_t size) {
    const size_t last = size - 1; /* of 0 bytes: more than any limit */
    if (SEG_LIKELY(last < slot->fine_max))
        return seg_slot_pop(slot, last / SEG_FINE_STEP);
    if (last < slot->small_max)
        return seg_slot_pop(slot, seg_class_coarse(last));
    return NULL;
}

/* The record of the span that a block of the thread's own lies in, or NULL: it is somebody else's. */
static inline seg_span *seg_slot_span(const seg_slot *slot, const void *block) {
    const size_t at = (size_t)((const char *)block - slot->base);
    return SEG_LIKELY(at < slot->size) ? slot->map[at >> SEG_SLICE_SHIFT] : NULL;
}

static inline size_t seg_span_usable(const seg_span *span) {
    return span->kind == SEG_LARGE ? seg_span_size(span) : span->block_size;
}

/* Frees a block if it is the thread's own.  False: ask the heap. */
static inline bool seg_slot_free(const seg_slot *slot, void *address) {
    const size_t at = (size_t)((char *)address - slot->base);
    if (!SEG_LIKELY(at < slot->size))
        return false;
    seg_span *const span = slot->map[at >> SEG_SLICE_SHIFT];
    seg_block *const block = (seg_block *)address;
    block->next = span->free; /* harmless in a large block, and saves asking */
    span->free = block;
    if (!SEG_LIKELY(--span->used))
        seg_page_freed(slot->local, span);
    return true;
}

/* For a preload library, whose heap has slot 0. */
static inline void *hy_direct_alloc(size_t size) {
    return seg_slot_alloc((seg_slot *)&hy_thread_slots[0], size);
}

void *seg_alloc_more(hy_heap *heap, size_t size);

static inline void *hy_direct_more(hy_heap *heap, size_t size) {
    return seg_alloc_more(heap, size);
}

static inline bool hy_direct_free(void *block) {
    return seg_slot_free((seg_slot *)&hy_thread_slots[0], block);
}

static inline bool hy_direct_post(void *block) {
    return seg_post_quick(((seg_slot *)&hy_thread_slots[0])->local, block);
}

static inline size_t hy_direct_size(const void *block) {
    const seg_span *const span = seg_slot_span((seg_slot *)&hy_thread_slots[0], block);
    return SEG_LIKELY(span) ? seg_span_usable(span) : 0;
}

#endif
