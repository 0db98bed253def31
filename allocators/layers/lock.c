/* SPDX-License-Identifier: MIT
 *
 * lock.c - one thread at a time: the layer that makes any heap thread-safe.
 *
 *  1. One lock around every call of the heap behind it, read-only ones too.
 *  2. The lock has three states: 0 free, 1 held, 2 held and somebody sleeps.  Only 2 costs a system call.
 *  3. Before a fork the lock is taken, so that the heap is at rest; parent and child let go again.
 *
 * Source: U. Drepper, Futexes are tricky, 2011 (the second mutex).
 * Bad at: many threads at once - they all wait for one another.
 */
#include "support.h"

#include <errno.h>

typedef struct lock_heap {
    hy_heap heap;
    hy_heap *inner;
    hy_pages *meta;
    const hy_host *host;
    uint32_t state;
} lock_heap;

static hy_heap *lock_take(hy_heap *heap) {
    lock_heap *const self = (lock_heap *)heap;
    hy_lock_take(&self->state, self->host);
    return self->inner;
}

static void lock_release(hy_heap *heap) {
    lock_heap *const self = (lock_heap *)heap;
    hy_lock_drop(&self->state, self->host);
}

/* -------------------------------------------------------------------------------------------------------- heap ---- */

static int lock_create(const hy_setup *setup, hy_heap **ret) {
    if (!setup->inner)
        return -EINVAL;
    lock_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->inner = setup->inner;
    self->meta = setup->meta;
    self->host = setup->host;
    self->heap.max_size = setup->inner->max_size;
    *ret = &self->heap;
    return 0;
}

static void lock_destroy(hy_heap *heap) {
    hy_instance_unmap(((lock_heap *)heap)->meta, heap, sizeof(lock_heap));
}

/* Calls the inner heap's member under the lock, into `result`. */
#define LOCKED(result, member, ...)                                                                                    \
    do {                                                                                                               \
        hy_heap *const inner = lock_take(heap);                                                                        \
        result = inner->ops->member(inner, ##__VA_ARGS__);                                                             \
        lock_release(heap);                                                                                            \
    } while (0)

static void *lock_alloc(hy_heap *heap, size_t size, size_t align) {
    void *block;
    LOCKED(block, alloc, size, align);
    return block;
}

static void lock_free(hy_heap *heap, void *block, size_t size) {
    hy_heap *const inner = lock_take(heap);
    inner->ops->free(inner, block, size);
    lock_release(heap);
}

static void *lock_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    void *moved;
    LOCKED(moved, realloc, block, old_size, align, new_size);
    return moved;
}

static void *lock_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    void *block;
    LOCKED(block, alloc_zeroed, size, align);
    return block;
}

static size_t lock_usable_size(hy_heap *heap, const void *block) {
    size_t size;
    LOCKED(size, usable_size, block);
    return size;
}

static bool lock_owns(hy_heap *heap, const void *address) {
    bool owned;
    LOCKED(owned, owns, address);
    return owned;
}

static void lock_reset(hy_heap *heap) {
    hy_heap *const inner = lock_take(heap);
    inner->ops->reset(inner);
    lock_release(heap);
}

static size_t lock_coalesce(hy_heap *heap) {
    size_t merges;
    LOCKED(merges, coalesce);
    return merges;
}

static size_t lock_trim(hy_heap *heap) {
    size_t bytes;
    LOCKED(bytes, trim);
    return bytes;
}

static size_t lock_compact(hy_heap *heap, hy_moved *moved, void *context) {
    size_t blocks;
    LOCKED(blocks, compact, moved, context);
    return blocks;
}

static int lock_walk(hy_heap *heap, hy_visit *visit, void *context) {
    int r;
    LOCKED(r, walk, visit, context);
    return r;
}

static const char *lock_check(hy_heap *heap) {
    const char *wrong;
    LOCKED(wrong, check);
    return wrong;
}

static void lock_stats(hy_heap *heap, hy_stats *ret) {
    hy_heap *const inner = lock_take(heap);
    inner->ops->stats(inner, ret);
    lock_release(heap);
}

static void lock_thread_exit(hy_heap *heap) {
    hy_heap *const inner = lock_take(heap);
    inner->ops->thread_exit(inner);
    lock_release(heap);
}

/* The child has one thread only, and nobody sleeps on its copy of the lock. */
static void lock_fork(hy_heap *heap, hy_fork when) {
    lock_heap *const self = (lock_heap *)heap;
    hy_heap *const inner = when == HY_FORK_BEFORE ? lock_take(heap) : self->inner;
    if (inner->ops->fork)
        inner->ops->fork(inner, when);
    if (when == HY_FORK_PARENT)
        lock_release(heap);
    if (when == HY_FORK_CHILD)
        __atomic_store_n(&self->state, HY_LOCK_FREE, __ATOMIC_RELEASE);
}

static void *lock_mark(hy_heap *heap) {
    void *mark;
    LOCKED(mark, mark);
    return mark;
}

static void lock_rewind(hy_heap *heap, void *mark) {
    hy_heap *const inner = lock_take(heap);
    inner->ops->rewind(inner, mark);
    lock_release(heap);
}

static const char *lock_version(hy_heap *heap) {
    const char *version;
    LOCKED(version, version);
    return version;
}

const hy_heap_ops hy_lock_ops = {
    .name = "lock",
    .summary = "one lock around every call: makes any heap thread-safe",
    .source = "Drepper 2011, Futexes are tricky",
    .flags = HY_LAYER,
    .threads = HY_THREADS_SAFE,
    .max_align = HY_ANY,
    .max_size = HY_ANY,
    .create = lock_create,
    .destroy = lock_destroy,
    .alloc = lock_alloc,
    .free = lock_free,
    .realloc = lock_realloc,
    .alloc_zeroed = lock_alloc_zeroed,
    .usable_size = lock_usable_size,
    .owns = lock_owns,
    .reset = lock_reset,
    .coalesce = lock_coalesce,
    .trim = lock_trim,
    .compact = lock_compact,
    .walk = lock_walk,
    .check = lock_check,
    .stats = lock_stats,
    .thread_exit = lock_thread_exit,
    .fork = lock_fork,
    .mark = lock_mark,
    .rewind = lock_rewind,
    .version = lock_version,
};
