/* SPDX-License-Identifier: MIT
 *
 * holes.c - a heap with so many holes (see holes.h).
 *
 * To fill a heap whose every search begins at its bottom takes quadratic time.  So the blocks are carved from the top
 * of one large block, downwards: it shrinks, and what it leaves is at once taken by the next block, right behind it.
 * Where that does not work, the blocks are allocated one after the other, upwards.
 */
#include "holes.h"

#include "random.h"

enum { ALIGN = 16, STEP = 32, KINDS = 16, PIECE_HEADER = 8 };

/* Bytes of the i-th piece: of holes and, behind each, of blocks that stay. */
static size_t piece_size(const hy_holes *holes, size_t i) {
    const size_t kinds = 1 + i / 2 * KINDS / holes->count; /* as many sizes as there may be so far up */
    return i % 2 ? STEP : STEP * (1 + hy_random(3, i) % kinds);
}

static void *take_piece(const hy_holes *holes, size_t i) {
    return holes->heap->ops->alloc(holes->heap, piece_size(holes, i) - PIECE_HEADER, ALIGN);
}

static void free_block(const hy_holes *holes, void *block) {
    if (block)
        holes->heap->ops->free(holes->heap, block, 0);
}

/* Frees the blocks from the i-th on. */
static void free_from(hy_holes *holes, size_t i) {
    for (; i < 2 * holes->count; i++)
        free_block(holes, holes->blocks[i]);
    free_block(holes, holes->rest);
    holes->rest = NULL;
}

static size_t whole_size(const hy_holes *holes) {
    size_t size = 3 * STEP - PIECE_HEADER;
    for (size_t i = 0; i < 2 * holes->count; i++)
        size += piece_size(holes, i);
    return size;
}

/* Downwards, from the top of a block.  False: its tail was not given to the next block, or there was no room. */
static bool carve(hy_holes *holes) {
    hy_heap *const heap = holes->heap;
    size_t size = whole_size(holes), i = 2 * holes->count;
    char *const whole = size <= heap->max_size ? heap->ops->alloc(heap, size, ALIGN) : NULL;
    if (!whole)
        return false;
    holes->rest = whole;
    while (i-- > 0) {
        const size_t less = size - piece_size(holes, i);
        holes->rest = heap->ops->realloc(heap, whole, size, ALIGN, less);
        holes->blocks[i] = take_piece(holes, i);
        const char *const block = holes->blocks[i];
        if (holes->rest != whole || block < whole + less || block > whole + less + PIECE_HEADER) {
            free_from(holes, i);
            return false;
        }
        size = less;
    }
    return true;
}

/* Upwards, one after the other. */
static bool fill(hy_holes *holes) {
    for (size_t i = 0; i < 2 * holes->count; i++) {
        holes->blocks[i] = take_piece(holes, i);
        if (holes->blocks[i])
            continue;
        while (i-- > 0)
            free_block(holes, holes->blocks[i]);
        return false;
    }
    return true;
}

/* The k-th of `count`, in an order that looks random: the factor is a prime, and has no factor in common with count. */
static size_t shuffled(size_t k, size_t count) {
    return (k * 2654435761u + 12345) % count;
}

bool hy_holes_make(hy_heap *heap, size_t count, void **blocks, hy_holes *ret_holes) {
    *ret_holes = (hy_holes){.heap = heap, .blocks = blocks, .count = count};
    if (!carve(ret_holes) && !fill(ret_holes))
        return false;
    for (size_t k = 0; k < count; k++) {
        void **const block = &blocks[2 * shuffled(k, count)];
        free_block(ret_holes, *block);
        *block = NULL;
    }
    return true;
}

void hy_holes_end(hy_holes *holes) {
    for (size_t i = 0; i < sizeof holes->recent / sizeof *holes->recent; i++)
        free_block(holes, holes->recent[i]);
    free_from(holes, 0);
}
