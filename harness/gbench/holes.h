/* SPDX-License-Identifier: MIT
 *
 * holes.h - a heap with so many holes, and requests whose search goes deep.
 *
 *  1. N holes of 32 to 512 bytes lie between N blocks of 24 bytes that stay.  The further up, the larger holes may be:
 *     a heap that has been used for long looks like that, because small requests are served, and leave their splinters,
 *     where a search begins.
 *  2. Requests are of 40 to 488 bytes, each size equally likely.  So a search from the bottom visits any part of the
 *     holes before it finds the first that will do, half of them in the mean; and one for the smallest that will do
 * must see all, since no hole fits exactly (a search through a list would end there).
 *  3. Each request is freed when so many others have come, up to 4096 but no more than a sixteenth of the holes: so
 *     they do not find the same few holes again and again, warm in the cache.
 *  4. The holes were freed in an order that looks random, so a tree of them did not grow in order.
 *
 * The sizes are for an allocator with 8 bytes of header or none, and a grain of 16.
 */
#ifndef HY_HOLES_H
#define HY_HOLES_H

#include "heapyard.h"

typedef struct hy_holes {
    hy_heap *heap;
    void **blocks; /* `count` places for the holes' blocks, each with the block that stays behind it */
    size_t count;
    void *rest; /* a block, or NULL */
    void *recent[4096];
    size_t turn;
} hy_holes;

/* `blocks` has room for 2 * count pointers.  False: no room in the heap, and nothing is left behind. */
bool hy_holes_make(hy_heap *heap, size_t count, void **blocks, hy_holes *ret_holes);
void hy_holes_end(hy_holes *holes);

/* Where the next request's block is kept; the block that is there, if any, is to be freed first. */
static inline void **hy_holes_next(hy_holes *holes) {
    const size_t kept = holes->count / 16 < 4096 ? holes->count / 16 + 1 : 4096;
    return &holes->recent[holes->turn++ % kept];
}

/* The size of a request, from a random number. */
static inline size_t hy_holes_request(uint32_t draw) {
    return 40 + 32 * (size_t)((uint64_t)draw * 15 >> 32);
}

#endif
