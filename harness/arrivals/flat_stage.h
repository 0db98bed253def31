/* SPDX-License-Identifier: MIT
 *
 * flat_stage.h - two programs in one flat memory: alone, together without bounds, and together with bounds.
 *
 * Real processes in real shared pages.  Each opens a heap of ours in the memory that it takes for its own.
 */
#ifndef HY_FLAT_STAGE_H
#define HY_FLAT_STAGE_H

#include "heap.h"

typedef enum hy_flat_act { HY_FLAT_ALONE, HY_FLAT_UNBOUNDED, HY_FLAT_BOUNDED, HY_FLAT_ACTS } hy_flat_act;

extern const char *const hy_flat_names[]; /* of the acts: alone, unbounded, bounded */

#define HY_FLAT_TEXT 64 /* bytes of A's variable */

typedef struct hy_flat_program {
    bool admitted;      /* it was given memory while the other was there, or was alone from the beginning */
    size_t base, limit; /* what it takes for its own, as offsets into the memory */
    uint64_t blocks;    /* that it allocated and wrote */
    int signal;         /* it died of this; 0: it ended well */
} hy_flat_program;

typedef struct hy_flat_outcome {
    hy_flat_program a, b;
    size_t variable;                                /* where A's is, as an offset */
    char before[HY_FLAT_TEXT], after[HY_FLAT_TEXT]; /* what A wrote, and what it found when B was done */
    uint64_t checksum_before, checksum_after;
    uint64_t overlap; /* bytes that both take for their own */
} hy_flat_outcome;

/* `memory` bytes, a multiple of 8 KiB.  0, or -errno with the sentence: the heap cannot live in so little, is a malloc
 * of others, …  */
int hy_flat_play(hy_flat_act act, const char *spec, size_t memory, hy_flat_outcome *ret, hy_error *error);

#endif
