/* SPDX-License-Identifier: MIT
 *
 * packers.h - what the packers share.  A packer sets every offset of a job; some packings are better than others.
 *
 *   pack_order.c    in which order greedy packers take buffers
 *   pack_skyline.c  each on top of all below: fast, rough
 *   pack_sweep.c    each at the lowest offset free for its life: slower, tight
 *   pack_search.c   what did not fit comes sooner next time
 *   pack.c          all of them in turn; the best packing counts
 */
#ifndef HY_PACKERS_H
#define HY_PACKERS_H

#include "bound.h"

#include <stdbool.h>

#define HY_PACK_NOWHERE UINT64_MAX /* the offset of a buffer that found no room */

/* How a greedy packer ranks buffers: the larger size^size x lifetime^lifetime, the sooner. */
typedef struct hy_pack_order {
    uint32_t size, lifetime; /* weights, 0 to 4 */
    uint32_t noise;          /* up to so many octaves are added at random: below 32 */
    uint64_t seed;           /* of the noise */
} hy_pack_order;

/* Buffer numbers in that order; ties by number.  `ret_numbers` has job->count entries.  0 or -ENOMEM. */
int hy_pack_sort(const hy_job *job, const hy_pack_order *order, uint32_t *ret_numbers);

/* On top of everything below, taken in the order of `numbers`.  0 or -ENOMEM. */
int hy_pack_skyline(hy_job *job, const uint32_t *numbers);

#define HY_PACK_AT_ONCE UINT32_MAX /* a growth: all in one batch but the first buffer */

/* At the lowest free offset, all of them below `limit`; each batch brings the placed ones to `growth` per cent of those
 * before (above 100).  *effort is what it may cost (buffers placed and nodes looked at), less what it did.  1; 0: not
 * all fit or the effort was not enough, and the packing ends with the batch in which that was so; -ENOMEM. */
int hy_pack_sweep(hy_job *job, const uint32_t *numbers, uint32_t growth, uint64_t limit, uint64_t *effort);

/* The packers at work on one job. */
typedef struct hy_trial {
    hy_job *job;
    uint32_t *numbers, *spare; /* orders, job->count entries each */
    uint64_t *offsets;         /* of the best packing so far */
    hy_packing best;           /* method NULL: none yet */
    uint64_t started;          /* hy_now */
} hy_trial;

/* The best can be no better. */
static inline bool hy_trial_perfect(const hy_trial *trial) {
    return trial->best.upper == trial->best.lower;
}

/* Has the job's packing checked, and keeps it if it is the best so far.  0 or -errno with the sentence. */
int hy_trial_judge(hy_trial *trial, const char *method, hy_error *error);
/* One sweep below the best so far, judged.  0 or -errno with the sentence. */
int hy_trial_sweep(hy_trial *trial, uint32_t growth, uint64_t *effort, const char *method, hy_error *error);
/* Local search from several orders until the gap is closed or the time is over.  0 or -errno with the sentence. */
int hy_trial_search(hy_trial *trial, const hy_pack_options *options, hy_error *error);

#endif
