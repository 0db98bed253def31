/* SPDX-License-Identifier: MIT
 *
 * null.c - the allocator that does nothing.
 *
 *  1. alloc hands out one of 64 fixed blocks in turn, always the same memory; for a large alignment, the first.  Each
 *     thread has 64 of its own, so that threads do not wait for each other's cache lines.
 *  2. free does nothing.
 *
 * It is the first row of every result: the harness measuring itself.  Blocks overlap, so contents are not kept, and a
 * run that verifies contents refuses it.  The blocks lie at the start of 16 GiB of untouched memory, or of what there
 * is, so that large ones can be written to; a request that is larger than that is cut short.
 */
#include "support.h"

#include <errno.h>

#define NULL_BLOCKS 64u
#define NULL_STRIDE 64u /* together they stay in the first-level cache; a stride of a page would meet in one set */
#define NULL_MAX_ALIGN 4096u
#define NULL_THREAD (NULL_BLOCKS * NULL_STRIDE) /* bytes of a thread's blocks */
#define NULL_MOST_THREADS ((size_t)1024)        /* more share */
#define NULL_MOST ((size_t)16 << 30)
#define NULL_LEAST ((size_t)1 << 16)

typedef struct null_heap {
    hy_heap heap;
    hy_pages *meta;
    size_t meta_size;
    char *arena;
    unsigned number; /* of its thread slot, where a thread keeps its number, from 1, and its turn */
    size_t mask;     /* of the threads that have blocks of their own: a power of two, less 1 */
    size_t threads;  /* that asked for a block so far */
    size_t turn;     /* of all threads, if there is no thread slot */
} null_heap;

static int null_create(const hy_setup *setup, hy_heap **ret) {
    size_t size = NULL_MOST;
    null_heap *const self = hy_pages_map_most(setup->meta, &size, NULL_LEAST, hy_max(setup->meta->granule, 64));
    if (!self)
        return -ENOMEM;
    *self = (null_heap){.meta = setup->meta, .meta_size = size, .number = setup->slot};
    self->arena = (char *)hy_align_up((size_t)(self + 1), NULL_MAX_ALIGN);
    self->mask = ((size_t)1 << hy_log2_floor(hy_min(NULL_MOST_THREADS, size / 2 / NULL_THREAD))) - 1;
    *ret = &self->heap;
    return 0;
}

static void null_destroy(hy_heap *heap) {
    null_heap *const self = (null_heap *)heap;
    hy_pages_unmap(self->meta, self, self->meta_size);
}

static void *null_alloc(hy_heap *heap, size_t size, size_t align) {
    null_heap *const self = (null_heap *)heap;
    (void)size;
    uintptr_t *const word = hy_thread_slots[self->number].word;
    const bool own = self->number < HY_THREAD_SLOTS;
    if (word[0] == 0 && own)
        word[0] = __atomic_add_fetch(&self->threads, 1, __ATOMIC_RELAXED);
    char *const blocks = self->arena + (word[0] & self->mask) * NULL_THREAD;
    if (align > NULL_STRIDE)
        return blocks;
    uintptr_t *const last = own ? &word[1] : &self->turn;
    const size_t turn = __atomic_load_n(last, __ATOMIC_RELAXED) + 1;
    __atomic_store_n(last, turn, __ATOMIC_RELAXED); /* a lost turn is harmless: every block is as good */
    return blocks + turn % NULL_BLOCKS * NULL_STRIDE;
}

static void null_free(hy_heap *heap, void *block, size_t size) {
    (void)heap;
    (void)block;
    (void)size;
}

static void *null_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    (void)heap;
    (void)old_size;
    (void)align;
    (void)new_size;
    return block;
}

/* Nothing is zeroed, for nothing is kept. */
static void *null_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    return null_alloc(heap, size, align);
}

const hy_heap_ops hy_null_ops = {
    .name = "null",
    .summary = "hands out a few fixed blocks: the cost of the harness itself",
    .source = "heapyard",
    .flags = HY_FAKE,
    .threads = HY_THREADS_SAFE,
    .max_align = NULL_MAX_ALIGN,
    .max_size = HY_ANY,
    .create = null_create,
    .destroy = null_destroy,
    .alloc = null_alloc,
    .free = null_free,
    .realloc = null_realloc,
    .alloc_zeroed = null_alloc_zeroed,
};
