/* SPDX-License-Identifier: MIT
 *
 * detour.c - a heap that is another heap, with a step before and a step after each call.
 *
 * Two kinds of threads go this way: one whose destructor has run must leave no cache behind, and one that is about to
 * fork holds the heap, and lets go of it while a fork handler of somebody else calls malloc.
 */
#include "detour.h"

static hy_heap *detour_enter(const hy_heap *heap) {
    const detour_heap *const self = (const detour_heap *)heap;
    if (self->before)
        self->before(self->heap);
    return self->heap;
}

static void detour_leave(const hy_heap *heap) {
    const detour_heap *const self = (const detour_heap *)heap;
    self->after(self->heap);
}

/* Calls the heap's member between the steps, into `result`. */
#define DETOUR(result, member, ...)                                                                                    \
    do {                                                                                                               \
        hy_heap *const real = detour_enter(heap);                                                                      \
        result = real->ops->member(real, ##__VA_ARGS__);                                                               \
        detour_leave(heap);                                                                                            \
    } while (0)

static void *detour_alloc(hy_heap *heap, size_t size, size_t align) {
    void *block;
    DETOUR(block, alloc, size, align);
    return block;
}

static void *detour_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    void *block;
    DETOUR(block, alloc_zeroed, size, align);
    return block;
}

static void detour_free(hy_heap *heap, void *block, size_t size) {
    hy_heap *const real = detour_enter(heap);
    real->ops->free(real, block, size);
    detour_leave(heap);
}

static void *detour_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    void *moved;
    DETOUR(moved, realloc, block, old_size, align, new_size);
    return moved;
}

static size_t detour_usable_size(hy_heap *heap, const void *block) {
    size_t size;
    DETOUR(size, usable_size, block);
    return size;
}

static size_t detour_trim(hy_heap *heap) {
    size_t bytes = 0;
    if (((detour_heap *)heap)->heap->ops->trim)
        DETOUR(bytes, trim);
    return bytes;
}

static void detour_stats(hy_heap *heap, hy_stats *ret) {
    if (!((detour_heap *)heap)->heap->ops->stats)
        return;
    hy_heap *const real = detour_enter(heap);
    real->ops->stats(real, ret);
    detour_leave(heap);
}

const hy_heap_ops detour_ops = {.max_align = HY_ANY,
                                .alloc = detour_alloc,
                                .alloc_zeroed = detour_alloc_zeroed,
                                .free = detour_free,
                                .realloc = detour_realloc,
                                .usable_size = detour_usable_size,
                                .trim = detour_trim,
                                .stats = detour_stats};
