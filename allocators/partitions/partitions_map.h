/* SPDX-License-Identifier: MIT
 *
 * partitions_map.h - a bit for each block of a memory, out of band.
 *
 * Address space is reserved for all bits at once; pages are committed as far as bits are needed, and are clear.
 */
#ifndef PARTITIONS_MAP_H
#define PARTITIONS_MAP_H

#include "support.h"

#include <string.h>

typedef struct partitions_map {
    uint64_t *words;
    size_t reserved, committed; /* bytes */
} partitions_map;

/* The first clear bit at or after `from`, or `bits`. */
static inline size_t map_next_clear(const partitions_map *map, size_t bits, size_t from) {
    if (from >= bits)
        return bits;
    size_t word = from / 64;
    uint64_t rest = ~map->words[word] & (~(uint64_t)0 << (from % 64));
    while (rest == 0) {
        if (++word >= hy_bitmap_words(bits))
            return bits;
        rest = ~map->words[word];
    }
    return hy_min(bits, word * 64 + (size_t)__builtin_ctzll(rest));
}

/* Turns bits [from, to) round, which are all alike. */
static inline void map_flip(partitions_map *map, size_t from, size_t to) {
    while (from < to) {
        const size_t count = hy_min(64 - from % 64, to - from);
        const uint64_t mask = count == 64 ? ~(uint64_t)0 : (((uint64_t)1 << count) - 1) << (from % 64);
        map->words[from / 64] ^= mask;
        from += count;
    }
}

static inline bool map_reserve(partitions_map *map, hy_pages *meta, size_t bits) {
    map->reserved = hy_pages_round(meta, hy_bitmap_words(bits) * sizeof(uint64_t));
    map->words = meta->ops->reserve(meta, map->reserved, hy_max(meta->granule, sizeof(uint64_t)));
    return map->words != NULL;
}

static inline void map_release(partitions_map *map, hy_pages *meta) {
    if (map->words)
        meta->ops->release(meta, map->words, map->reserved, map->committed);
}

/* Makes room for `bits` bits; new ones are clear.  False: no memory. */
static inline bool map_grow(partitions_map *map, hy_pages *meta, size_t bits) {
    const size_t end = hy_pages_round(meta, hy_bitmap_words(bits) * sizeof(uint64_t));
    if (end <= map->committed)
        return true;
    char *const more = (char *)map->words + map->committed;
    if (meta->ops->commit(meta, more, end - map->committed) < 0)
        return false;
    if (!meta->zeroed)
        memset(more, 0, end - map->committed);
    map->committed = end;
    return true;
}

/* Where the clear bits begin that end at `from`; `from` itself, if the bit below it is set. */
static inline size_t map_clear_below(const partitions_map *map, size_t from) {
    while (from > 0 && !hy_bit_get(map->words, from - 1))
        from -= from % 64 == 0 && map->words[from / 64 - 1] == 0 ? 64 : 1;
    return from;
}

#endif
