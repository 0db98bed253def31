/* SPDX-License-Identifier: MIT
 *
 * chunk.h - a run of memory that is filled from the bottom up and never from the middle (bump, region).
 */
#ifndef HEAPYARD_CHUNK_H
#define HEAPYARD_CHUNK_H

#include "support.h"

#define HY_CHUNK_GRAIN ((size_t)16)

/* A bitmap remembers where blocks start, one bit for each 16 bytes of the first `span` bytes, so that a block needs no
 * header and can still be walked. */
typedef struct hy_chunk {
    struct hy_chunk *next;  /* the next one by address                      */
    struct hy_chunk *older; /* for those who want them by age as well       */
    size_t size;            /* of the whole run, this header included       */
    size_t span;            /* blocks start below this offset               */
    size_t first, top;      /* offsets: of the first block, behind the last */
    uint64_t starts[];      /* a bit for each 16 bytes below `span`         */
} hy_chunk;

/* Bytes of header and bitmap of a chunk with this span. */
static inline size_t hy_chunk_overhead(size_t span) {
    return hy_align_up(sizeof(hy_chunk) + hy_bitmap_words(span / HY_CHUNK_GRAIN) * sizeof(uint64_t), HY_CHUNK_GRAIN);
}

/* The largest alignment: the bitmap of a chunk that has it takes 8.2 MiB. */
#define HY_CHUNK_MOST_ALIGN ((size_t)1 << 30)

/* Size and span of a chunk that surely has room for this block: `chunk_size`, or more for a large block.
 * False: too large. */
static inline bool hy_chunk_plan(size_t chunk_size, size_t size, size_t align, size_t *ret_size, size_t *ret_span) {
    if (size > PTRDIFF_MAX / 4 || align > HY_CHUNK_MOST_ALIGN)
        return false;
    const size_t both = chunk_size + align; /* and a 64th, which is more than the bitmap that the block lies behind */
    const size_t span = align <= chunk_size / 4 ? chunk_size : hy_align_up(both + both / 64, HY_CHUNK_GRAIN);
    const size_t need = hy_chunk_overhead(span) + hy_max(align, HY_CHUNK_GRAIN) + hy_align_up(size, HY_CHUNK_GRAIN);
    *ret_size = hy_max(chunk_size, need);
    *ret_span = span;
    return true;
}

/* Makes `size` bytes at `memory` an empty chunk; address, size and span are multiples of 16. */
static inline hy_chunk *hy_chunk_format(void *memory, size_t size, size_t span) {
    hy_chunk *const chunk = (hy_chunk *)memory;
    const size_t first = hy_chunk_overhead(span);
    __builtin_memset(chunk, 0, first);
    chunk->size = size;
    chunk->span = span;
    chunk->first = chunk->top = first;
    return chunk;
}

/* The next block, or NULL: it does not fit. */
static inline void *hy_chunk_push(hy_chunk *chunk, size_t size, size_t align) {
    const uintptr_t base = (uintptr_t)chunk;
    const size_t at = hy_align_up(base + chunk->top, hy_max(align, HY_CHUNK_GRAIN)) - base;
    if (at >= chunk->span || at > chunk->size || size > chunk->size - at)
        return NULL;
    hy_bit_set(chunk->starts, at / HY_CHUNK_GRAIN);
    chunk->top = hy_align_up(at + size, HY_CHUNK_GRAIN);
    return (char *)chunk + at;
}

/* Forgets all blocks at or above the offset `top`; how many. */
static inline size_t hy_chunk_pop(hy_chunk *chunk, size_t top) {
    const size_t bits = hy_min(chunk->top, chunk->span) / HY_CHUNK_GRAIN;
    size_t count = 0;
    for (size_t i = hy_bit_next(chunk->starts, bits, top / HY_CHUNK_GRAIN); i < bits;
         i = hy_bit_next(chunk->starts, bits, i + 1), count++)
        hy_bit_clear(chunk->starts, i);
    chunk->top = top;
    return count;
}

/* The offset of the first block at or above `from`; the chunk's top if there is none. */
static inline size_t hy_chunk_block(const hy_chunk *chunk, size_t from) {
    const size_t bits = hy_min(chunk->top, chunk->span) / HY_CHUNK_GRAIN;
    const size_t i = hy_bit_next(chunk->starts, bits, from / HY_CHUNK_GRAIN);
    return i < bits ? i * HY_CHUNK_GRAIN : chunk->top;
}

/* The bytes that a block may use: up to the next one. */
static inline size_t hy_chunk_usable(const hy_chunk *chunk, const void *block) {
    const size_t at = (size_t)((const char *)block - (const char *)chunk);
    return hy_chunk_block(chunk, at + HY_CHUNK_GRAIN) - at;
}

/* The last block may change its size where it is.  False: it is not the last, or there is no room. */
static inline bool hy_chunk_resize_last(hy_chunk *chunk, const void *block, size_t size) {
    const size_t at = (size_t)((const char *)block - (const char *)chunk);
    if (at >= chunk->top || hy_chunk_block(chunk, at + HY_CHUNK_GRAIN) != chunk->top || size > chunk->size - at)
        return false;
    chunk->top = hy_align_up(at + size, HY_CHUNK_GRAIN);
    return true;
}

/* Keeps a list of chunks in address order, as walk needs it. */
static inline void hy_chunk_insert(hy_chunk **list, hy_chunk *chunk) {
    while (*list && *list < chunk)
        list = &(*list)->next;
    chunk->next = *list;
    *list = chunk;
}

static inline void hy_chunk_remove(hy_chunk **list, const hy_chunk *chunk) {
    while (*list != chunk)
        list = &(*list)->next;
    *list = chunk->next;
}

/* The chunk that `address` lies in, or NULL.  Walks the list. */
static inline hy_chunk *hy_chunk_find(hy_chunk *list, const void *address) {
    const uintptr_t wanted = (uintptr_t)address;
    while (list && !(wanted >= (uintptr_t)list && wanted - (uintptr_t)list < list->size))
        list = list->next;
    return list;
}

/* Its header, its blocks, its rest. */
static inline int hy_chunk_walk(const hy_chunk *chunk, hy_visit *visit, void *context) {
    const uintptr_t base = (uintptr_t)chunk;
    size_t at = hy_chunk_block(chunk, chunk->first);
    const hy_range head = {.start = base, .size = at, .kind = HY_META};
    int r = visit(context, &head);
    while (r == 0 && at < chunk->top) {
        const size_t end = hy_chunk_block(chunk, at + HY_CHUNK_GRAIN);
        const hy_range block = {base + at, end - at, base + at, end - at, HY_USED};
        r = visit(context, &block);
        at = end;
    }
    const size_t left = chunk->size - at;
    const hy_range rest = {.start = base + at, .size = left, .usable = at < chunk->span ? left : 0, .kind = HY_FREE};
    return r != 0 || left == 0 ? r : visit(context, &rest);
}

/* The first thing wrong with a chunk, or NULL. */
static inline const char *hy_chunk_check(const hy_chunk *chunk) {
    if (chunk->first != hy_chunk_overhead(chunk->span) || chunk->top < chunk->first || chunk->top > chunk->size)
        return "a chunk's header is damaged";
    const size_t bits = chunk->span / HY_CHUNK_GRAIN;
    if (hy_bit_next(chunk->starts, bits, 0) < chunk->first / HY_CHUNK_GRAIN)
        return "a block starts inside a chunk's header";
    if (hy_bit_next(chunk->starts, bits, chunk->top / HY_CHUNK_GRAIN) != bits)
        return "a block starts above its chunk's top";
    return chunk->next && chunk->next <= chunk ? "chunks are out of address order" : NULL;
}

#endif
