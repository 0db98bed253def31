/* SPDX-License-Identifier: MIT
 *
 * heapmap.h - the ranges of a heap at one moment, and a picture of them in characters.
 */
#ifndef HY_HEAPMAP_H
#define HY_HEAPMAP_H

#include "heapyard.h"

typedef struct hy_heapmap {
    hy_range *ranges; /* in address order */
    size_t count, room;
    size_t bytes;  /* of all ranges */
    size_t pieces; /* runs of ranges without gaps */
} hy_heapmap;

/* Walks the heap, which must have walk; what was in the map is forgotten. */
void hy_heapmap_take(hy_heapmap *map, hy_heap *heap);
void hy_heapmap_free(hy_heapmap *map);

/* A part of the picture: so many bytes of each hy_kind, from `start` on.  Gaps between pieces are left out. */
typedef struct hy_heapmap_cell {
    uintptr_t start;
    size_t bytes[3];
} hy_heapmap_cell;

/* The next cell of `size` bytes (less at the end); *at starts as all zero.  False: there is no more. */
typedef struct hy_heapmap_place {
    size_t range, offset;
} hy_heapmap_place;
bool hy_heapmap_next(const hy_heapmap *map, hy_heapmap_place *at, size_t size, hy_heapmap_cell *ret_cell);

/* What most of a cell is: '#' used, 'o' more used than free, ':' more free than used, '.' free, '+' metadata. */
char hy_heapmap_letter(const hy_heapmap_cell *cell);

#endif
