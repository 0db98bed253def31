/* SPDX-License-Identifier: MIT
 *
 * heap.h - from a spec to a running heap: find the ops, fill in what is optional, stack the layers.
 *
 * Freestanding, like spec.h: preload libraries use it too.
 */
#ifndef HY_HEAP_H
#define HY_HEAP_H

#include "spec.h"

/* Where names are looked up.  Each list ends with NULL. */
typedef struct hy_catalog {
    const hy_heap_ops *const *heaps;
    const hy_heap_ops *const *layers;
    const hy_pages_ops *const *pages;
    /* Optional: what to do with a name that has a "/" in it.  `path` is dead after the call.  0 or -errno */
    int (*open_file)(const char *path, const hy_heap_ops **ret_ops, hy_error *error);
} hy_catalog;

const hy_heap_ops *hy_catalog_heap(const hy_catalog *catalog, hy_text name);
const hy_heap_ops *hy_catalog_layer(const hy_catalog *catalog, hy_text name);
const hy_pages_ops *hy_catalog_pages(const hy_catalog *catalog, hy_text name);

/* Checks a table at load: required members, names, parameter tables.  0 or -EINVAL with the sentence. */
int hy_ops_validate(const hy_heap_ops *ops, hy_error *error);

/* Checks a spec against the catalog without creating anything; *ret_ops is the innermost allocator's. */
int hy_spec_check(const hy_catalog *catalog, hy_text spec, const hy_heap_ops **ret_ops, hy_error *error);

/* What hy_open may be told; all zero is fine (mmap page sources, seed 0, no lock added). */
typedef struct hy_open_options {
    hy_pages *data, *meta; /* borrowed.  NULL: a `mmap` page source of its own is made (needs catalog->pages) */
    const hy_host *host;   /* NULL: hy_host_default */
    hy_heap *inner;        /* passed on to the innermost allocator's setup */
    uint64_t seed;
    bool threads; /* several threads will use the heap: add the lock layer if the heap is not safe */
} hy_open_options;

/* A heap with all that belongs to it.  Call through `heap->ops`. */
typedef struct hy_instance {
    hy_heap *heap;           /* the outermost layer */
    const hy_heap_ops *base; /* the innermost allocator's ops, resolved */
    hy_pages *data, *meta;
    bool own_data, own_meta;
    bool locked;   /* the lock layer was added, by us */
    bool own_slot; /* a thread slot was taken for it */
    unsigned slot;
    hy_heap *stack[HY_SPEC_PARTS + 1];
    hy_heap_ops resolved[HY_SPEC_PARTS + 1]; /* of each heap in the stack */
    size_t depth;
} hy_instance;

/* 0 or -errno with the sentence; nothing is left behind on failure.
 * *ret_instance must stay where it is while the heap lives (the heaps point into it). */
int hy_open(const hy_catalog *catalog, hy_text spec, const hy_open_options *options, hy_instance *ret_instance,
            hy_error *error);
void hy_close(hy_instance *instance);

/* Ticks by TSC, futex wait and wake, entropy by getrandom, fatal by write(2) and abort. */
extern const hy_host hy_host_default;

/* The checked calls that people expect: any size, any legal alignment.  Size 0 becomes 1.  NULL: no room, or refused.
 * Code that has filtered its requests beforehand (a replay loop) calls heap->ops directly instead. */
static inline void *hy_alloc(hy_heap *heap, size_t size, size_t align) {
    size = size ? size : 1;
    if (size > heap->max_size || align > heap->ops->max_align || align == 0 || (align & (align - 1)) != 0)
        return NULL;
    return heap->ops->alloc(heap, size, align);
}

static inline void *hy_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    size = size ? size : 1;
    if (size > heap->max_size || align > heap->ops->max_align || align == 0 || (align & (align - 1)) != 0)
        return NULL;
    return heap->ops->alloc_zeroed(heap, size, align);
}

static inline void hy_free(hy_heap *heap, void *block, size_t size) {
    if (block)
        heap->ops->free(heap, block, size);
}

/* Never frees: new_size 0 becomes 1.  A heap without usable_size must be told the old size. */
static inline void *hy_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    new_size = new_size ? new_size : 1;
    if (!block)
        return hy_alloc(heap, new_size, align);
    return new_size > heap->max_size ? NULL : heap->ops->realloc(heap, block, old_size, align, new_size);
}

#endif
