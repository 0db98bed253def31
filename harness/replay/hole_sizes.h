/* SPDX-License-Identifier: MIT
 *
 * hole_sizes.h - how large the holes of a heap are: U(k), the share of free bytes in holes smaller than k.
 *
 *   1. Holes are counted in classes, four to an octave, by the bytes that they have.
 *   2. At the borders of the classes, and only there, U is known exactly.
 *
 * One number (external fragmentation) says how good the largest hole is; the curve says what a request of any size
 * can hope for: of the free bytes, the share U(k) is of no use to a block of k bytes.
 */
#ifndef HY_HOLE_SIZES_H
#define HY_HOLE_SIZES_H

#include "heap.h"

#include <stdio.h>

enum { HY_HOLE_CLASSES = 256 };

typedef struct hy_holes {
    size_t bytes[HY_HOLE_CLASSES]; /* free bytes in holes of each class */
    size_t free;                   /* their sum; 0: no holes, or nothing measured */
} hy_holes;

/* Class c has the sizes from hy_holes_least(c) up to hy_holes_least(c + 1) exclusive.  Size 0 is no hole. */
unsigned hy_holes_class(size_t size);
size_t hy_holes_least(unsigned class_number);

/* By walk.  False: the heap has none. */
bool hy_holes_measure(const hy_instance *instance, hy_holes *ret_holes);

/* U at the borders from the smallest hole's class to behind the largest's, as lines "point holes K SHARE". */
void hy_holes_say(FILE *out, const hy_holes *holes);

#endif
