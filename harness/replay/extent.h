/* SPDX-License-Identifier: MIT
 *
 * extent.h - the moment when a heap's extent is largest (placement.h), wherever it falls between two samples.
 *
 *   1. The extent of one run grows only when a block ends higher than any before: the last time that this happens is
 *      the moment.  With several runs it may also be the moment when most was committed.
 *   2. To walk the heap at each such time would take too long.  So the first replay only notes the moments, and a
 *      second one on a fresh heap of the same spec, which does the same, is walked there.
 *   3. Of these and all samples of the first replay, the one with the largest extent counts.
 *
 * Bad at: several runs.  Their earlier high waters are known from the samples only.
 */
#ifndef HY_EXTENT_H
#define HY_EXTENT_H

#include "placement.h"
#include "replay.h"

typedef struct hy_extent {
    hy_placement placement;
    size_t most;  /* the largest extent that was measured; 0: none */
    double ratio; /* then, for the first time */
    uintptr_t highest;
    size_t committed;
    const hy_op *at_highest, *at_committed; /* the operations that got there */
} hy_extent;

/* `op` brought a block to `block`, or made it larger. */
static inline void hy_extent_note(hy_extent *extent, const hy_op *op, const void *block, size_t committed) {
    const uintptr_t end = (uintptr_t)block + op->size;
    if (end > extent->highest) {
        extent->highest = end;
        extent->at_highest = op;
    }
    if (committed > extent->committed) {
        extent->committed = committed;
        extent->at_committed = op;
    }
}

/* Measures now.  The ratio, or 0: none (see hy_placement_measure). */
double hy_extent_sample(hy_extent *extent, const hy_instance *instance);

/* The second replay, up to the later of the two moments.  False: nothing was ever measured, no fresh heap is to be had,
 * or it found no room. */
bool hy_extent_replay(hy_extent *extent, hy_replay *replay);

#endif
