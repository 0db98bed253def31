/* SPDX-License-Identifier: MIT
 *
 * two_limits.h - both limits of a packing job, by all means that we have.
 *
 *   1. An offset in every buffer, given by somebody else, counts as a packing once it is checked.
 *   2. The greedy packers (hy_pack), and their local search if the job is large.
 *   3. For at most HY_SEARCH_MOST buffers, where a gap is left: search.h.
 */
#ifndef HY_TWO_LIMITS_H
#define HY_TWO_LIMITS_H

#include "bound.h"

#include <signal.h>
#include <stdbool.h>

typedef struct hy_limits_options {
    bool given;        /* the job has offsets: check them, and begin with them */
    double seconds;    /* to search in; what is found depends on the machine's speed */
    uint64_t steps;    /* or, if not 0, steps of the search: the same answer on every machine */
    uint64_t seed;     /* of the search */
    uint64_t capacity; /* enough: stop there.  0: go for the least */
} hy_limits_options;

/* Bytes.  lower <= proven <= the least possible <= upper. */
typedef struct hy_limits {
    uint64_t lower;     /* most bytes alive at once */
    uint64_t proven;    /* more than that if an exhaustive search found nothing below */
    uint64_t upper;     /* the top of the best packing, which the job now has; hy_packing_check has proved it */
    uint64_t steps;     /* of the search */
    double seconds;     /* that all of this took */
    const char *method; /* that found the best packing */
} hy_limits;

/* 0 or -errno with the sentence.  -EINVAL: the offsets given are no packing. */
int hy_limits_find(hy_job *job, const hy_limits_options *options, hy_limits *ret_limits, hy_error *error);

#endif
