/* SPDX-License-Identifier: MIT
 *
 * hardened_direct.h - what a preload library asks first.  A thread without a local has none of this.
 *
 * A request of 0 bytes gets a block of 0 bytes: a write to it is noticed.
 */
#ifndef HARDENED_DIRECT_H
#define HARDENED_DIRECT_H

#include "har_block.h"

#define HY_DIRECT_CALLER 1

static inline har_local *har_direct_local(void) {
    return ((const har_slot *)&hy_thread_slots[0])->local;
}

static inline void *hy_direct_alloc(size_t size) {
    har_local *const local = har_direct_local();
    return HAR_LIKELY(local) ? har_block_alloc_quick(local->heap, local, size) : NULL;
}

static inline void *hy_direct_more(hy_heap *heap, size_t size) {
    return heap->ops->alloc(heap, size, HY_MALLOC_ALIGN);
}

static inline bool hy_direct_free(void *block) {
    har_local *const local = har_direct_local();
    return HAR_LIKELY(block && local) && har_block_free_quick(local->heap, local, block);
}

static inline bool hy_direct_post(void *block) {
    (void)block;
    return false;
}

static inline size_t hy_direct_size(const void *block) {
    (void)block;
    return 0;
}

#endif
