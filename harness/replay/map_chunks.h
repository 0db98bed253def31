/* SPDX-License-Identifier: MIT
 *
 * map_chunks.h - which pages of a heap are there, and how much of each is metadata, at every frame of a map.
 *
 *   1. Addresses count in chunks of 64 KiB.  A chunk is known as soon as a block lies in it; others are not asked
 * about.
 *   2. At a frame, /proc/self/pagemap says of each page of the known chunks whether it is in memory: one yardstick for
 *      all allocators, also for those that do not show their insides.
 *   3. Where the heap has `walk`, the bytes of a page that are metadata are added up: ranges of metadata, and what a
 *      block's range has in front of the block and behind it.
 *
 * All memory is mapped before the replay begins, so that the heap under test, which may be malloc, is left alone.
 * Bad at: pages of the allocator in which no block ever lies (tables apart from the blocks): they are no part of a map.
 */
#ifndef HY_MAP_CHUNKS_H
#define HY_MAP_CHUNKS_H

#include "heap.h"

#define HY_MAP_FRAMES 192u
#define HY_MAP_PAGE_SHIFT 12u
#define HY_MAP_CHUNK_SHIFT 16u
#define HY_MAP_CHUNK_PAGES 16u
#define HY_MAP_CHUNKS ((size_t)1 << 16) /* 4 GiB of addresses with blocks in them */

typedef struct hy_map_chunk {
    uint64_t number;                                      /* address >> HY_MAP_CHUNK_SHIFT */
    bool joined;                                          /* some block lay across its upper border */
    uint16_t resident[HY_MAP_FRAMES];                     /* a bit a page */
    uint16_t metadata[HY_MAP_FRAMES][HY_MAP_CHUNK_PAGES]; /* bytes of a page */
} hy_map_chunk;

typedef struct hy_map_chunks {
    hy_map_chunk *chunk; /* in the order in which they became known */
    uint32_t *place;     /* a hash table of indexes, from 1 */
    size_t count, size;  /* size: of the mapping */
    int pagemap;         /* -1: this kernel does not say */
    bool full;           /* there were more chunks */
} hy_map_chunks;

/* False: no memory. */
bool hy_map_chunks_start(hy_map_chunks *chunks);
void hy_map_chunks_end(hy_map_chunks *chunks);

/* A block lies in [start, start + size). */
void hy_map_chunks_note(hy_map_chunks *chunks, uintptr_t start, size_t size);
/* NULL: no block ever lay there. */
hy_map_chunk *hy_map_chunks_find(const hy_map_chunks *chunks, uint64_t number);
/* The frame is now. */
void hy_map_chunks_look(hy_map_chunks *chunks, hy_heap *heap, unsigned frame);

#endif
