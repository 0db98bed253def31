/* SPDX-License-Identifier: MIT
 *
 * bump-wrap.c - the speed limit: a bump allocator that starts again from the front when its memory is used up.
 *
 *  1. `cap` bytes are touched when the heap is made, so that no request meets a page fault.
 *  2. A block is the next `size` bytes; what does not fit before the end is served from the front again.
 *  3. free does nothing.  realloc copies, as bump does.
 *
 * Nothing that places blocks at distinct addresses can do less work, so charts draw it as the limit of speed.  Blocks
 * overlap and contents are not kept: it is FAKE, and a run that verifies contents refuses it.  A request larger than
 * `cap` reaches into untouched memory behind it, 16 GiB or what there is, and is cut short at its end.  Threads share
 * the position without locking: a lost turn is harmless.
 */
#include "support.h"

#include <errno.h>
#include <string.h>

#define BUMP_WRAP_MAX_ALIGN ((size_t)4096)
#define BUMP_WRAP_MOST ((size_t)16 << 30)

typedef struct bump_wrap_params {
    size_t cap;
} bump_wrap_params;

typedef struct bump_wrap_heap {
    hy_heap heap;
    hy_pages *data, *meta;
    uintptr_t start;
    size_t cap;  /* bytes to go round in */
    size_t size; /* bytes of data pages */
    size_t top;  /* offset of the next block */
} bump_wrap_heap;

static const hy_param bump_wrap_table[] = {
    {.name = "cap",
     .help = "bytes to go round in; what fits a cache is the fastest",
     .def = "1M",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(bump_wrap_params, cap),
     .min = 8192,
     .max = (uint64_t)1 << 40},
    {.name = NULL},
};

static int bump_wrap_create(const hy_setup *setup, hy_heap **ret) {
    const bump_wrap_params *const params = setup->params;
    bump_wrap_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->data = setup->data;
    self->meta = setup->meta;
    self->cap = hy_pages_round(setup->data, params->cap);
    self->size = hy_max(self->cap, BUMP_WRAP_MOST);
    void *const start =
        hy_pages_map_most(setup->data, &self->size, self->cap, hy_max(setup->data->granule, BUMP_WRAP_MAX_ALIGN));
    if (!start) {
        hy_instance_unmap(setup->meta, self, sizeof *self);
        return -ENOMEM;
    }
    self->start = (uintptr_t)memset(start, 0, self->cap);
    *ret = &self->heap;
    return 0;
}

static void bump_wrap_destroy(hy_heap *heap) {
    bump_wrap_heap *const self = (bump_wrap_heap *)heap;
    hy_pages_unmap(self->data, (void *)self->start, self->size);
    hy_instance_unmap(self->meta, self, sizeof *self);
}

static void *bump_wrap_alloc(hy_heap *heap, size_t size, size_t align) {
    bump_wrap_heap *const self = (bump_wrap_heap *)heap;
    size_t at = hy_align_up(__atomic_load_n(&self->top, __ATOMIC_RELAXED), hy_max(align, HY_MALLOC_ALIGN));
    if (at > self->cap || size > self->cap - at)
        at = 0;
    __atomic_store_n(&self->top, at + hy_min(size, self->cap), __ATOMIC_RELAXED);
    return (void *)(self->start + at);
}

static void bump_wrap_free(hy_heap *heap, void *block, size_t size) {
    (void)heap;
    (void)block;
    (void)size;
}

static void *bump_wrap_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    bump_wrap_heap *const self = (bump_wrap_heap *)heap;
    if (new_size <= old_size)
        return block;
    char *const moved = bump_wrap_alloc(heap, new_size, align);
    const size_t room = self->size - ((uintptr_t)moved - self->start);
    const size_t there = self->size - ((uintptr_t)block - self->start);
    return memmove(moved, block, hy_min(old_size, hy_min(room, there)));
}

static const char *bump_wrap_check(hy_heap *heap) {
    const bump_wrap_heap *const self = (const bump_wrap_heap *)heap;
    return self->top > self->cap ? "the position lies behind the end" : NULL;
}

const hy_heap_ops hy_bump_wrap_ops = {
    .name = "bump-wrap",
    .summary = "bump over memory touched beforehand, going round: the limit of speed",
    .source = "heapyard",
    .flags = HY_FAKE,
    .threads = HY_THREADS_SAFE,
    .max_align = BUMP_WRAP_MAX_ALIGN,
    .max_size = HY_ANY,
    .params = bump_wrap_table,
    .params_size = sizeof(bump_wrap_params),
    .create = bump_wrap_create,
    .destroy = bump_wrap_destroy,
    .alloc = bump_wrap_alloc,
    .free = bump_wrap_free,
    .realloc = bump_wrap_realloc,
    .check = bump_wrap_check,
};
