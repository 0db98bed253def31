/* SPDX-License-Identifier: MIT
 *
 * har_fence.h - canaries, and the zeros that free memory consists of.
 *
 *  1. All bytes of a slot behind the block are canary, at least 8.  They repeat a word that depends on the slot's
 * address and on a secret; none of its bytes is 0, so that the NUL behind a string is noticed.
 *  2. The last word of a slot stays when the block is freed.  So it also stands in front of the next slot's block,
 *     whatever this slot is; or there is 0, if the slot was never handed out.
 *  3. All other bytes of a free slot are 0.
 */
#ifndef HAR_FENCE_H
#define HAR_FENCE_H

#include "har_heap.h"

static inline uint64_t har_load(const void *at) {
    uint64_t word;
    __builtin_memcpy(&word, at, sizeof word);
    return word;
}

static inline uint64_t har_canary(uint64_t key, const void *slot) {
    const unsigned __int128 product = (unsigned __int128)((uintptr_t)slot ^ key) * 0x9e3779b97f4a7c15u;
    return ((uint64_t)(product >> 64) ^ (uint64_t)product ^ key) | 0x0101010101010101u;
}

/* Other threads look at the last word of a slot when they free the next. */
static inline uint64_t har_last(const char *end) {
    return __atomic_load_n((const uint64_t *)(const void *)(end - sizeof(uint64_t)), __ATOMIC_RELAXED);
}

/* The bytes from `from` to `end` become canary; `end` is a multiple of 8. */
static inline void har_fence_write(char *from, char *end, uint64_t canary) {
    const unsigned kept = 8 * (unsigned)((uintptr_t)from % 8);
    uint64_t *const first = (uint64_t *)(void *)(from - (uintptr_t)from % 8);
    for (uint64_t *at = (uint64_t *)(void *)end; --at > first;)
        __atomic_store_n(at, canary, __ATOMIC_RELAXED);
    if (first < (uint64_t *)(void *)end) {
        const uint64_t mask = ~(uint64_t)0 << kept;
        __atomic_store_n(first, (*first & ~mask) | (canary & mask), __ATOMIC_RELAXED);
    }
}

/* The first byte from `from` to `end` that is no canary any more, or NULL. */
static inline const char *har_fence_broken(const char *from, const char *end, uint64_t canary) {
    const unsigned kept = 8 * (unsigned)((uintptr_t)from % 8);
    const char *at = from - (uintptr_t)from % 8;
    uint64_t mask = ~(uint64_t)0 << kept;
    for (; at < end; at += 8, mask = ~(uint64_t)0) {
        const uint64_t wrong = (har_load(at) ^ canary) & mask;
        if (!HAR_LIKELY(wrong == 0))
            return at + __builtin_ctzll(wrong) / 8;
    }
    return NULL;
}

/* The first word that is not 0, or NULL; address and size are multiples of 8. */
static inline const char *har_dirty(const char *at, size_t size) {
    const char *const end = at + size;
    for (; end - at >= 64; at += 64) {
        uint64_t any = 0;
        for (unsigned i = 0; i < 64; i += 8)
            any |= har_load(at + i);
        if (!HAR_LIKELY(any == 0))
            break;
    }
    for (; at < end; at += 8)
        if (har_load(at) != 0)
            return at;
    return NULL;
}

#endif
