/* SPDX-License-Identifier: MIT
 *
 * live.h - which objects are alive: one bit an id, in chunks that are given back when all in them are dead.
 *
 * Ids are born in order, so a chunk fills once and then only empties.  At worst (one survivor in every chunk) the set
 * takes one bit for each object that was ever born; usually little more than one bit for each living one.
 */
#ifndef HY_LIVE_H
#define HY_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HY_LIVE_CHUNK 16384u /* ids in a chunk */

typedef struct hy_live_chunk {
    uint64_t bits[HY_LIVE_CHUNK / 64];
    uint32_t alive;
} hy_live_chunk;

typedef struct hy_live {
    hy_live_chunk **chunks; /* by id / HY_LIVE_CHUNK; NULL: all dead */
    size_t size, capacity;
    uint64_t born;  /* the next id */
    uint64_t alive; /* how many live now */
} hy_live;

/* All zero is an empty set. */
void hy_live_clear(hy_live *live);

/* Makes room for id `born`, called by hy_live_add at the start of each chunk.  0 or -ENOMEM. */
int hy_live_grow(hy_live *live);
/* Gives back a chunk that has emptied. */
void hy_live_drop(hy_live *live, size_t chunk);

/* The next id is born.  0 or -ENOMEM. */
static inline int hy_live_add(hy_live *live) {
    const uint64_t id = live->born;
    const int r = id % HY_LIVE_CHUNK == 0 ? hy_live_grow(live) : 0;
    if (r < 0)
        return r;
    hy_live_chunk *const chunk = live->chunks[id / HY_LIVE_CHUNK];
    chunk->bits[id % HY_LIVE_CHUNK / 64] |= (uint64_t)1 << (id % 64);
    chunk->alive++;
    live->born++;
    live->alive++;
    return 0;
}

static inline bool hy_live_has(const hy_live *live, uint64_t id) {
    if (id >= live->born)
        return false;
    const hy_live_chunk *const chunk = live->chunks[id / HY_LIVE_CHUNK];
    return chunk && (chunk->bits[id % HY_LIVE_CHUNK / 64] >> (id % 64) & 1) != 0;
}

/* The object, which is alive, dies. */
static inline void hy_live_remove(hy_live *live, uint64_t id) {
    hy_live_chunk *const chunk = live->chunks[id / HY_LIVE_CHUNK];
    chunk->bits[id % HY_LIVE_CHUNK / 64] &= ~((uint64_t)1 << (id % 64));
    live->alive--;
    if (--chunk->alive == 0 && id / HY_LIVE_CHUNK != (live->born - 1) / HY_LIVE_CHUNK)
        hy_live_drop(live, (size_t)(id / HY_LIVE_CHUNK));
}

#endif
