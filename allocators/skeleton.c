/* SPDX-License-Identifier: MIT
 *
 * skeleton.c - the template: copy this file, rename skeleton to yours, add one line to allocators/meson.build.
 *
 * It is a small, complete allocator and is tested like all others.  Say here, in a few rules, what yours does:
 *
 *  1. A range is a power of two of bytes, with a 16-byte head at its start.  Each size has a list of free ranges.
 *  2. alloc takes the first range of its list, or cuts a new one off the current chunk.
 *  3. free puts the range in front of its list.  Ranges are never split or merged.
 *  4. What is larger than half a chunk has pages of its own, which go back at once when it is freed.
 *
 * Source: where the algorithm is from, and the bound that it promises.  Here: C. Kingsley's malloc of 4.2BSD, 1982.
 * Bad at: say it honestly.  Here: up to half of every range is wasted, and memory of one size never serves another.
 *
 * The rules for this folder: no malloc, no stdio, no pthread, no static state; all state lives in the instance.
 */
#include "support.h"

#include <errno.h>
#include <string.h>

#define SKELETON_SMALLEST 5u /* log2: 32 bytes, head included */
#define SKELETON_CLASSES 48u

/* Optional: what users may set, `skeleton:chunk=64K`. */
typedef struct skeleton_params {
    size_t chunk;
} skeleton_params;

/* At the start of each range; a copy lies in front of a block that an alignment moved further up.  So
 * `block - head_before(block)->offset` is always the start of the range. */
typedef struct skeleton_head {
    uint32_t size_class; /* log2 of the range's bytes */
    uint32_t live;
    uint64_t offset; /* from the range's start to the block */
} skeleton_head;

/* A free range: the head, then the link. */
typedef struct skeleton_free {
    skeleton_head head;
    struct skeleton_free *next;
} skeleton_free;

/* A reservation of pages, filled from the bottom up. */
typedef struct skeleton_chunk {
    _Alignas(16) struct skeleton_chunk *next; /* by address, as walk wants it */
    size_t size, top;                         /* bytes; offset of what is not cut yet */
} skeleton_chunk;

/* The instance starts with its hy_heap: the core fills in that part. */
typedef struct skeleton_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    size_t chunk_size;
    skeleton_chunk *chunks, *current;
    skeleton_free *lists[SKELETON_CLASSES];
    uint64_t live, live_bytes, grows;
} skeleton_heap;

static const hy_param skeleton_table[] = {
    {.name = "chunk",
     .help = "bytes of pages to ask for at a time",
     .def = "256K",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(skeleton_params, chunk),
     .min = 4096,
     .max = (uint64_t)1 << 40},
    {.name = NULL},
};

/* ------------------------------------------------------------------------------------------------------ ranges ---- */

static skeleton_head *skeleton_start(const void *block) {
    const skeleton_head *const before = (const skeleton_head *)block - 1;
    return (skeleton_head *)(void *)((uintptr_t)block - before->offset);
}

/* Takes pages for at least `size` bytes of ranges.  NULL: no room. */
static skeleton_chunk *skeleton_grow(skeleton_heap *self, size_t size) {
    const size_t bytes = hy_pages_round(self->data, sizeof(skeleton_chunk) + size);
    skeleton_chunk *const chunk = hy_pages_map(self->data, bytes, hy_max(self->data->granule, HY_MALLOC_ALIGN));
    if (!chunk)
        return NULL;
    skeleton_chunk **place = &self->chunks;
    while (*place && *place < chunk)
        place = &(*place)->next;
    *chunk = (skeleton_chunk){.next = *place, .size = bytes, .top = sizeof *chunk};
    *place = chunk;
    self->grows++;
    return chunk;
}

static void skeleton_release(skeleton_heap *self, skeleton_chunk *chunk) {
    skeleton_chunk **place = &self->chunks;
    while (*place != chunk)
        place = &(*place)->next;
    *place = chunk->next;
    hy_pages_unmap(self->data, chunk, chunk->size);
}

/* The next range of this size from a chunk. */
static skeleton_head *skeleton_cut(skeleton_chunk *chunk, uint32_t size_class) {
    skeleton_head *const head = (skeleton_head *)(void *)((char *)chunk + chunk->top);
    chunk->top += (size_t)1 << size_class;
    head->size_class = size_class;
    return head;
}

static bool skeleton_is_large(const skeleton_heap *self, uint32_t size_class) {
    return (size_t)1 << size_class > self->chunk_size / 2;
}

/* A range from fresh pages. */
static skeleton_head *skeleton_fresh(skeleton_heap *self, uint32_t size_class) {
    const size_t size = (size_t)1 << size_class;
    if (skeleton_is_large(self, size_class)) {
        skeleton_chunk *const own = skeleton_grow(self, size);
        return own ? skeleton_cut(own, size_class) : NULL;
    }
    if (!self->current || self->current->size - self->current->top < size) {
        skeleton_chunk *const chunk = skeleton_grow(self, self->chunk_size);
        if (!chunk)
            return NULL;
        self->current = chunk;
    }
    return skeleton_cut(self->current, size_class);
}

/* ---------------------------------------------------------------------------------------------------- required ---- */

/* Required.  Makes an instance from setup->meta; blocks come from setup->data.  Leaves nothing behind on failure. */
static int skeleton_create(const hy_setup *setup, hy_heap **ret) {
    const skeleton_params *const params = setup->params;
    skeleton_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->data = setup->data;
    self->meta = setup->meta;
    self->chunk_size = params->chunk;
    *ret = &self->heap;
    return 0;
}

/* Optional.  Frees every block at once. */
static void skeleton_reset(hy_heap *heap) {
    skeleton_heap *const self = (skeleton_heap *)heap;
    while (self->chunks)
        skeleton_release(self, self->chunks);
    memset(self->lists, 0, sizeof self->lists);
    self->current = NULL;
    self->live = self->live_bytes = 0;
}

/* Required.  Gives all memory back, live blocks included. */
static void skeleton_destroy(hy_heap *heap) {
    skeleton_heap *const self = (skeleton_heap *)heap;
    skeleton_reset(heap);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

static size_t skeleton_usable(const skeleton_head *head) {
    return ((size_t)1 << head->size_class) - head->offset;
}

/* Required.  The core saw to it that size > 0 and that align is a power of two.  NULL: no room, nothing changed. */
static void *skeleton_alloc(hy_heap *heap, size_t size, size_t align) {
    skeleton_heap *const self = (skeleton_heap *)heap;
    const size_t most = (size_t)1 << (SKELETON_CLASSES - 2);
    if (size > most || align > most / 2)
        return NULL;
    const size_t need = size + sizeof(skeleton_head) + (align > HY_MALLOC_ALIGN ? align : 0);
    const uint32_t size_class = hy_log2_ceil(need) < SKELETON_SMALLEST ? SKELETON_SMALLEST : hy_log2_ceil(need);
    skeleton_free *const reused = self->lists[size_class];
    skeleton_head *const head = reused ? &reused->head : skeleton_fresh(self, size_class);
    if (!head)
        return NULL;
    if (reused)
        self->lists[size_class] = reused->next;
    const uintptr_t block = hy_align_up((uintptr_t)(head + 1), hy_max(align, HY_MALLOC_ALIGN));
    head->offset = block - (uintptr_t)head;
    head->live = 1;
    ((skeleton_head *)block)[-1].offset = head->offset;
    self->live++;
    self->live_bytes += skeleton_usable(head);
    return (void *)block;
}

/* Required.  `size` is what was asked for, or 0 where the caller does not know it. */
static void skeleton_free_block(hy_heap *heap, void *block, size_t size) {
    skeleton_heap *const self = (skeleton_heap *)heap;
    skeleton_head *const head = skeleton_start(block);
    (void)size;
    self->live--;
    self->live_bytes -= skeleton_usable(head);
    if (skeleton_is_large(self, head->size_class)) {
        skeleton_release(self, (skeleton_chunk *)(void *)head - 1);
        return;
    }
    skeleton_free *const freed = (skeleton_free *)(void *)head;
    head->live = 0;
    freed->next = self->lists[head->size_class];
    self->lists[head->size_class] = freed;
}

/* ---------------------------------------------------------------------------------------------------- optional ---- */

/* Optional.  With it, and with any alignment, the allocator can be preloaded into programs. */
static size_t skeleton_usable_size(hy_heap *heap, const void *block) {
    (void)heap;
    return skeleton_usable(skeleton_start(block));
}

/* Optional: the core would allocate, copy and free.  Worth having where blocks can stay in place. */
static void *skeleton_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    const size_t usable = skeleton_usable(skeleton_start(block));
    if (new_size <= usable && (new_size >= usable / 4 || usable <= 64))
        return block;
    void *const moved = skeleton_alloc(heap, new_size, align);
    if (!moved)
        return NULL;
    memcpy(moved, block, hy_min(usable, new_size));
    skeleton_free_block(heap, block, old_size);
    return moved;
}

static int skeleton_walk_chunk(const skeleton_chunk *chunk, hy_visit *visit, void *context) {
    const uintptr_t start = (uintptr_t)chunk;
    const hy_range own = {.start = start, .size = sizeof *chunk, .kind = HY_META};
    int r = visit(context, &own);
    for (size_t at = sizeof *chunk; r == 0 && at < chunk->top;) {
        const skeleton_head *const head = (const skeleton_head *)(start + at);
        const size_t size = (size_t)1 << head->size_class;
        const size_t offset = head->live ? head->offset : sizeof *head;
        const hy_range range = {start + at, size, start + at + offset, size - offset, head->live ? HY_USED : HY_FREE};
        r = visit(context, &range);
        at += size;
    }
    const size_t left = chunk->size - chunk->top;
    const hy_range rest = {.start = start + chunk->top, .size = left, .kind = HY_FREE};
    return r != 0 || left == 0 ? r : visit(context, &rest);
}

/* Optional, and worth it: fragmentation, maps and logs come from here.  Every range, in address order. */
static int skeleton_walk(hy_heap *heap, hy_visit *visit, void *context) {
    int r = 0;
    for (const skeleton_chunk *c = ((skeleton_heap *)heap)->chunks; c && r == 0; c = c->next)
        r = skeleton_walk_chunk(c, visit, context);
    return r;
}

/* Optional, and worth it: the first broken invariant, or NULL.  Tests call it after every operation. */
static const char *skeleton_check(hy_heap *heap) {
    const skeleton_heap *const self = (const skeleton_heap *)heap;
    for (const skeleton_chunk *c = self->chunks; c; c = c->next)
        if (c->top > c->size || (c->next && c->next <= c))
            return "a chunk's header is damaged";
    for (uint32_t i = 0; i < SKELETON_CLASSES; i++)
        for (const skeleton_free *range = self->lists[i]; range; range = range->next)
            if (range->head.live || range->head.size_class != i)
                return "a free list holds a range that is in use or of another size";
    return NULL;
}

/* Optional.  The counters that are kept; the others stay as they are. */
static void skeleton_stats(hy_heap *heap, hy_stats *ret) {
    const skeleton_heap *const self = (const skeleton_heap *)heap;
    ret->grows = self->grows;
    ret->live_blocks = self->live;
    ret->live_bytes = self->live_bytes;
}

/* Required: the data sheet.  Members that are left out are NULL: not supported, or built by the core. */
const hy_heap_ops hy_skeleton_ops = {
    .name = "skeleton",
    .summary = "the template for new allocators: powers of two with free lists",
    .source = "Kingsley 1982, malloc of 4.2BSD",
    .flags = 0,                 /* general purpose: any size, any order of frees */
    .threads = HY_THREADS_NONE, /* the core adds the lock layer where there are several */
    .max_align = HY_ANY,
    .max_size = HY_ANY,
    .params = skeleton_table,
    .params_size = sizeof(skeleton_params),
    .create = skeleton_create,
    .destroy = skeleton_destroy,
    .alloc = skeleton_alloc,
    .free = skeleton_free_block,
    .realloc = skeleton_realloc,
    .usable_size = skeleton_usable_size,
    .reset = skeleton_reset,
    .walk = skeleton_walk,
    .check = skeleton_check,
    .stats = skeleton_stats,
};
