/* SPDX-License-Identifier: MIT
 *
 * simple.c - the classic teaching heap: ranges side by side, an 8-byte header in front of each.
 *
 *  1. The storage is cut into ranges without gaps.  A header's bit 63 says allocated, its other bits the range's size,
 *     header included.
 *  2. alloc walks from the start and takes the first free range that is large enough.
 *  3. The rest of that range becomes a free range of its own, however small.
 *  4. free clears bit 63 and does nothing else: neighbouring free ranges never become one.
 *
 * With grain=1 (the default) ranges have any size and headers stand at any address; blocks are not aligned.  With
 * grain=16 sizes are rounded up so that every block is 16-byte aligned.
 *
 * A rest of 1 to 7 bytes has no room for its own header.  The original writes it all the same, across the header of
 * the range behind it, and so destroys its heap: `sliver=split` does exactly that.  `sliver=whole` (the default) leaves
 * such a rest with the block.
 *
 * Source: Arm Learning Paths, "Write a dynamic memory allocator", 2023 (simple_malloc).
 * Bad at: nearly everything.  Both alloc's time and fragmentation grow with the number of ranges, without bound.
 */
#include "support.h"

#include <errno.h>
#include <string.h>

#define SIMPLE_HEADER ((size_t)8)
#define SIMPLE_ALLOCATED ((uint64_t)1 << 63)

typedef struct simple_params {
    size_t storage;
    uint32_t grain;
    uint32_t sliver;
} simple_params;

enum { SIMPLE_GRAIN_1, SIMPLE_GRAIN_16 };
enum { SIMPLE_SLIVER_WHOLE, SIMPLE_SLIVER_SPLIT };

typedef struct simple_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    char *pages;
    size_t pages_size;
    char *storage; /* the first header */
    size_t size;
    size_t grain;
    bool split_slivers;
    uint64_t searches, steps, splits;
} simple_heap;

static const hy_param simple_table[] = {
    {.name = "storage",
     .help = "bytes in all; there will never be more",
     .def = "64M",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(simple_params, storage),
     .min = 32,
     .max = (uint64_t)1 << 40},
    {.name = "grain",
     .help = "sizes are rounded up to this",
     .def = "1",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(simple_params, grain),
     .choices = (const char *const[]){"1", "16", NULL}},
    {.name = "sliver",
     .help = "a rest too small for a header: goes with the block, or is split off as in the original",
     .def = "whole",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(simple_params, sliver),
     .choices = (const char *const[]){"whole", "split", NULL}},
    {.name = NULL},
};

/* ------------------------------------------------------------------------------------------------------ ranges ---- */

/* Headers may stand at odd addresses, and the last one may be cut off by the end of the storage (sliver=split). */
static uint64_t simple_header(const simple_heap *self, size_t at) {
    uint64_t header = 0;
    memcpy(&header, self->storage + at, hy_min(SIMPLE_HEADER, self->size - at));
    return header;
}

static void simple_set_header(simple_heap *self, size_t at, uint64_t header) {
    memcpy(self->storage + at, &header, hy_min(SIMPLE_HEADER, self->size - at));
}

static size_t simple_size(uint64_t header) {
    return (size_t)(header & ~SIMPLE_ALLOCATED);
}

/* The offset of the first free range of at least `need` bytes, or the storage's size. */
static size_t simple_find(simple_heap *self, size_t need) {
    size_t at = 0;
    self->searches++;
    while (at < self->size) {
        const uint64_t header = simple_header(self, at);
        self->steps++;
        if (!(header & SIMPLE_ALLOCATED) && header >= need && need <= self->size - at)
            return at; /* whatever size a damaged header says: it is believed, as in the original */
        if (simple_size(header) == 0 || simple_size(header) > self->size - at)
            return self->size; /* but the walk cannot go on from there */
        at += simple_size(header);
    }
    return at;
}

/* Allocates `need` bytes of the free range at `at`; what is left becomes a free range behind it. */
static void simple_split(simple_heap *self, size_t at, size_t need) {
    const size_t whole = simple_size(simple_header(self, at));
    const size_t rest = whole - need;
    if (rest == 0 || (rest < SIMPLE_HEADER && !self->split_slivers)) {
        simple_set_header(self, at, whole | SIMPLE_ALLOCATED);
        return;
    }
    simple_set_header(self, at, need | SIMPLE_ALLOCATED);
    simple_set_header(self, at + need, rest);
    self->splits++;
}

/* -------------------------------------------------------------------------------------------------------- heap ---- */

static void simple_reset(hy_heap *heap) {
    simple_heap *const self = (simple_heap *)heap;
    simple_set_header(self, 0, self->size);
}

static int simple_create(const hy_setup *setup, hy_heap **ret) {
    const simple_params *const params = setup->params;
    simple_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->data = setup->data;
    self->meta = setup->meta;
    self->grain = params->grain == SIMPLE_GRAIN_16 ? 16 : 1;
    self->split_slivers = params->sliver == SIMPLE_SLIVER_SPLIT;
    self->pages_size = hy_pages_round(setup->data, params->storage);
    self->pages = hy_pages_map(setup->data, self->pages_size, hy_max(setup->data->granule, self->grain));
    if (!self->pages) {
        hy_instance_unmap(setup->meta, self, sizeof *self);
        return -ENOMEM;
    }
    const size_t skipped = self->grain == 1 ? 0 : self->grain - SIMPLE_HEADER; /* so that blocks are aligned */
    self->storage = self->pages + skipped;
    self->size = hy_align_down(params->storage - skipped, self->grain);
    self->heap.max_size = self->size - SIMPLE_HEADER;
    self->heap.max_align = self->grain;
    simple_reset(&self->heap);
    *ret = &self->heap;
    return 0;
}

static void simple_destroy(hy_heap *heap) {
    simple_heap *const self = (simple_heap *)heap;
    hy_pages_unmap(self->data, self->pages, self->pages_size);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

static void *simple_alloc(hy_heap *heap, size_t size, size_t align) {
    simple_heap *const self = (simple_heap *)heap;
    (void)align; /* at most the grain */
    const size_t need = hy_align_up(size + SIMPLE_HEADER, self->grain);
    const size_t at = simple_find(self, need);
    if (at >= self->size)
        return NULL;
    simple_split(self, at, need);
    return self->storage + at + SIMPLE_HEADER;
}

static size_t simple_offset(const simple_heap *self, const void *block) {
    return (size_t)((const char *)block - self->storage) - SIMPLE_HEADER;
}

static void simple_free(hy_heap *heap, void *block, size_t size) {
    simple_heap *const self = (simple_heap *)heap;
    const size_t at = simple_offset(self, block);
    (void)size;
    simple_set_header(self, at, simple_header(self, at) & ~SIMPLE_ALLOCATED);
}

static size_t simple_usable_size(hy_heap *heap, const void *block) {
    const simple_heap *const self = (const simple_heap *)heap;
    return simple_size(simple_header(self, simple_offset(self, block))) - SIMPLE_HEADER;
}

static int simple_walk(hy_heap *heap, hy_visit *visit, void *context) {
    const simple_heap *const self = (const simple_heap *)heap;
    int r = 0;
    for (size_t at = 0, size = 0; at < self->size && r == 0; at += size) {
        const uint64_t header = simple_header(self, at);
        size = simple_size(header);
        if (size == 0 || size > self->size - at)
            return r;
        const uintptr_t start = (uintptr_t)self->storage + at;
        const size_t usable = size > SIMPLE_HEADER ? size - SIMPLE_HEADER : 0;
        const hy_range range = {start, size, start + SIMPLE_HEADER, usable,
                                header & SIMPLE_ALLOCATED ? HY_USED : HY_FREE};
        r = visit(context, &range);
    }
    return r;
}

static const char *simple_check(hy_heap *heap) {
    const simple_heap *const self = (const simple_heap *)heap;
    for (size_t at = 0, size = 0; at < self->size; at += size) {
        const uint64_t header = simple_header(self, at);
        size = simple_size(header);
        if (size == 0)
            return "a header says that its range has no bytes";
        if (size > self->size - at)
            return "a range reaches behind the end of the storage";
        if (size < SIMPLE_HEADER)
            return "a range is smaller than its header";
        if (header & SIMPLE_ALLOCATED && size == SIMPLE_HEADER)
            return "a block has no bytes";
    }
    return NULL;
}

static void simple_stats(hy_heap *heap, hy_stats *ret) {
    const simple_heap *const self = (const simple_heap *)heap;
    ret->searches = self->searches;
    ret->search_steps = self->steps;
    ret->splits = self->splits;
    ret->merges = 0;
}

const hy_heap_ops hy_simple_ops = {
    .name = "simple",
    .summary = "the classic teaching heap: first fit by walking, never merges",
    .source = "Arm Learning Paths 2023, Write a dynamic memory allocator",
    .flags = 0,
    .threads = HY_THREADS_NONE,
    .max_align = 1,
    .max_size = HY_ANY,
    .params = simple_table,
    .params_size = sizeof(simple_params),
    .create = simple_create,
    .destroy = simple_destroy,
    .alloc = simple_alloc,
    .free = simple_free,
    .usable_size = simple_usable_size,
    .reset = simple_reset,
    .walk = simple_walk,
    .check = simple_check,
    .stats = simple_stats,
};
