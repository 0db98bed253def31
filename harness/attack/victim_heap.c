/* SPDX-License-Identifier: MIT
 *
 * victim_heap.c - a victim's heap is one of heapyard's allocators, opened by its spec: for those that cannot be a
 * program's malloc, and for looking at a heap while it is attacked.
 *
 * Blocks are aligned as malloc's are, where the heap can do that.  It is never told a block's size: a malloc is not.
 */
#include "victim.h"

#include "registry.h"

#include <stdio.h>
#include <string.h>

static hy_instance instance;

int victim_open(hy_victim *v, const char *spec) {
    const hy_open_options options = {.threads = true};
    hy_error error;
    if (!*spec) {
        fputs("heapyard-victim-heap: the heap's spec is missing; heapyard attack starts it\n", stderr);
        return 2;
    }
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, &instance, &error) < 0) {
        fprintf(stderr, "heapyard-victim-heap: %s\n", error.text);
        return 2;
    }
    v->heap = instance.heap;
    v->allocator = instance.base->name;
    return 0;
}

unsigned victim_lacks(const hy_victim *v) {
    const hy_heap *const heap = v->heap;
    return HY_NEEDS_MALLOC | (heap->ops->usable_size ? 0u : HY_NEEDS_USABLE_SIZE);
}

static size_t alignment(const hy_heap *heap) {
    return heap->max_align < HY_MALLOC_ALIGN ? heap->max_align : HY_MALLOC_ALIGN;
}

void *victim_try_alloc(hy_victim *v, size_t size) {
    return hy_alloc(v->heap, size, alignment(v->heap));
}

void *victim_calloc(hy_victim *v, size_t count, size_t size) {
    size_t whole;
    return __builtin_mul_overflow(count, size, &whole) ? NULL : hy_alloc_zeroed(v->heap, whole, alignment(v->heap));
}

void *victim_aligned(hy_victim *v, size_t align, size_t size) {
    return hy_alloc(v->heap, size, align);
}

void *victim_realloc(hy_victim *v, void *block, size_t size) {
    return hy_realloc(v->heap, block, 0, alignment(v->heap), size);
}

void victim_free(hy_victim *v, void *block) {
    hy_free(v->heap, block, 0);
}

size_t victim_usable_size(hy_victim *v, void *block) {
    hy_heap *const heap = v->heap;
    return block ? heap->ops->usable_size(heap, block) : 0;
}
