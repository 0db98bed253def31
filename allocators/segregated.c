/* SPDX-License-Identifier: MIT
 *
 * segregated.c - size classes over pages: the hot path, and the calls of the contract.
 *
 *  1. A request of up to 32 KiB is rounded up to a size class; blocks of one class fill pages (seg_page.h).
 *  2. alloc pops the free list of the class's current page; free finds the page by the block's address and pushes.
 *  3. Larger requests are spans of 4 KiB slices (seg_span.h), cut from an arena (seg_arena.h) and merged when freed.
 *  4. Huge ones, and large ones that grow by realloc, have reservations of their own (seg_huge.h).
 *  5. Free spans beyond `retain` are decommitted.
 *
 * Nothing lies in or beside live blocks, so a block costs only what rounds it up to its class: 15 bytes or an eighth.
 *
 * After Bonwick's slabs (USENIX 1994) and the pages of mimalloc (Leijen, Zorn, de Moura, APLAS 2019), by own design.
 * Time: constant, but for new pages.  Bad at: programs that free most but not all blocks of many pages, as a page
 * serves no other class while one block in it lives.
 */
#include "seg_arena.h"
#include "seg_huge.h"
#include "seg_page.h"
#include "seg_span.h"
#include "seg_walk.h"

#include <errno.h>
#include <string.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)

/* Blocks this large that realloc must move get a reservation of their own: they are likely to grow again. */
#define SEG_GROWING ((size_t)1 << 20)
/* Alignments beyond this are left to the page source; sizes beyond the other, too. */
#define SEG_MAX_SPAN_ALIGN ((size_t)16 << 20)
#define SEG_MAX_SPAN ((size_t)1 << 40)

/* ------------------------------------------------------------------------------------------------ small blocks ---- */

static inline void *page_pop(seg_span *page) {
    seg_block *const block = page->free;
    page->free = block->next;
    page->used++;
    return block;
}

/* A block that was never handed out. */
static inline void *page_cut(seg_span *page) {
    char *const block = page->fresh;
    page->fresh += page->block_size;
    page->used++;
    return block;
}

/* The current page has no freed block.  *ret_clean: the block is all zero. */
static __attribute__((noinline)) void *seg_small_slow(seg_heap *self, unsigned size_class, bool *ret_clean) {
    seg_span *const page = seg_page_ready(self, size_class);
    *ret_clean = false;
    if (!page)
        return NULL;
    if (page->free)
        return page_pop(page);
    *ret_clean = page->clean;
    return page_cut(page);
}

static inline void *seg_small_alloc(seg_heap *self, unsigned size_class, bool *ret_clean) {
    seg_span *const page = self->local.pages[size_class].first;
    *ret_clean = false;
    return LIKELY(page->free) ? page_pop(page) : seg_small_slow(self, size_class, ret_clean);
}

/* ------------------------------------------------------------------------------------------------ large blocks ---- */

static void *seg_span_block(seg_heap *self, size_t size, size_t align, bool *ret_clean) {
    if (size > SEG_MAX_SPAN || align > SEG_MAX_SPAN_ALIGN)
        return NULL;
    seg_span *const span = seg_span_alloc(self, seg_slices_for(size), hy_max(align, SEG_SLICE));
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
static void *seg_large_alloc(seg_heap *self, size_t size, size_t align, bool *ret_clean) {
    void *block = size < self->params.huge ? seg_span_block(self, size, align, ret_clean) : NULL;
    if (block)
        return block;
    *ret_clean = self->data->zeroed;
    block = seg_huge_alloc(self, size, align);
    return block || size < self->params.huge ? block : seg_span_block(self, size, align, ret_clean);
}

/* Whatever is not small and aligned to 16 at most. */
static __attribute__((noinline)) void *seg_other_alloc(seg_heap *self, size_t size, size_t align, bool *ret_clean) {
    if (size <= SEG_SMALL_MAX && align <= SEG_SLICE)
        return seg_small_alloc(self, seg_class_aligned(size, align), ret_clean);
    return seg_large_alloc(self, size, align, ret_clean);
}

/* --------------------------------------------------------------------------------------------- alloc and free ---- */

static inline void *seg_any_alloc(seg_heap *self, size_t size, size_t align, bool *ret_clean) {
    if (LIKELY(size <= SEG_SMALL_MAX && align <= HY_MALLOC_ALIGN))
        return seg_small_alloc(self, seg_class(size), ret_clean);
    return seg_other_alloc(self, size, align, ret_clean);
}

static void *seg_alloc(hy_heap *heap, size_t size, size_t align) {
    bool clean;
    return seg_any_alloc((seg_heap *)heap, size, align, &clean);
}

static void *seg_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    bool clean;
    void *const block = seg_any_alloc((seg_heap *)heap, size, align, &clean);
    return !block || clean ? block : memset(block, 0, size);
}

/* The span that a live block lies in; NULL: it is huge. */
static inline seg_span *seg_span_at(seg_heap *self, const void *block) {
    const seg_arena *arena = &self->arenas[0];
    size_t slice = seg_slice_of(arena, block);
    if (!LIKELY(slice < arena->top)) {
        arena = seg_arena_of(self, block);
        if (!arena)
            return NULL;
        slice = seg_slice_of(arena, block);
    }
    return &arena->spans[arena->head[slice]];
}

static void seg_free(hy_heap *heap, void *address, size_t size) {
    (void)size;
    seg_heap *const self = (seg_heap *)heap;
    seg_span *const span = seg_span_at(self, address);
    if (!LIKELY(span)) {
        seg_huge_free(self, seg_huge_find(self, address));
        return;
    }
    seg_block *const block = address;
    block->next = span->free; /* harmless in a large block, and saves asking */
    span->free = block;
    if (!LIKELY(--span->used))
        seg_page_freed(self, span);
}

static size_t seg_usable_size(hy_heap *heap, const void *block) {
    seg_heap *const self = (seg_heap *)heap;
    const seg_span *const span = seg_span_at(self, block);
    if (!span)
        return seg_huge_find(self, block)->size;
    return span->kind == SEG_PAGE ? span->block_size : seg_span_size(span);
}

static bool page_owns(const seg_span *page, const char *address) {
    if (address >= page->fresh || (size_t)(address - page->start) % page->block_size != 0)
        return false;
    for (const seg_block *block = page->free; block; block = block->next)
        if ((const char *)block == address)
            return false;
    return true;
}

static bool seg_owns(hy_heap *heap, const void *address) {
    seg_heap *const self = (seg_heap *)heap;
    const seg_arena *const arena = seg_arena_of(self, address);
    if (!arena)
        return seg_huge_find(self, address);
    const size_t slice = seg_slice_of(arena, address);
    const seg_span *const span = &arena->spans[arena->head[slice]]; /* stale inside free and large spans */
    if (arena->head[slice] >= arena->records || slice - seg_slice_of(arena, span->start) >= span->slices)
        return false;
    return span->kind == SEG_LARGE ? address == span->start : span->kind == SEG_PAGE && page_owns(span, address);
}

/* ----------------------------------------------------------------------------------------------------- realloc ---- */

/* A block that stays where it is: a small one within its class that is not mostly waste, or a large one whose end
 * can move. */
static bool seg_resize_span(seg_heap *self, seg_span *span, size_t new_size) {
    if (span->kind == SEG_PAGE)
        return new_size <= span->block_size && 2 * new_size > span->block_size - HY_MALLOC_ALIGN;
    if (new_size <= SEG_SMALL_MAX || new_size > SEG_MAX_SPAN)
        return false;
    const size_t slices = seg_slices_for(new_size);
    if (slices > span->slices)
        return seg_span_extend(self, span, slices);
    seg_span_shorten(self, span, slices);
    return true;
}

static void *seg_move(seg_heap *self, void *block, size_t align, size_t new_size) {
    const size_t old_size = seg_usable_size(&self->heap, block);
    const bool growing = new_size > old_size && old_size >= SEG_GROWING;
    void *moved = growing ? seg_huge_alloc(self, new_size, align) : NULL;
    if (!moved)
        moved = seg_alloc(&self->heap, new_size, align);
    if (!moved)
        return new_size <= old_size ? block : NULL;
    memcpy(moved, block, hy_min(old_size, new_size));
    seg_free(&self->heap, block, 0);
    return moved;
}

static void *seg_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    (void)old_size;
    seg_heap *const self = (seg_heap *)heap;
    seg_span *const span = seg_span_at(self, block);
    if (span)
        return seg_resize_span(self, span, new_size) ? block : seg_move(self, block, align, new_size);
    void *const resized =
        new_size > SEG_SMALL_MAX ? seg_huge_resize(self, seg_huge_find(self, block), new_size, align) : NULL;
    return resized ? resized : seg_move(self, block, align, new_size);
}

/* ----------------------------------------------------------------------------------------------- the whole heap ----
 */

static void seg_reset(hy_heap *heap) {
    seg_heap *const self = (seg_heap *)heap;
    seg_huge_free_all(self);
    seg_span_reset(self);
    seg_page_init(self);
}

static size_t seg_committed_slices(const seg_heap *self) {
    size_t slices = 0;
    for (size_t i = 0; i < self->arena_count; i++)
        slices += self->arenas[i].committed - self->arenas[i].gone;
    return slices;
}

static size_t seg_trim(hy_heap *heap) {
    seg_heap *const self = (seg_heap *)heap;
    const size_t before = seg_committed_slices(self);
    seg_page_collect(self);
    seg_span_shed(self, 0, 1);
    return (before - seg_committed_slices(self)) * SEG_SLICE;
}

static int seg_create(const hy_setup *setup, hy_heap **ret) {
    seg_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->params = *(const seg_params *)setup->params;
    self->data = setup->data;
    self->meta = setup->meta;
    self->bounded = setup->data->available != HY_ANY;
    seg_page_init(self);
    *ret = &self->heap;
    return 0;
}

static void seg_destroy(hy_heap *heap) {
    seg_heap *const self = (seg_heap *)heap;
    seg_huge_free_all(self);
    seg_span_release_all(self);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

/* -------------------------------------------------------------------------------------------------- data sheet ---- */

static const hy_param seg_table[] = {
    {.name = "retain",
     .help = "free memory that is kept committed, besides an eighth of the used",
     .def = "4M",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(seg_params, retain),
     .max = (uint64_t)1 << 46},
    {.name = "chunk",
     .help = "memory is committed by multiples of this",
     .def = "64K",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(seg_params, chunk),
     .min = 4096,
     .max = (uint64_t)1 << 30},
    {.name = "reserve",
     .help = "address space to reserve for an arena",
     .def = "64G",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(seg_params, reserve),
     .min = 65536,
     .max = (uint64_t)1 << 43},
    {.name = "huge",
     .help = "blocks this large have a reservation of their own",
     .def = "32M",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(seg_params, huge),
     .min = 32768,
     .max = (uint64_t)1 << 40},
    {.name = NULL},
};

const hy_heap_ops hy_segregated_ops = {
    .name = "segregated",
    .summary = "size classes over pages with free lists of their own",
    .source = "J. Bonwick, The Slab Allocator, USENIX 1994; D. Leijen et al., Mimalloc, APLAS 2019",
    .threads = HY_THREADS_NONE,
    .max_align = HY_ANY,
    .max_size = (size_t)1 << 47,
    .params = seg_table,
    .params_size = sizeof(seg_params),
    .create = seg_create,
    .destroy = seg_destroy,
    .alloc = seg_alloc,
    .free = seg_free,
    .realloc = seg_realloc,
    .alloc_zeroed = seg_alloc_zeroed,
    .usable_size = seg_usable_size,
    .owns = seg_owns,
    .reset = seg_reset,
    .trim = seg_trim,
    .walk = seg_walk,
    .check = seg_check,
    .stats = seg_stats,
};
