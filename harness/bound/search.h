/* SPDX-License-Identifier: MIT
 *
 * search.h - an exhaustive search for packings of small jobs, with restarts.
 *
 * The ideas are of Moffitt, "MiniMalloc: a lightweight memory allocator for hardware-accelerated machine learning"
 * (ASPLOS 2023): canonical packings, sections, dominance; and of Maas et al., "TelaMalloc: efficient on-chip memory
 * allocation for production machine learning accelerators" (ASPLOS 2023): placing is choosing an order, and a solver's
 * knowledge of what is left tells early that a choice was wrong.
 *
 *   1. Time is cut into sections, in which nothing is born or dies.
 *   2. Buffers are placed in the order of their offsets, each as low as what is below it allows.  Every packing can be
 *      pushed down to such a one, so nothing is lost.
 *   3. A buffer that another one would fit below is not placed now.
 *   4. A section in which the least offset of what is left, plus the bytes that are left, is over the capacity: back.
 *   5. Where nothing that is left crosses a moment, both sides are searched for themselves.
 *   6. What is left, and how low each of it could lie, is all that matters for the rest: if that failed once, it is
 *      remembered (Zobrist hashing: "A new hashing method with application for game playing", 1970).
 *   7. The lowest place is filled first; by which buffer, an order says: the longest, the largest, one in the
 *      fullest sections, with some noise; or one in the sections that had no room most often (Boussemart, Hemery,
 *      Lecoutre and Sais, "Boosting systematic search by weighting constraints", ECAI 2004).
 *   8. A search soon begins anew with another order (Luby, Sinclair and Zuckerman, "Optimal speedup of Las Vegas
 *      algorithms", 1993): a good order finds a packing in some thousand steps, a bad one nearly never.
 *
 * A search that ends without a packing, and was not cut off, proves that there is none; up to the chance that two
 * situations have the same 64 bits, below one in a hundred thousand for ten million of them.
 *
 * Bad at: large jobs (a step takes time in proportion to the sections and the buffers left), proofs for more than some
 * dozens of buffers.
 */
#ifndef HY_SEARCH_H
#define HY_SEARCH_H

#include "bound.h"

#define HY_SEARCH_MOST ((size_t)2000) /* buffers */

typedef struct hy_search_options {
    double seconds;    /* at most */
    uint64_t steps;    /* instead of a time, if not 0 */
    uint64_t seed;     /* of the noise */
    uint64_t capacity; /* enough, not to be searched below; 0: go for the least */
} hy_search_options;

typedef struct hy_search_result {
    uint64_t proven; /* in: a lower limit; out: that, or more */
    uint64_t upper;  /* in: the top of a packing that the job has; out: that, or less.  The job's offsets are of it */
    uint64_t steps;  /* out */
} hy_search_result;

/* For at most HY_SEARCH_MOST buffers.  0 or -ENOMEM. */
int hy_search(hy_job *job, const hy_search_options *options, hy_search_result *result);

#endif
