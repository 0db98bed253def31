/* SPDX-License-Identifier: MIT
 *
 * victim_malloc.c - a victim's heap is the malloc of its process, whoever serves that.
 */
#include "victim.h"

#include <malloc.h>
#include <stdlib.h>

int victim_open(hy_victim *v, const char *spec) {
    v->allocator = spec;
    return 0;
}

void victim_draw(hy_victim *v, hy_stage stage) {
    (void)v;
    (void)stage;
}

/* Electric Fence and some others have no malloc_usable_size; the C library's must not see their blocks. */
unsigned victim_lacks(const hy_victim *v) {
    (void)v;
    return HY_NEEDS_HEAP | (getenv("HEAPYARD_VICTIM_LACKS_SIZE") ? HY_NEEDS_USABLE_SIZE : 0u);
}

void *victim_try_alloc(hy_victim *v, size_t size) {
    (void)v;
    return malloc(size);
}

void *victim_calloc(hy_victim *v, size_t count, size_t size) {
    (void)v;
    return calloc(count, size);
}

void *victim_aligned(hy_victim *v, size_t align, size_t size) {
    (void)v;
    return memalign(align, size);
}

void *victim_realloc(hy_victim *v, void *block, size_t size) {
    (void)v;
    return realloc(block, size);
}

void victim_free(hy_victim *v, void *block) {
    (void)v;
    free(block);
}

size_t victim_usable_size(hy_victim *v, void *block) {
    (void)v;
    return malloc_usable_size(block);
}
