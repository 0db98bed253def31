/* SPDX-License-Identifier: MIT
 *
 * least_yard.h - the least memory in which a trace succeeds on an allocator.
 *
 *   1. A yard is so many pages of memory, with all that the allocator keeps in it (see yard_pass.c).  It is enough if
 *      no request fails.
 *   2. Twice as much more than the live bytes each time, until a yard is enough.
 *   3. Between that and the largest below it that was not, the middle, until both are near enough to each other.
 *   4. More memory need not be better: the allocator may place a block differently and fail later, like Graham's
 *      anomalies of scheduling.  So a few smaller yards are tried, evenly spread; if one of them is enough, 3. again.
 *
 * The answer is the least of all yards that were tried, with what became of each.  That no smaller one would be enough
 * is not proved.
 *
 * Bad at: allocators of others, which get their memory from the system and cannot be kept in a yard.
 */
#ifndef HY_LEAST_YARD_H
#define HY_LEAST_YARD_H

#include "child.h"

#define HY_YARD_TRIES 64u

typedef struct hy_yard_try {
    uint64_t bytes;
    uint64_t failed; /* the first operation that got nothing, from 1; 0: none did; UINT64_MAX: it did not even begin */
} hy_yard_try;

typedef struct hy_least_yard_plan {
    const hy_prepared *prepared; /* the serial form of the trace */
    const char *spec;
    uint64_t live;    /* most bytes alive at once: no yard below is tried */
    double precision; /* how near, as a part of the least yard */
    uint64_t most;    /* bytes; no yard above is tried */
    uint64_t seed;
    uint64_t timeout; /* ns, of one try */
    const volatile sig_atomic_t *stop;
} hy_least_yard_plan;

typedef struct hy_least_yard {
    uint64_t bytes;                   /* the least that was enough; 0: none was */
    uint64_t too_small;               /* the largest below it that was not; without any, the bytes alive (not tried) */
    hy_yard_try tries[HY_YARD_TRIES]; /* by size */
    size_t count;
    char outcome[16]; /* ok; no-room: none up to `most` was enough; refused, crash, timeout */
    char detail[512]; /* "" if ok */
    char version[64];
} hy_least_yard;

/* 0, whatever became of the allocator; -EINTR when stopped; -errno with the sentence: no child could be started. */
int hy_least_yard_find(const hy_least_yard_plan *plan, hy_least_yard *ret_least, hy_error *error);

#endif
