/* SPDX-License-Identifier: MIT
 *
 * seg_block.c - see seg_block.h.
 */
#include "seg_block.h"

#include "seg_arena.h"
#include "seg_huge.h"
#include "seg_page.h"
#include "seg_post.h"
#include "seg_span.h"
#include "segregated_direct.h"

#include <string.h>

/* Blocks this large that realloc must move get a reservation of their own: they are likely to grow again. */
#define SEG_GROWING ((size_t)1 << 20)
/* Alignments beyond this are left to the page source; sizes beyond the other, too. */
#define SEG_MAX_SPAN_ALIGN ((size_t)16 << 20)
#define SEG_MAX_SPAN ((size_t)1 << 40)

/* ----------------------------------------------------------------------------------------------- allocating ---- */

/* The current page has no freed block.  *ret_clean: the block is all zero. */
static void *page_block(seg_local *local, unsigned size_class, bool lend, bool *ret_clean) {
    *ret_clean = false;
    seg_span *const page = seg_page_ready(local, size_class, lend);
    if (!page)
        return NULL;
    if (page->free)
        return seg_page_pop(page);
    *ret_clean = page->clean;
    return seg_page_cut(page);
}

static void *small_block(seg_local *local, unsigned size_class, bool lend, bool *ret_clean) {
    seg_span *const page = lend ? local->current[size_class] : local->first[size_class];
    *ret_clean = false;
    return SEG_LIKELY(page->free) ? seg_page_pop(page) : page_block(local, size_class, lend, ret_clean);
}

static void *span_block(seg_local *local, size_t size, size_t align, bool *ret_clean) {
    if (size > SEG_MAX_SPAN || align > SEG_MAX_SPAN_ALIGN)
        return NULL;
    seg_post_drain(local, SEG_MOST_RINGS);
    seg_span *const span = seg_span_alloc(local, seg_slices_for(size), hy_max(align, SEG_SLICE));
    if (!span)
        return NULL;
    span->kind = SEG_LARGE;
    span->used = 1;
    span->full = false;
    span->free = NULL;
    *ret_clean = span->clean;
    return span->start;
}

/* Whichever is meant for the size first, else the other. */
static void *large_block(seg_local *local, size_t size, size_t align, bool *ret_clean) {
    seg_heap *const self = local->heap;
    void *block = size < self->params.huge ? span_block(local, size, align, ret_clean) : NULL;
    if (block)
        return block;
    *ret_clean = self->data->zeroed;
    block = seg_huge_alloc(self, size, align);
    return block || size < self->params.huge ? block : span_block(local, size, align, ret_clean);
}

void *seg_block_alloc(seg_local *local, size_t size, size_t align, bool *ret_clean) {
    if (SEG_LIKELY(size <= SEG_SMALL_MAX && align <= HY_MALLOC_ALIGN))
        return small_block(local, seg_class(size), true, ret_clean);
    if (size <= SEG_SMALL_MAX && align <= SEG_SLICE)
        return small_block(local, seg_class_aligned(size, align), false, ret_clean);
    return large_block(local, size, align, ret_clean);
}

/* -------------------------------------------------------------------------------------------------- freeing ---- */

static void span_push(seg_local *local, seg_span *span, seg_block *block) {
    block->next = span->free;
    span->free = block;
    if (--span->used == 0)
        seg_page_freed(local, span);
}

void seg_block_free(seg_heap *self, seg_local *local, void *block) {
    seg_arena *const arena = seg_arena_find(self, block);
    if (!arena)
        seg_huge_free(self, block);
    else if (arena->local == local)
        span_push(local, arena->map[seg_slice_of(arena, block)], block);
    else
        seg_post_free(local, arena, block);
}

/* ------------------------------------------------------------------------------------------------- resizing ---- */

/* A small block that stays where it is: within its class, and not mostly waste. */
static bool small_fits(const seg_span *page, size_t new_size) {
    return new_size <= page->block_size && 2 * new_size > page->block_size - HY_MALLOC_ALIGN;
}

/* A large block of the local whose end can move. */
static bool large_resize(seg_local *local, seg_span *span, size_t new_size) {
    if (new_size <= SEG_SMALL_MAX || new_size > SEG_MAX_SPAN)
        return false;
    const size_t slices = seg_slices_for(new_size);
    if (slices > span->slices)
        return seg_span_extend(local, span, slices);
    seg_span_shorten(local, span, slices);
    return true;
}

static void *block_move(seg_local *local, void *block, size_t old_size, size_t align, size_t new_size) {
    const bool growing = new_size > old_size && old_size >= SEG_GROWING;
    bool clean;
    void *moved = growing ? seg_huge_alloc(local->heap, new_size, align) : NULL;
    if (!moved)
        moved = seg_block_alloc(local, new_size, align, &clean);
    if (!moved)
        return new_size <= old_size ? block : NULL;
    memcpy(moved, block, hy_min(old_size, new_size));
    seg_block_free(local->heap, local, block);
    return moved;
}

static void *resize_in_span(seg_local *local, seg_arena *arena, void *block, size_t align, size_t new_size) {
    seg_span *const span = seg_span_seen(arena, block);
    if (span->kind != SEG_LARGE ? small_fits(span, new_size)
                                : arena->local == local && large_resize(local, span, new_size))
        return block;
    return block_move(local, block, seg_span_usable(span), align, new_size);
}

static void *resize_huge(seg_local *local, void *block, size_t align, size_t new_size) {
    seg_heap *const self = local->heap;
    void *const resized = new_size > SEG_SMALL_MAX ? seg_huge_resize(self, block, new_size, align) : NULL;
    return resized ? resized : block_move(local, block, seg_huge_size(self, block), align, new_size);
}

void *seg_block_resize(seg_local *local, void *block, size_t align, size_t new_size) {
    seg_arena *const arena = seg_arena_find(local->heap, block);
    return arena ? resize_in_span(local, arena, block, align, new_size) : resize_huge(local, block, align, new_size);
}
