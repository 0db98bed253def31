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

/* The canary of a block that ends at `end`: with a 0 behind the first byte. */
static inline uint64_t har_canary_at(uint64_t canary, const char *end) {
    return canary & ~((uint64_t)0xff << 8 * (((uintptr_t)end + 1) % 8));
}

/* Whether the word is the canary of a slot, wherever its block ended. */
static inline bool har_is_canary(uint64_t word, uint64_t canary) {
    const uint64_t wrong = word ^ canary;
    const unsigned shift = wrong ? (unsigned)__builtin_ctzll(wrong) & 56 : 0;
    return ((wrong >> shift) >> 8) == 0 && ((word >> shift) & (wrong ? 0xff : 0)) == 0;
}

/* Other threads look at the last word of a slot when they free the next. */
static inline uint64_t har_last(const char *end) {
    return __atomic_load_n((const uint64_t *)(const void *)(end - sizeof(uint64_t)), __ATOMIC_RELAXED);
}

/* The bytes from `from` to `end` become canary; `end` is a multiple of 8. */
static inline void har_fence_write(char *from, char *end, uint64_t whole) {
    const uint64_t canary = har_canary_at(whole, from);
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
static inline const char *har_fence_broken(const char *from, const char *end, uint64_t whole) {
    const uint64_t canary = har_canary_at(whole, from);
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

/* Two words that may lie anywhere. */
typedef uint64_t har_pair __attribute__((vector_size(16), aligned(8), may_alias));

/* The first word that is not 0, or NULL; address and size are multiples of 8. */
static inline const char *har_dirty(const char *at, size_t size) {
    const char *const end = at + size;
    for (const char *pair = at; end - pair >= 16; pair += 16) {
        const har_pair words = *(const har_pair *)(const void *)pair;
        if (!HAR_LIKELY((words[0] | words[1]) == 0))
            return words[0] ? pair : pair + 8;
    }
    return size % 16 && har_load(end - 8) != 0 ? end - 8 : NULL;
}

#endif
