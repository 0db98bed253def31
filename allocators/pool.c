/* SPDX-License-Identifier: MIT
 *
 * pool.c - blocks of one size, side by side in one array.
 *
 *  1. The array's free slots form a list through their own first four bytes (the next free slot's index): no header.
 *  2. alloc takes the first free slot, free puts the slot in front: a fixed number of steps, whatever the state.
 *  3. With a capacity, all memory is committed and linked when the heap is made: memory use never changes, and the
 *     request after the last slot gets NULL.
 *  4. With capacity=0 the array grows in place, `step` slots at a time, as far as `reserve` bytes.
 *  5. A bitmap out of band says which slots live: a second free of a slot is ignored, and check tells.
 *
 * Slots are `size` bytes rounded up to `align`.  A request for a larger alignment than that gets NULL.
 *
 * Source: B. Kenwright, Fast efficient fixed-size memory pool, Computation Tools 2012.
 * Bad at: a menu of 3 that was given room for 256, and everything that is not of one size.
 */
#include "support.h"

#include <errno.h>
#include <string.h>

#define POOL_NONE UINT32_MAX

typedef struct pool_params {
    size_t size;
    size_t align;
    uint64_t capacity;
    uint64_t step;
    size_t reserve;
} pool_params;

typedef struct pool_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    char *slots;
    uint64_t *live_map;                 /* a bit for each slot that there can ever be */
    size_t stride;                      /* bytes from slot to slot */
    size_t limit;                       /* slots that there can ever be */
    size_t step;                        /* slots to grow by */
    size_t count;                       /* slots now */
    size_t live;                        /* slots in use */
    uint32_t first_free;                /* or POOL_NONE */
    size_t reserved, committed;         /* bytes of the array  */
    size_t map_reserved, map_committed; /* bytes of the bitmap */
    uint64_t misuse, grows;
} pool_heap;

static const hy_param pool_table[] = {
    {.name = "size",
     .help = "bytes of a block",
     .def = "64",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(pool_params, size),
     .min = 4,
     .max = 1 << 30},
    {.name = "align",
     .help = "blocks stand at multiples of this: 1, 2, 4, 8 or 16",
     .def = "16",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(pool_params, align),
     .min = 1,
     .max = 16},
    {.name = "capacity",
     .help = "blocks; 0: as many as needed",
     .def = "256",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(pool_params, capacity),
     .min = 0,
     .max = POOL_NONE - 1},
    {.name = "step",
     .help = "with capacity=0: blocks to grow by",
     .def = "256",
     .type = HY_PARAM_COUNT,
     .offset = offsetof(pool_params, step),
     .min = 1,
     .max = 1 << 24},
    {.name = "reserve",
     .help = "with capacity=0: address space to grow into",
     .def = "4G",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(pool_params, reserve),
     .min = 64,
     .max = (uint64_t)1 << 40},
    {.name = NULL},
};

/* ------------------------------------------------------------------------------------------------------- slots ---- */

static char *pool_slot(const pool_heap *self, uint32_t index) {
    return self->slots + index * self->stride;
}

static uint32_t pool_next(const pool_heap *self, uint32_t index) {
    uint32_t next = 0;
    memcpy(&next, pool_slot(self, index), sizeof next);
    return next;
}

static void pool_push(pool_heap *self, uint32_t index) {
    memcpy(pool_slot(self, index), &self->first_free, sizeof self->first_free);
    self->first_free = index;
}

/* Puts slots [from, to) in front of the free list, the lowest first. */
static void pool_link(pool_heap *self, size_t from, size_t to) {
    for (size_t i = to; i-- > from;)
        pool_push(self, (uint32_t)i);
}

/* Commits a reservation up to `end`, and counts.  False: no room. */
static bool pool_commit(hy_pages *pages, void *start, size_t end, size_t *committed) {
    end = hy_pages_round(pages, end);
    if (end <= *committed)
        return true;
    if (pages->ops->commit(pages, (char *)start + *committed, end - *committed) < 0)
        return false;
    if (!pages->zeroed)
        memset((char *)start + *committed, 0, end - *committed);
    *committed = end;
    return true;
}

/* Commits and links `more` slots, or as many as there can still be.  False: no room. */
static bool pool_grow(pool_heap *self, size_t more) {
    const size_t count = hy_min(self->count + more, self->limit);
    const size_t map_bytes = hy_bitmap_words(count) * sizeof(uint64_t);
    if (count == self->count || !pool_commit(self->meta, self->live_map, map_bytes, &self->map_committed) ||
        !pool_commit(self->data, self->slots, count * self->stride, &self->committed))
        return false;
    pool_link(self, self->count, count);
    self->count = count;
    self->grows++;
    return true;
}

/* The index of the slot that starts at `address`; count: none does. */
static size_t pool_index(const pool_heap *self, const void *address) {
    const size_t offset = (size_t)((const char *)address - self->slots);
    const size_t index = offset / self->stride;
    return index < self->count && index * self->stride == offset ? index : self->count;
}

/* -------------------------------------------------------------------------------------------------------- heap ---- */

static void pool_unmap(pool_heap *self) {
    if (self->slots)
        self->data->ops->release(self->data, self->slots, self->reserved, self->committed);
    if (self->live_map)
        self->meta->ops->release(self->meta, self->live_map, self->map_reserved, self->map_committed);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

/* Reserves the array and the bitmap. */
static bool pool_map(pool_heap *self, const pool_params *params) {
    const size_t align = hy_max(self->data->granule, HY_MALLOC_ALIGN);
    const size_t wanted = params->capacity ? hy_pages_round(self->data, params->capacity * self->stride)
                                           : hy_pages_at_most(self->data, params->reserve, HY_MALLOC_ALIGN);
    self->reserved = wanted;
    self->limit = params->capacity ? params->capacity : hy_min(wanted / self->stride, POOL_NONE - 1);
    if (self->limit == 0)
        return false;
    self->slots = self->data->ops->reserve(self->data, wanted, align);
    self->map_reserved = hy_pages_round(self->meta, hy_bitmap_words(self->limit) * sizeof(uint64_t));
    self->live_map = !self->slots ? NULL
                                  : self->meta->ops->reserve(self->meta, self->map_reserved,
                                                             hy_max(self->meta->granule, sizeof(uint64_t)));
    return self->live_map != NULL;
}

static int pool_create(const hy_setup *setup, hy_heap **ret) {
    const pool_params *const params = setup->params;
    if (!hy_is_pow2(params->align))
        return hy_refuse(setup, -EINVAL, "align is a power of two");
    pool_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->data = setup->data;
    self->meta = setup->meta;
    self->stride = hy_align_up(params->size, params->align);
    self->step = params->step;
    self->first_free = POOL_NONE;
    self->heap.max_size = self->stride;
    if (!pool_map(self, params) || !pool_grow(self, params->capacity ? params->capacity : params->step)) {
        pool_unmap(self);
        return -ENOMEM;
    }
    self->heap.max_align = params->align;
    *ret = &self->heap;
    return 0;
}

static void pool_destroy(hy_heap *heap) {
    pool_unmap((pool_heap *)heap);
}

static void *pool_alloc(hy_heap *heap, size_t size, size_t align) {
    pool_heap *const self = (pool_heap *)heap;
    (void)size;  /* at most max_size */
    (void)align; /* at most max_align */
    if (self->first_free == POOL_NONE && !pool_grow(self, self->step))
        return NULL;
    const uint32_t index = self->first_free;
    self->first_free = pool_next(self, index);
    hy_bit_set(self->live_map, index);
    self->live++;
    return pool_slot(self, index);
}

static bool pool_owns(hy_heap *heap, const void *address) {
    const pool_heap *const self = (const pool_heap *)heap;
    const size_t index = pool_index(self, address);
    return index < self->count && hy_bit_get(self->live_map, index);
}

static void pool_free(hy_heap *heap, void *block, size_t size) {
    pool_heap *const self = (pool_heap *)heap;
    (void)size;
    if (!pool_owns(heap, block)) {
        self->misuse++;
        return;
    }
    const size_t index = pool_index(self, block);
    hy_bit_clear(self->live_map, index);
    pool_push(self, (uint32_t)index);
    self->live--;
}

/* max_size saw to it that the new size fits the slot. */
static void *pool_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    (void)heap;
    (void)old_size;
    (void)align;
    (void)new_size;
    return block;
}

static size_t pool_usable_size(hy_heap *heap, const void *block) {
    (void)block;
    return ((const pool_heap *)heap)->stride;
}

static void pool_reset(hy_heap *heap) {
    pool_heap *const self = (pool_heap *)heap;
    memset(self->live_map, 0, hy_bitmap_words(self->count) * sizeof(uint64_t));
    self->first_free = POOL_NONE;
    self->live = 0;
    self->misuse = 0;
    pool_link(self, 0, self->count);
}

/* -------------------------------------------------------------------------------------------------- inspection ---- */

static int pool_walk(hy_heap *heap, hy_visit *visit, void *context) {
    const pool_heap *const self = (const pool_heap *)heap;
    int r = 0;
    for (uint32_t i = 0; i < self->count && r == 0; i++) {
        const uintptr_t start = (uintptr_t)pool_slot(self, i);
        const hy_range range = {start, self->stride, start, self->stride,
                                hy_bit_get(self->live_map, i) ? HY_USED : HY_FREE};
        r = visit(context, &range);
    }
    const size_t left = self->committed - self->count * self->stride;
    const hy_range rest = {.start = (uintptr_t)self->slots + self->count * self->stride, .size = left, .kind = HY_META};
    return r != 0 || left == 0 ? r : visit(context, &rest);
}

static const char *pool_check(hy_heap *heap) {
    const pool_heap *const self = (const pool_heap *)heap;
    size_t listed = 0, live = 0;
    for (uint32_t i = self->first_free; i != POOL_NONE; i = pool_next(self, i), listed++) {
        if (i >= self->count)
            return "the free list leads out of the array";
        if (listed >= self->count)
            return "the free list goes round in a circle";
        if (hy_bit_get(self->live_map, i))
            return "a slot in use is in the free list";
    }
    for (size_t i = hy_bit_next(self->live_map, self->count, 0); i < self->count; live++)
        i = hy_bit_next(self->live_map, self->count, i + 1);
    if (live != self->live || live + listed != self->count)
        return "a slot is lost: neither in use nor free";
    return self->misuse ? "a block was freed that was not live" : NULL;
}

static void pool_stats(hy_heap *heap, hy_stats *ret) {
    const pool_heap *const self = (const pool_heap *)heap;
    ret->live_blocks = self->live;
    ret->live_bytes = self->live * self->stride;
    ret->holes = self->count - self->live;
    ret->grows = self->grows;
}

const hy_heap_ops hy_pool_ops = {
    .name = "pool",
    .summary = "blocks of one size in one array, a free list through the slots",
    .source = "Kenwright 2012, Fast efficient fixed-size memory pool",
    .flags = HY_FIXED_SIZE,
    .threads = HY_THREADS_NONE,
    .max_align = HY_MALLOC_ALIGN,
    .max_size = HY_ANY,
    .params = pool_table,
    .params_size = sizeof(pool_params),
    .create = pool_create,
    .destroy = pool_destroy,
    .alloc = pool_alloc,
    .free = pool_free,
    .realloc = pool_realloc,
    .usable_size = pool_usable_size,
    .owns = pool_owns,
    .reset = pool_reset,
    .walk = pool_walk,
    .check = pool_check,
    .stats = pool_stats,
};
