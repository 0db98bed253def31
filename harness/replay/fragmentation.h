/* SPDX-License-Identifier: MIT
 *
 * fragmentation.h - one definition of fragmentation for all allocators, computed from `walk`.
 */
#ifndef HY_FRAGMENTATION_H
#define HY_FRAGMENTATION_H

#include "heap.h"

/* Sums over one walk, in bytes. */
typedef struct hy_fragmentation {
    size_t usable;       /* of used blocks: the caller's */
    size_t free;         /* holes, whole */
    size_t largest_hole; /* whole */
    size_t in_band;      /* metadata and padding inside data pages */
    size_t blocks, holes;
} hy_fragmentation;

/* False: the heap has no walk. */
bool hy_fragmentation_measure(const hy_instance *instance, hy_fragmentation *ret_sums);

/* 0 where there is nothing to share: a heap without holes has no external fragmentation. */
double hy_fragmentation_internal(const hy_fragmentation *sums, size_t asked);
double hy_fragmentation_external(const hy_fragmentation *sums);
/* With what the heap committed of its metadata source, of all that it committed. */
double hy_fragmentation_metadata(const hy_fragmentation *sums, const hy_instance *instance);

/* Committed bytes of the instance's page sources, now. */
size_t hy_instance_committed(const hy_instance *instance);

#endif
