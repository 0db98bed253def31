/* SPDX-License-Identifier: MIT
 *
 * segregated.c - size classes over pages, for several threads: the hot paths, and the calls of the contract.
 *
 *  1. A request of up to 32 KiB is rounded up to a size class; blocks of one class fill pages (seg_page.h).
 *  2. Each thread has a local with pages of its own (seg_local.h), and in its thread slot what the hot paths need.
 *     alloc pops the free list of the class's current page; free sees by the address that the block is its own, finds
 *     the page in the map and pushes.  No lock, no atomic operation, no question whose page it is.  All full pages of a
 *     class have one list, its shelf, in the map's and the current page's place.
 *  3. A block of another thread is sent home, together with others of its class (seg_post.h).
 *  4. Larger requests are spans of 4 KiB slices (seg_span.h), cut from an arena (seg_arena.h) and merged when freed.
 *  5. Huge ones, and large ones that grow by realloc, have reservations of their own (seg_huge.h).
 *  6. Free spans beyond what is kept are decommitted.
 *
 * Nothing lies in or beside live blocks, so a block costs only what rounds it up to its class: 15 bytes or an eighth;
 * and an eighth more where a larger class lends its page, in a small heap.
 *
 * After Bonwick's slabs (USENIX 1994), the page-local free lists of mimalloc (Leijen, Zorn, de Moura, APLAS 2019), the
 * messages of snmalloc (Lietar et al., ISMM 2019) and their batching (BatchIt, ISMM 2024), by own design.
 *
 * Time: a malloc or free takes at most 8000 instructions outside the operating system, as counted, and mostly 15 or 14.
 * That leaves out the table of huge blocks, which grows with their number; freeing a block of a thread that has ended
 * while others wait to be taken in; a look through hundreds of spaces; and what is tried before an allocation fails.
 *
 * Bad at: programs that free most but not all blocks of many pages, as a page serves only one or a few classes while
 * one block in it lives; threads that sleep while others free what they allocated, as they must wake to take it in.
 */
#include "seg_arena.h"
#include "seg_block.h"
#include "seg_huge.h"
#include "seg_local.h"
#include "seg_page.h"
#include "seg_post.h"
#include "seg_span.h"
#include "seg_walk.h"
#include "segregated_direct.h"

#include <errno.h>
#include <string.h>

/* -------------------------------------------------------------------------------------------- the slow ways ---- */

static __attribute__((noinline)) void *seg_alloc_slow(seg_heap *self, size_t size, size_t align, bool *ret_clean) {
    seg_local *const local = seg_enter(self);
    void *const block = local ? seg_block_alloc(local, size, align, ret_clean) : NULL;
    seg_leave(self);
    return block;
}

static __attribute__((noinline)) void seg_free_slow(seg_heap *self, void *block) {
    seg_local *const local = seg_enter(self);
    seg_block_free(self, local, block);
    seg_leave(self);
}

/* -------------------------------------------------------------------------------------------- the hot paths ---- */

static void *seg_alloc(hy_heap *heap, size_t size, size_t align) {
    seg_heap *const self = (seg_heap *)heap;
    bool clean;
    void *const block = SEG_LIKELY(align <= HY_MALLOC_ALIGN) ? seg_slot_alloc(seg_slot_of(self), size) : NULL;
    return SEG_LIKELY(block) ? block : seg_alloc_slow(self, size, align, &clean);
}

/* Where the current page has no freed block. */
void *seg_alloc_more(hy_heap *heap, size_t size) {
    seg_heap *const self = (seg_heap *)heap;
    seg_local *const local = seg_slot_of(self)->local;
    bool clean;
    if (!SEG_LIKELY(local && size - 1 < SEG_FINE_MAX))
        return seg_alloc_slow(self, size, HY_MALLOC_ALIGN, &clean);
    seg_span *const page = seg_page_ready(local, (unsigned)((size - 1) / SEG_FINE_STEP), true);
    return SEG_LIKELY(page) ? page->free ? seg_page_pop(page) : seg_page_cut(page) : NULL;
}

static void *seg_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    bool clean = false;
    void *const block = seg_alloc_slow((seg_heap *)heap, size, align, &clean);
    return !block || clean ? block : memset(block, 0, size);
}

static void seg_free(hy_heap *heap, void *block, size_t size) {
    (void)size;
    seg_heap *const self = (seg_heap *)heap;
    if (!SEG_LIKELY(seg_slot_free(seg_slot_of(self), block)))
        seg_free_slow(self, block);
}

/* The span that a live block lies in; NULL: it is huge. */
static inline seg_span *seg_span_at(seg_heap *self, const void *block) {
    seg_span *const span = seg_slot_span(seg_slot_of(self), block);
    if (SEG_LIKELY(span))
        return span;
    const seg_arena *const arena = seg_arena_find(self, block);
    return arena ? seg_span_seen(arena, block) : NULL;
}

static size_t seg_usable_size(hy_heap *heap, const void *block) {
    seg_heap *const self = (seg_heap *)heap;
    const seg_span *const span = seg_span_at(self, block);
    if (SEG_LIKELY(span))
        return seg_span_usable(span);
    seg_enter(self);
    const size_t size = seg_huge_size(self, block);
    seg_leave(self);
    return size;
}

static bool page_owns(const seg_span *page, const char *address) {
    if (address >= page->fresh || (size_t)(address - page->start) % page->block_size != 0)
        return false;
    for (const seg_block *block = page->free; block; block = block->next)
        if ((const char *)block == address)
            return false;
    return true;
}

static bool arena_owns(const seg_arena *arena, const char *address) {
    const size_t slice = seg_slice_of(arena, address);
    const seg_span *const span = slice < arena->top ? seg_span_of_slice(arena, slice) : NULL;
    if (!span || slice - seg_slice_of(arena, span->start) >= span->slices) /* stale inside free and large spans */
        return false;
    return span->kind == SEG_LARGE ? address == span->start : span->kind == SEG_PAGE && page_owns(span, address);
}

static bool seg_owns(hy_heap *heap, const void *address) {
    seg_heap *const self = (seg_heap *)heap;
    seg_enter(self);
    seg_local_settle(self);
    const seg_arena *const arena = seg_arena_find(self, address);
    const bool owned = arena ? arena_owns(arena, (const char *)address) : seg_huge_size(self, address) > 0;
    seg_leave(self);
    return owned;
}

static void *seg_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    (void)old_size;
    seg_heap *const self = (seg_heap *)heap;
    seg_local *const local = seg_enter(self);
    void *const result = local ? seg_block_resize(local, block, align, new_size) : NULL;
    seg_leave(self);
    return result;
}

/* ------------------------------------------------------------------------------------------- the whole heap ---- */

static void seg_reset(hy_heap *heap) {
    seg_heap *const self = (seg_heap *)heap;
    seg_huge_free_all(self);
    for (seg_local *local = self->locals; local; local = local->next) {
        seg_post_forget(local);
        seg_span_reset(local);
        seg_page_init(local);
    }
}

/* Other threads' locals are left alone: they give back by themselves. */
static size_t seg_trim(hy_heap *heap) {
    seg_heap *const self = (seg_heap *)heap;
    seg_local *const local = seg_enter(self);
    size_t bytes = 0;
    if (local) {
        seg_post_flush(local);
        bytes = seg_local_trim(local, 0);
    }
    seg_lock(self);
    for (seg_local *idle = self->idle; idle; idle = idle->next_idle)
        bytes += seg_local_trim(idle, 0);
    seg_unlock(self);
    seg_leave(self);
    return bytes;
}

static void seg_release(seg_heap *self) {
    seg_huge_free_all(self);
    seg_arena_release_all(self);
    while (self->locals) {
        seg_local *const local = self->locals;
        self->locals = local->next;
        if (local->outbox)
            hy_instance_unmap(self->meta, local->outbox, seg_outbox_size());
        hy_instance_unmap(self->meta, local, sizeof *local);
    }
    hy_instance_unmap(self->meta, self, sizeof *self);
}

static int seg_create(const hy_setup *setup, hy_heap **ret) {
    seg_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->params = *(const seg_params *)setup->params;
    self->data = setup->data;
    self->meta = setup->meta;
    self->host = setup->host;
    self->bounded = setup->data->available != HY_ANY;
    self->number = self->bounded ? HY_THREAD_SLOTS : setup->slot;
    for (unsigned c = 0; c < SEG_CLASSES; c++)
        self->page_slices[c] = seg_page_least_slices(c);
    seg_local *const local = seg_local_new(self);
    if (!local) {
        seg_release(self);
        return -ENOMEM;
    }
    if (!seg_shared(self)) {
        local->idle = true;
        self->idle = local;
    }
    *ret = &self->heap;
    return 0;
}

static void seg_destroy(hy_heap *heap) {
    seg_release((seg_heap *)heap);
}

/* ----------------------------------------------------------------------------------------------- data sheet ---- */

static const hy_param seg_table[] = {
    {.name = "retain",
     .help = "free memory that is kept committed, for all threads together, besides an eighth of the used",
     .def = "8M",
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
     .help = "address space to reserve for an arena; rounded up to a power of two",
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
    {.name = "remote",
     .help = "bytes of other threads' blocks that a thread may hold before it sends them home",
     .def = "64K",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(seg_params, remote),
     .max = (uint64_t)1 << 30},
    {.name = "populate",
     .help = "the most memory that a growing heap brings in ahead, by one call; 0: each page when it is touched",
     .def = "256K",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(seg_params, populate),
     .max = (uint64_t)1 << 30},
    {.name = "lend",
     .help = "where a thread has no more than this, a class takes blocks of larger ones before it takes another page",
     .def = "8M",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(seg_params, lend),
     .max = (uint64_t)1 << 46},
    {.name = "page",
     .help = "pages of a class grow up to this",
     .def = "64K",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(seg_params, page),
     .min = SEG_SLICE,
     .max = SEG_PAGE_SLICES * SEG_SLICE},
    {.name = "grow",
     .help = "a page may be this part of what its class has: 4 is a quarter",
     .def = "4",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(seg_params, grow),
     .min = 1,
     .max = 1024},
    {.name = "link",
     .help = "blocks that were never handed out are made ready so many at a time, but for those beyond the next 4 KiB",
     .def = "64",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(seg_params, link),
     .min = 1,
     .max = 256},
    {.name = "shelf",
     .help = "freed blocks of full pages that a class keeps together, at most 128K, before each goes back to its page",
     .def = "128",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(seg_params, shelf),
     .min = 1,
     .max = 256},
    {.name = NULL},
};

const hy_heap_ops hy_segregated_ops = {
    .name = "segregated",
    .summary = "size classes over pages, a set of pages for each thread",
    .source = "J. Bonwick, The Slab Allocator, USENIX 1994; D. Leijen et al., Mimalloc, APLAS 2019; "
              "P. Lietar et al., Snmalloc, ISMM 2019",
    .threads = HY_THREADS_SAFE,
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
    .thread_exit = seg_local_exit,
    .fork = seg_local_fork,
};
