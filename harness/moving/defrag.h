/* SPDX-License-Identifier: MIT
 *
 * defrag.h - a trace on a heap that may move blocks: what footprint is won for what is moved.
 *
 *   1. The replay holds objects by number.  compact announces each move, and a table from addresses to objects finds
 *      whose address it is that changes.
 *   2. The heap is compacted when it grows beyond its peak or a 16th of it was freed since, if a 16th of it is idle,
 * and as far as its budget allows (handles:partial=C: no more than a C-th of what was allocated).
 *   3. Each object has a number of its own in its first bytes, which is looked at before it is freed or resized.
 *
 * Theory, for programs with at most M bytes alive, in blocks of up to n words:
 *   nothing moved  some program takes M (log2(n) / 2 + 1) - n + 1 from every manager (Robson; worst_bounds.h)
 *   a C-th moved   (C + 1) M is enough.  A. Bendersky, E. Petrank, "Space overhead bounds for dynamic memory management
 *                  with partial compaction", POPL 2011.  Why: allocate upwards; at (C + 1) M compact everything: at
 * most M is moved, and since the last time at least C M were allocated. What programs there are take is far below both;
 * that is what the table shows.
 */
#ifndef HY_DEFRAG_H
#define HY_DEFRAG_H

#include "program.h"

#define HY_DEFRAG_NEVER UINT64_MAX

typedef struct hy_defrag_order {
    int program;      /* serial, of hy_compile_trace */
    const char *spec; /* of a heap with compact, without `partial` */
    uint64_t
        budget; /* moves at most this part of what is allocated; 0: all it can; HY_DEFRAG_NEVER: does not compact */
} hy_defrag_order;

typedef struct hy_defrag_result {
    char failed[256]; /* "" or the sentence why there is no result */
    uint64_t live;    /* most bytes alive */
    uint64_t largest; /* block, bytes */
    uint64_t allocated;
    uint64_t footprint;                  /* most bytes committed */
    double mean_footprint, mean_live;    /* over the allocation clock */
    uint64_t compactions, blocks, moved; /* blocks and bytes moved */
    uint64_t busy, longest;              /* ns in compact, in all and once */
} hy_defrag_result;

/* Runs in a child.  0 or -errno with the sentence: there was no child. */
int hy_defrag_run(const hy_defrag_order *order, hy_defrag_result *ret_result, hy_error *error);

/* (C + 1) M. */
double hy_defrag_enough(double live, uint64_t budget);

#endif
