/* SPDX-License-Identifier: MIT
 *
 * support.h - small tools for allocators: rounding, logarithms, bitmaps, an intrusive list.  Static inline, no state.
 */
#ifndef HEAPYARD_SUPPORT_H
#define HEAPYARD_SUPPORT_H

#include "heapyard.h"

/* -------------------------------------------------------------------------------------------------- arithmetic ---- */

static inline bool hy_is_pow2(size_t x) {
    return x != 0 && (x & (x - 1)) == 0;
}

/* `align` is a power of two.  The caller knows that x + align does not wrap. */
static inline size_t hy_align_up(size_t x, size_t align) {
    return (x + align - 1) & ~(align - 1);
}

static inline size_t hy_align_down(size_t x, size_t align) {
    return x & ~(align - 1);
}

static inline size_t hy_min(size_t a, size_t b) {
    return a < b ? a : b;
}

static inline size_t hy_max(size_t a, size_t b) {
    return a > b ? a : b;
}

/* floor(log2(x)), x > 0. */
static inline unsigned hy_log2_floor(size_t x) {
    return 63u - (unsigned)__builtin_clzll(x);
}

/* ceil(log2(x)), x > 0. */
static inline unsigned hy_log2_ceil(size_t x) {
    return x <= 1 ? 0 : hy_log2_floor(x - 1) + 1;
}

/* The struct of `type` whose member `member` is at `pointer`. */
#define HY_CONTAINER_OF(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* ------------------------------------------------------------------------------------------------------ bitmap ---- */

static inline size_t hy_bitmap_words(size_t bits) {
    return (bits + 63) / 64;
}

static inline bool hy_bit_get(const uint64_t *map, size_t i) {
    return (map[i / 64] >> (i % 64)) & 1;
}

static inline void hy_bit_set(uint64_t *map, size_t i) {
    map[i / 64] |= (uint64_t)1 << (i % 64);
}

static inline void hy_bit_clear(uint64_t *map, size_t i) {
    map[i / 64] &= ~((uint64_t)1 << (i % 64));
}

/* The first set bit at or after `from`, or `bits` if there is none. */
static inline size_t hy_bit_next(const uint64_t *map, size_t bits, size_t from) {
    if (from >= bits)
        return bits;
    size_t word = from / 64;
    uint64_t rest = map[word] & (~(uint64_t)0 << (from % 64));
    while (rest == 0) {
        if (++word >= hy_bitmap_words(bits))
            return bits;
        rest = map[word];
    }
    return hy_min(bits, word * 64 + (size_t)__builtin_ctzll(rest));
}

/* -------------------------------------------------------------------------------------------------------- list ---- */

/* A circular, doubly linked list; its head is a node too. */
typedef struct hy_node {
    struct hy_node *next, *prev;
} hy_node;

static inline void hy_list_init(hy_node *head) {
    head->next = head->prev = head;
}

static inline bool hy_list_empty(const hy_node *head) {
    return head->next == head;
}

static inline void hy_list_insert(hy_node *after, hy_node *node) {
    node->prev = after;
    node->next = after->next;
    after->next->prev = node;
    after->next = node;
}

static inline void hy_list_remove(hy_node *node) {
    node->prev->next = node->next;
    node->next->prev = node->prev;
}

/* -------------------------------------------------------------------------------------------------------- pages ----
 */

/* Reserves and commits in one step.  NULL: no room. */
static inline void *hy_pages_map(hy_pages *pages, size_t size, size_t align) {
    void *const start = pages->ops->reserve(pages, size, align);
    if (!start)
        return NULL;
    if (pages->ops->commit(pages, start, size) == 0)
        return start;
    pages->ops->release(pages, start, size, 0);
    return NULL;
}

/* The opposite: a wholly committed reservation. */
static inline void hy_pages_unmap(hy_pages *pages, void *start, size_t size) {
    pages->ops->release(pages, start, size, size);
}

/* `size` rounded up to what the source deals in. */
static inline size_t hy_pages_round(const hy_pages *pages, size_t size) {
    return hy_align_up(size, pages->granule);
}

#endif
