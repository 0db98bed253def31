/* SPDX-License-Identifier: MIT
 *
 * stress_map.c - one bit for each 8 bytes, in leaves of 1 GiB of address space each (see stress_map.h).
 */
#include "stress_map.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define GRAIN 8u
#define WORD_BYTES ((uintptr_t)GRAIN * 64)
#define LEAF_BYTES ((uintptr_t)1 << 30)
#define LEAF_WORDS (LEAF_BYTES / WORD_BYTES)
#define LEAVES (((uintptr_t)1 << 47) / LEAF_BYTES)

static uint64_t *map_leaves[LEAVES];

static uint64_t *leaf_of(uintptr_t address) {
    uint64_t **const at = &map_leaves[address / LEAF_BYTES];
    uint64_t *leaf = __atomic_load_n(at, __ATOMIC_ACQUIRE);
    if (leaf)
        return leaf;
    const size_t size = LEAF_WORDS * sizeof *leaf;
    uint64_t *const fresh =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (fresh == MAP_FAILED)
        abort();
    if (__atomic_compare_exchange_n(at, &leaf, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return fresh;
    munmap(fresh, size); /* another thread was first */
    return leaf;
}

/* The bits of [at, end) in the word of `at`. */
static uint64_t bits_of(uintptr_t at, uintptr_t end) {
    const uintptr_t first = at / GRAIN % 64, next_word = (at / WORD_BYTES + 1) * WORD_BYTES;
    const uint64_t from = ~(uint64_t)0 << first;
    const uintptr_t behind = (end + GRAIN - 1) / GRAIN % 64;
    return end > next_word - GRAIN ? from : from & (((uint64_t)1 << behind) - 1);
}

/* Sets or clears; false: one of them was so already. */
static bool map_turn(const void *start, size_t size, bool on) {
    const uintptr_t end = (uintptr_t)start + size;
    bool good = true;
    for (uintptr_t at = (uintptr_t)start; at < end; at = (at / WORD_BYTES + 1) * WORD_BYTES) {
        uint64_t *const word = &leaf_of(at)[at % LEAF_BYTES / WORD_BYTES];
        const uint64_t bits = bits_of(at, end);
        const uint64_t before =
            on ? __atomic_fetch_or(word, bits, __ATOMIC_RELAXED) : __atomic_fetch_and(word, ~bits, __ATOMIC_RELAXED);
        good &= (before & bits) == (on ? 0 : bits);
    }
    return good;
}

bool map_add(const void *start, size_t size) {
    return map_turn(start, size, true);
}

bool map_remove(const void *start, size_t size) {
    return map_turn(start, size, false);
}

static size_t leaf_resident(uint64_t *leaf) {
    static unsigned char there[LEAF_WORDS * sizeof *leaf / 4096];
    size_t pages = 0;
    if (!leaf || mincore(leaf, LEAF_WORDS * sizeof *leaf, there) != 0)
        return 0;
    for (size_t i = 0; i < sizeof there; i++)
        pages += there[i] & 1;
    return pages * 4096;
}

size_t map_resident(void) {
    size_t bytes = 0;
    for (size_t i = 0; i < LEAVES; i++)
        bytes += leaf_resident(map_leaves[i]);
    return bytes;
}
