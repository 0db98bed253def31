/* SPDX-License-Identifier: MIT
 *
 * support.h - small tools for allocators: rounding, logarithms, bitmaps, an intrusive list.  Static inline, no state.
 */
#ifndef HEAPYARD_SUPPORT_H
#define HEAPYARD_SUPPORT_H

#include "heapyard.h"

/* ------------------------------------------------------------------------------------------------- arithmetic ---- */

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

/* floor(log2(x)), x > 0.  (63 - n and 63 ^ n are the same here, but compilers make one instruction of the latter.) */
static inline unsigned hy_log2_floor(size_t x) {
    return 63u ^ (unsigned)__builtin_clzll(x);
}

/* ceil(log2(x)), x > 0. */
static inline unsigned hy_log2_ceil(size_t x) {
    return x <= 1 ? 0 : hy_log2_floor(x - 1) + 1;
}

/* Whether all bytes are 0; each is compared with the one in front of it. */
static inline bool hy_is_zero(const void *bytes, size_t size) {
    const char *const first = (const char *)bytes;
    return size == 0 || (*first == 0 && __builtin_memcmp(first, first + 1, size - 1) == 0);
}

/* The struct of `type` whose member `member` is at `pointer`. */
#define HY_CONTAINER_OF(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* ----------------------------------------------------------------------------------------------------- bitmap ---- */

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

/* The last set bit, or `bits` if there is none. */
static inline size_t hy_bit_last(const uint64_t *map, size_t bits) {
    for (size_t word = hy_bitmap_words(bits); word-- > 0;)
        if (map[word] != 0)
            return word * 64 + hy_log2_floor(map[word]);
    return bits;
}

/* ------------------------------------------------------------------------------------------------------- list ---- */

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

/* ------------------------------------------------------------------------------------------------------ pages ---- */

/* For page sources: keeping the counters in their head. */
static inline void hy_count_call(hy_pages *pages) {
    __atomic_fetch_add(&pages->calls, 1, __ATOMIC_RELAXED);
}

static inline void hy_count_reserved(hy_pages *pages, size_t more, size_t less) {
    __atomic_fetch_add(&pages->reserved, more - less, __ATOMIC_RELAXED);
}

static inline void hy_count_committed(hy_pages *pages, size_t more, size_t less) {
    const size_t now = __atomic_add_fetch(&pages->committed, more - less, __ATOMIC_RELAXED);
    size_t peak = __atomic_load_n(&pages->peak_committed, __ATOMIC_RELAXED);
    while (now > peak &&
           !__atomic_compare_exchange_n(&pages->peak_committed, &peak, now, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
}

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

/* Maps as much as there is, from *size down to `least`, by quarters; *size becomes what it got.  NULL: no room.  Memory
 * that is never touched costs address space only. */
static inline void *hy_pages_map_most(hy_pages *pages, size_t *size, size_t least, size_t align) {
    for (size_t bytes = *size; bytes >= least; bytes /= 4) {
        void *const start = hy_pages_map(pages, hy_align_up(bytes, pages->granule), align);
        if (start) {
            *size = hy_align_up(bytes, pages->granule);
            return start;
        }
    }
    return NULL;
}

/* `size` rounded up to what the source deals in. */
static inline size_t hy_pages_round(const hy_pages *pages, size_t size) {
    return hy_align_up(size, pages->granule);
}

/* How much may be reserved in one piece: `wanted`, or what a limited source has left at this alignment. */
static inline size_t hy_pages_at_most(const hy_pages *pages, size_t wanted, size_t align) {
    if (pages->available != HY_ANY) {
        const size_t gone = pages->reserved + (align > pages->granule ? align : 0);
        wanted = hy_min(wanted, gone < pages->available ? pages->available - gone : 0);
    }
    return hy_align_down(wanted, hy_max(pages->granule, align));
}

/* Reserves in one piece what a limited source has left, but for the little that alignments may have cost elsewhere.
 * NULL: it has less than `least` bytes. */
static inline void *hy_pages_reserve_rest(hy_pages *pages, size_t least, size_t *ret_size) {
    for (size_t lost = 0; lost <= 65536; lost = lost ? lost * 16 : 16) {
        const size_t left = hy_pages_at_most(pages, HY_ANY, pages->granule);
        const size_t size = left < lost ? 0 : hy_align_down(left - lost, pages->granule);
        if (size == 0 || size < least)
            return NULL;
        void *const start = pages->ops->reserve(pages, size, pages->granule);
        if (start) {
            *ret_size = size;
            return start;
        }
    }
    return NULL;
}

/* Address space for a heap that grows in it, at least `least` bytes: of a limited source all that is left; else
 * `wanted` bytes, or the most that is to be had in steps of 64.  NULL: no room. */
static inline void *hy_pages_reserve_run(hy_pages *pages, size_t wanted, size_t least, size_t *ret_size) {
    if (pages->available != HY_ANY)
        return hy_pages_reserve_rest(pages, least, ret_size);
    for (size_t size = hy_max(wanted, least); size > 0; size = size > least ? hy_max(size / 64, least) : 0) {
        *ret_size = hy_pages_round(pages, size);
        void *const start = pages->ops->reserve(pages, *ret_size, pages->granule);
        if (start)
            return start;
    }
    return NULL;
}

/* How much of the `left` bytes of a run to commit where `least` are needed: whole chunks; of a limited source all. */
static inline size_t hy_pages_step(const hy_pages *pages, size_t chunk, size_t least, size_t left) {
    return pages->available != HY_ANY ? left : hy_min(left, (least + chunk - 1) / chunk * chunk);
}

/* An instance of `size` bytes, zeroed, from setup->meta.  NULL: no room.  Give it back with hy_instance_unmap. */
static inline void *hy_instance_map(hy_pages *meta, size_t size) {
    void *const instance = hy_pages_map(meta, hy_pages_round(meta, size), hy_max(meta->granule, 64));
    return instance && !meta->zeroed ? __builtin_memset(instance, 0, size) : instance;
}

static inline void hy_instance_unmap(hy_pages *meta, void *instance, size_t size) {
    hy_pages_unmap(meta, instance, hy_pages_round(meta, size));
}

/* For create: says in one sentence why it refuses; returns `code`, a negative errno. */
static inline int hy_refuse(const hy_setup *setup, int code, const char *why) {
    const size_t size = __builtin_strlen(why);
    if (setup->why && size < HY_TEXT_SIZE)
        __builtin_memcpy(setup->why, why, size + 1);
    return code;
}

/* ------------------------------------------------------------------------------------------------------- lock ---- */

/* A lock of three states; only the last costs system calls (U. Drepper, Futexes are tricky, 2011, the second mutex). */
enum { HY_LOCK_FREE, HY_LOCK_HELD, HY_LOCK_AWAITED };

#define HY_LOCK_SPINS 64

static inline bool hy_lock_try(uint32_t *state) {
    uint32_t expected = HY_LOCK_FREE;
    return __atomic_compare_exchange_n(state, &expected, HY_LOCK_HELD, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Tells the processor that this is a loop of waiting. */
static inline void hy_lock_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static inline void hy_lock_take(uint32_t *state, const hy_host *host) {
    for (int i = 0; i < HY_LOCK_SPINS; i++) {
        if (hy_lock_try(state))
            return;
        hy_lock_pause();
    }
    while (__atomic_exchange_n(state, HY_LOCK_AWAITED, __ATOMIC_ACQUIRE) != HY_LOCK_FREE)
        host->wait(state, HY_LOCK_AWAITED);
}

static inline void hy_lock_drop(uint32_t *state, const hy_host *host) {
    if (__atomic_exchange_n(state, HY_LOCK_FREE, __ATOMIC_RELEASE) == HY_LOCK_AWAITED)
        host->wake(state, 1);
}

#endif
