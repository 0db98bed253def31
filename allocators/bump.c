/* SPDX-License-Identifier: MIT
 *
 * bump.c - the smallest allocator there is: a pointer that only moves forward.
 *
 *  1. A block is the next `size` bytes of the current chunk, rounded up to 16; there is no header.
 *  2. What does not fit opens a new chunk; a request larger than a chunk gets one of its own.
 *  3. free does nothing.  Nothing is used twice before reset.
 *  4. realloc of the last block moves the pointer; any other block is copied.
 *  5. A bitmap in front of each chunk remembers where blocks start (one bit for 16 bytes), for walk only.
 *
 * Source: the oldest idea in the field; "arena" in D. R. Hanson, Fast allocation and deallocation of memory based on
 * object lifetimes, Software: Practice and Experience 20(1), 1990.
 * Bad at: everything that lives long.  Memory grows with all that was ever asked for; usable_size walks the chunks.
 */
#include "chunk.h"

#include <errno.h>
#include <string.h>

typedef struct bump_params {
    size_t chunk;
} bump_params;

typedef struct bump_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    hy_chunk *chunks; /* by address */
    hy_chunk *current;
    size_t chunk_size;
    uint64_t grows;
} bump_heap;

static const hy_param bump_table[] = {
    {.name = "chunk",
     .help = "bytes of data pages to ask for at a time",
     .def = "1M",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(bump_params, chunk),
     .min = 4096,
     .max = (uint64_t)1 << 40},
    {.name = NULL},
};

static int bump_create(const hy_setup *setup, hy_heap **ret) {
    const bump_params *const params = setup->params;
    bump_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->data = setup->data;
    self->meta = setup->meta;
    self->chunk_size = hy_align_up(hy_pages_round(setup->data, params->chunk), HY_CHUNK_GRAIN);
    *ret = &self->heap;
    return 0;
}

static void bump_reset(hy_heap *heap) {
    bump_heap *const self = (bump_heap *)heap;
    while (self->chunks) {
        hy_chunk *const chunk = self->chunks;
        self->chunks = chunk->next;
        hy_pages_unmap(self->data, chunk, chunk->size);
    }
    self->current = NULL;
}

static void bump_destroy(hy_heap *heap) {
    bump_heap *const self = (bump_heap *)heap;
    bump_reset(heap);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

/* A block in a chunk of its own, or in the chunk that is current from now on. */
static void *bump_grow(bump_heap *self, size_t size, size_t align) {
    size_t need = 0, span = 0;
    if (!hy_chunk_plan(self->chunk_size, size, align, &need, &span))
        return NULL;
    const size_t bytes = hy_pages_round(self->data, need);
    void *const memory = hy_pages_map(self->data, bytes, hy_max(self->data->granule, HY_CHUNK_GRAIN));
    if (!memory)
        return NULL;
    hy_chunk *const chunk = hy_chunk_format(memory, bytes, span);
    hy_chunk_insert(&self->chunks, chunk);
    self->grows++;
    if (bytes == self->chunk_size || !self->current)
        self->current = chunk;
    return hy_chunk_push(chunk, size, align);
}

static void *bump_alloc(hy_heap *heap, size_t size, size_t align) {
    bump_heap *const self = (bump_heap *)heap;
    void *const block = self->current ? hy_chunk_push(self->current, size, align) : NULL;
    return block ? block : bump_grow(self, size, align);
}

static void bump_free(hy_heap *heap, void *block, size_t size) {
    (void)heap;
    (void)block;
    (void)size;
}

static size_t bump_usable_size(hy_heap *heap, const void *block) {
    const hy_chunk *const chunk = hy_chunk_find(((bump_heap *)heap)->chunks, block);
    return chunk ? hy_chunk_usable(chunk, block) : 0;
}

static void *bump_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    bump_heap *const self = (bump_heap *)heap;
    hy_chunk *const current = self->current;
    const size_t offset = (size_t)((const char *)block - (const char *)current);
    if (offset < current->size && hy_chunk_resize_last(current, block, new_size))
        return block;
    const size_t kept = old_size ? old_size : bump_usable_size(heap, block);
    if (new_size <= kept)
        return block;
    void *const moved = bump_alloc(heap, new_size, align);
    return moved ? memcpy(moved, block, kept) : NULL;
}

static int bump_walk(hy_heap *heap, hy_visit *visit, void *context) {
    int r = 0;
    for (const hy_chunk *chunk = ((bump_heap *)heap)->chunks; chunk && r == 0; chunk = chunk->next)
        r = hy_chunk_walk(chunk, visit, context);
    return r;
}

static const char *bump_check(hy_heap *heap) {
    bump_heap *const self = (bump_heap *)heap;
    const char *wrong = NULL;
    for (const hy_chunk *chunk = self->chunks; chunk && !wrong; chunk = chunk->next)
        wrong = hy_chunk_check(chunk);
    if (!wrong && self->current && hy_chunk_find(self->chunks, self->current) != self->current)
        return "the current chunk is not in the list";
    return wrong;
}

static void bump_stats(hy_heap *heap, hy_stats *ret) {
    ret->grows = ((bump_heap *)heap)->grows;
}

const hy_heap_ops hy_bump_ops = {
    .name = "bump",
    .summary = "a pointer that only moves forward: no header, no reuse",
    .source = "Hanson 1990, Fast allocation and deallocation of memory based on object lifetimes",
    .flags = HY_NO_REUSE,
    .threads = HY_THREADS_NONE,
    .max_align = HY_ANY,
    .max_size = HY_ANY,
    .params = bump_table,
    .params_size = sizeof(bump_params),
    .create = bump_create,
    .destroy = bump_destroy,
    .alloc = bump_alloc,
    .free = bump_free,
    .realloc = bump_realloc,
    .usable_size = bump_usable_size,
    .reset = bump_reset,
    .walk = bump_walk,
    .check = bump_check,
    .stats = bump_stats,
};
