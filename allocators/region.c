/* SPDX-License-Identifier: MIT
 *
 * region.c - everything together, and everything gone together.
 *
 *  1. A block is the next bytes of the newest chunk; there is no header.  What does not fit opens a new chunk.
 *  2. A single free only counts.  When no block lives any more, the region resets itself.
 *  3. mark remembers a position; rewind frees all that was allocated since.  reset frees everything and keeps one
 *     chunk.
 *  4. In front of another heap (`region+fit`) chunks are that heap's blocks: regions nest, and destroy gives all back.
 *  5. A bitmap in front of each chunk remembers where blocks start (one bit for 16 bytes), for walk only.
 *
 * After a rewind, blocks below the mark that were freed singly count as living again until the next reset: the region
 * does not know which they were, and must not reset under a block that lives.
 *
 * Source: D. T. Ross, The AED free storage package, CACM 10(8), 1967 (zones); M. Tofte, J.-P. Talpin, Region-based
 * memory management, Information and Computation 132(2), 1997.
 * Bad at: a few long-lived blocks among many short-lived ones - they hold the whole region.
 */
#include "chunk.h"

#include <errno.h>
#include <string.h>

typedef struct region_params {
    size_t chunk;
} region_params;

typedef struct region_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    hy_heap *inner;
    hy_chunk *chunks; /* by address */
    hy_chunk *newest;
    size_t chunk_size;
    uint64_t live;  /* blocks */
    uint64_t grows; /* chunks ever taken */
} region_heap;

static const hy_param region_table[] = {
    {.name = "chunk",
     .help = "bytes to ask for at a time",
     .def = "256K",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(region_params, chunk),
     .min = 1024,
     .max = (uint64_t)1 << 40},
    {.name = NULL},
};

/* ------------------------------------------------------------------------------------------------------ chunks ---- */

static void *region_take(region_heap *self, size_t size) {
    if (!self->inner)
        return hy_pages_map(self->data, size, hy_max(self->data->granule, HY_CHUNK_GRAIN));
    return size > self->inner->max_size ? NULL : self->inner->ops->alloc(self->inner, size, HY_CHUNK_GRAIN);
}

static void region_drop_newest(region_heap *self) {
    hy_chunk *const chunk = self->newest;
    self->newest = chunk->older;
    hy_chunk_remove(&self->chunks, chunk);
    if (self->inner)
        self->inner->ops->free(self->inner, chunk, chunk->size);
    else
        hy_pages_unmap(self->data, chunk, chunk->size);
}

static void *region_grow(region_heap *self, size_t size, size_t align) {
    size_t need = 0, span = 0;
    if (!hy_chunk_plan(self->chunk_size, size, align, &need, &span))
        return NULL;
    const size_t bytes = self->inner ? need : hy_pages_round(self->data, need);
    void *const memory = region_take(self, bytes);
    if (!memory)
        return NULL;
    hy_chunk *const chunk = hy_chunk_format(memory, bytes, span);
    hy_chunk_insert(&self->chunks, chunk);
    chunk->older = self->newest;
    self->newest = chunk;
    self->grows++;
    return hy_chunk_push(chunk, size, align);
}

/* ------------------------------------------------------------------------------------------------------ blocks ---- */

static int region_create(const hy_setup *setup, hy_heap **ret) {
    const region_params *const params = setup->params;
    const size_t chunk_size = hy_align_up(params->chunk, HY_CHUNK_GRAIN);
    const size_t around = hy_chunk_overhead(chunk_size) + HY_CHUNK_GRAIN;
    const hy_heap *const inner = setup->inner;
    if (inner && (inner->ops->max_align < HY_CHUNK_GRAIN || inner->max_size < chunk_size))
        return hy_refuse(setup, -EINVAL, "the heap behind it must align to 16 and serve blocks of `chunk` bytes");
    region_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->data = setup->data;
    self->meta = setup->meta;
    self->inner = setup->inner;
    self->chunk_size = chunk_size;
    self->heap.max_size = inner ? inner->max_size - around : 0;
    *ret = &self->heap;
    return 0;
}

static void region_destroy(hy_heap *heap) {
    region_heap *const self = (region_heap *)heap;
    while (self->newest)
        region_drop_newest(self);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

static void region_reset(hy_heap *heap) {
    region_heap *const self = (region_heap *)heap;
    while (self->newest && self->newest->older)
        region_drop_newest(self);
    if (self->newest)
        hy_chunk_pop(self->newest, self->newest->first);
    self->live = 0;
}

/* Gives back the chunk that reset keeps.  A heap behind may keep it for itself, so the page source is asked. */
static size_t region_trim(hy_heap *heap) {
    region_heap *const self = (region_heap *)heap;
    const size_t before = self->data->committed;
    while (self->newest && self->newest->top == self->newest->first)
        region_drop_newest(self);
    if (self->inner && self->inner->ops->trim)
        self->inner->ops->trim(self->inner);
    return before - self->data->committed;
}

static void *region_alloc(hy_heap *heap, size_t size, size_t align) {
    region_heap *const self = (region_heap *)heap;
    void *block = self->newest ? hy_chunk_push(self->newest, size, align) : NULL;
    if (!block)
        block = region_grow(self, size, align);
    self->live += block != NULL;
    return block;
}

static void region_free(hy_heap *heap, void *block, size_t size) {
    region_heap *const self = (region_heap *)heap;
    (void)block;
    (void)size;
    if (self->live > 0 && --self->live == 0)
        region_reset(heap);
}

static size_t region_usable_size(hy_heap *heap, const void *block) {
    const hy_chunk *const chunk = hy_chunk_find(((region_heap *)heap)->chunks, block);
    return chunk ? hy_chunk_usable(chunk, block) : 0;
}

static void *region_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    region_heap *const self = (region_heap *)heap;
    const size_t offset = (size_t)((const char *)block - (const char *)self->newest);
    if (offset < self->newest->size && hy_chunk_resize_last(self->newest, block, new_size))
        return block;
    const size_t kept = old_size ? old_size : region_usable_size(heap, block);
    if (new_size <= kept)
        return block;
    void *const moved = region_alloc(heap, new_size, align);
    if (!moved)
        return NULL;
    memcpy(moved, block, kept);
    self->live--; /* the old one is dead; the new one lives, so nothing is reset */
    return moved;
}

/* ------------------------------------------------------------------------------------------------------- marks ---- */

/* A mark is the address behind the last block.  No chunk yet: the heap itself, which lies in no chunk. */
static void *region_mark(hy_heap *heap) {
    const region_heap *const self = (const region_heap *)heap;
    return self->newest ? (char *)self->newest + self->newest->top : (void *)heap;
}

static bool region_holds(const hy_chunk *chunk, const void *mark) {
    const uintptr_t offset = (uintptr_t)mark - (uintptr_t)chunk;
    return offset >= chunk->first && offset <= chunk->top;
}

/* A mark that was rewound past, or that a reset took away, is not found: then nothing happens. */
static bool region_knows(const region_heap *self, const void *mark) {
    for (const hy_chunk *chunk = self->newest; chunk; chunk = chunk->older)
        if (region_holds(chunk, mark))
            return true;
    return false;
}

static uint64_t region_count(const region_heap *self) {
    uint64_t blocks = 0;
    for (const hy_chunk *chunk = self->chunks; chunk; chunk = chunk->next)
        for (size_t at = hy_chunk_block(chunk, chunk->first); at < chunk->top; blocks++)
            at = hy_chunk_block(chunk, at + HY_CHUNK_GRAIN);
    return blocks;
}

static void region_rewind(hy_heap *heap, void *mark) {
    region_heap *const self = (region_heap *)heap;
    if (mark == heap)
        region_reset(heap);
    if (!region_knows(self, mark))
        return;
    while (!region_holds(self->newest, mark))
        region_drop_newest(self);
    hy_chunk_pop(self->newest, (size_t)((char *)mark - (char *)self->newest));
    self->live = region_count(self);
}

/* -------------------------------------------------------------------------------------------------- inspection ---- */

static int region_walk(hy_heap *heap, hy_visit *visit, void *context) {
    int r = 0;
    for (const hy_chunk *chunk = ((region_heap *)heap)->chunks; chunk && r == 0; chunk = chunk->next)
        r = hy_chunk_walk(chunk, visit, context);
    return r;
}

static const char *region_check(hy_heap *heap) {
    const region_heap *const self = (const region_heap *)heap;
    size_t by_address = 0, by_age = 0;
    for (const hy_chunk *chunk = self->chunks; chunk; chunk = chunk->next, by_address++) {
        const char *const wrong = hy_chunk_check(chunk);
        if (wrong)
            return wrong;
    }
    for (const hy_chunk *chunk = self->newest; chunk && by_age <= by_address; chunk = chunk->older)
        by_age++;
    if (by_address != by_age)
        return "the chunks by address and by age are not the same";
    return self->live > region_count(self) ? "more blocks live than there are" : NULL;
}

static void region_stats(hy_heap *heap, hy_stats *ret) {
    const region_heap *const self = (const region_heap *)heap;
    ret->grows = self->grows;
    ret->live_blocks = self->live;
}

const hy_heap_ops hy_region_ops = {
    .name = "region",
    .summary = "frees everything together; marks, reset, nests in another heap",
    .source = "Ross 1967, The AED free storage package; Tofte and Talpin 1997, Region-based memory management",
    .flags = HY_REGIONS,
    .threads = HY_THREADS_NONE,
    .max_align = HY_ANY,
    .max_size = HY_ANY,
    .params = region_table,
    .params_size = sizeof(region_params),
    .create = region_create,
    .destroy = region_destroy,
    .alloc = region_alloc,
    .free = region_free,
    .realloc = region_realloc,
    .usable_size = region_usable_size,
    .reset = region_reset,
    .trim = region_trim,
    .walk = region_walk,
    .check = region_check,
    .stats = region_stats,
    .mark = region_mark,
    .rewind = region_rewind,
};
