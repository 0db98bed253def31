/* SPDX-License-Identifier: MIT
 *
 * placement.h - placement fragmentation: what the choice of places costs, metadata and rounding apart.
 *
 *   used     the ranges of all living blocks, whole: their headers and rounding are in it
 *   holes    free bytes that were touched: those below the end of the highest block that their run of pages had, since
 *            its top was last given back.  What was committed ahead and never used is not in it, nor is metadata that
 *            belongs to no one block.
 *   extent   all bytes of the runs up to there, metadata too
 *
 * (used + holes) / used, at the moment when the extent is largest, is the third measure of Johnstone and Wilson ("The
 * memory fragmentation problem: solved?", ISMM 1998) for placement alone: both sides are counted in the allocator's own
 * ranges, so that what it adds to each request cancels out.  1: no touched byte is free.
 */
#ifndef HY_PLACEMENT_H
#define HY_PLACEMENT_H

#include "heap.h"

/* Of more runs than this, only what lies below the living blocks counts as touched in the others. */
#define HY_PLACEMENT_RUNS 1024u

/* One run of pages, and the end of the highest block that was seen in it. */
typedef struct hy_placement_run {
    uintptr_t start, high;
} hy_placement_run;

typedef struct hy_placement {
    size_t used, holes, extent; /* at the last measure */
    size_t ranges;              /* that it looked at */
    size_t runs;
    unsigned table; /* the current one */
    hy_placement_run run[2][HY_PLACEMENT_RUNS];
} hy_placement;

/* Measures now.  `placement` is all zero before the first time.  False: the heap has no walk, or its walk cannot tell
 * living blocks from dead ones. */
bool hy_placement_measure(const hy_instance *instance, hy_placement *placement);

/* (used + holes) / used; 0 where nothing is used. */
double hy_placement_ratio(const hy_placement *placement);

#endif
