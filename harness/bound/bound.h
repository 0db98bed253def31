/* SPDX-License-Identifier: MIT
 *
 * bound.h - the two limits of memory: how little any allocator could do with that never moves a block.
 *
 * Offline dynamic storage allocation: buffers with known lifetimes and sizes; find offsets such that no two that are
 * alive at once overlap, and the top (the largest offset + size) is least.
 *
 *   lower   the most bytes alive at once: nothing can be smaller.
 *   upper   the top of the best packing found: something this small is possible.  hy_packing_check has proved it.
 *
 * upper / lower - 1 is the certified gap.  The problem is NP-hard (Garey and Johnson, 1979, SR2 "dynamic storage
 * allocation"); Buchsbaum, Karloff, Kenyon, Reingold and Thorup ("OPT versus LOAD in dynamic storage allocation", SIAM
 * Journal on Computing 33, 2004) prove that the two limits are near each other when every buffer is small.
 *
 * Lifetimes are half-open, [start, end), on a clock that ticks when a birth follows a death: between ticks nothing
 * happens that matters for a packing.  A realloc ends a buffer and begins another at the same moment: a packing knows
 * the future, so it needs never two copies at once.  A block of 0 bytes counts as one of 1.
 */
#ifndef HY_BOUND_H
#define HY_BOUND_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct hy_buffer {
    uint64_t size;       /* bytes, above 0, a multiple of the job's align */
    uint64_t offset;     /* the answer, a multiple of 1 << align */
    uint32_t start, end; /* start < end */
    uint32_t align;      /* log2; at least the job's */
} hy_buffer;

#define HY_JOB_MAX_BUFFERS ((size_t)UINT32_MAX - 1)

/* All zero but `align` is an empty job. */
typedef struct hy_job {
    hy_buffer *buffers;
    size_t count, capacity;
    uint64_t align;  /* a power of two: what sizes are rounded up to, and all offsets are multiples of */
    uint32_t clock;  /* no buffer ends after it */
    uint64_t budget; /* of all sizes and alignments: their sum stays below 2^63, so no offset overflows */
} hy_job;

/* Adds a buffer; its size is rounded up, its alignment (log2) raised to the job's.  0; -EINVAL for an empty lifetime,
 * -EOVERFLOW for sizes that are too much together, -ENOMEM, with the sentence. */
int hy_job_add(hy_job *job, uint64_t size, uint32_t start, uint32_t end, uint32_t align, hy_error *error);
/* The buffers of a trace, in order of birth.  What lives at the end of the trace ends with the clock. */
int hy_job_read(const char *path, uint64_t align, hy_job *ret_job, hy_error *error);
void hy_job_clear(hy_job *job);

/* The most bytes alive at once, as the buffers are sized, and the first moment when that is so.  0 or -ENOMEM. */
int hy_job_lower(const hy_job *job, uint64_t *ret_bytes, uint32_t *ret_moment);

/* Proves a packing by a sweep over time that keeps the living in order of their offsets: O(n log n), and independent of
 * all packers.  0 and its top; -EINVAL with the sentence that names two buffers that overlap or one that is not
 * aligned; -ENOMEM. */
int hy_packing_check(const hy_job *job, uint64_t *ret_top, hy_error *error);

typedef struct hy_pack_options {
    double seconds; /* of local search, after the greedy packers; 0: none */
    uint64_t seed;
} hy_pack_options;

typedef struct hy_packing {
    uint64_t lower, upper;
    double seconds;     /* that were used */
    const char *method; /* the name of the packer that found it */
} hy_packing;

/* Packs the job as well as it can: sets all offsets, proved by hy_packing_check.  Deterministic when options->seconds
 * is 0.  0 or -errno with the sentence. */
int hy_pack(hy_job *job, const hy_pack_options *options, hy_packing *ret_packing, hy_error *error);

#endif
