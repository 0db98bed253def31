/* SPDX-License-Identifier: MIT
 *
 * clone_pick.h - which birth of the original the next birth of the clone is like.
 *
 *  1. The original is cut into runs of births, from half of `run` to one and a half of it.  A cut is where the births
 *     before it look like those of many other places, so that runs have many that they can follow on.
 *  2. After a run comes one that follows, in the original, on births that look like the last `order` of the clone; one
 *     of them at random.  If there are less than `choice` of these, fewer births before are looked at; then it is any.
 *  3. Only the runs of the window are candidates: those near the place that the clone has reached.  So the clone goes
 *     through the phases of the original.
 *  4. Each is taken only as often as the clone is longer than the original, so that all counts stay as they are.
 *  5. Around the largest blocks runs are short and heavy: they come where they came in the original, in the midst of
 *     another run if need be.  For a few large blocks decide about the peak, and about how a heap lies.
 *
 * This is a bootstrap by blocks (Politis and Romano, "The stationary bootstrap", Journal of the American Statistical
 * Association 89, 1994), without putting back, and with joints that look like the inside of a run.
 */
#ifndef HY_CLONE_PICK_H
#define HY_CLONE_PICK_H

#include "clone_fit.h"

#define HY_CLONE_ORDERS 8  /* how many births back the likeness is looked for, at most */
#define HY_CLONE_HEAVY 16  /* one of so many runs has a heavy birth, at most */
#define HY_CLONE_BESIDE 8u /* less than so many births on either side go with it */

typedef struct hy_clone_key {
    uint64_t key;
    uint32_t run;
} hy_clone_key;

typedef struct hy_clone_pick_options {
    uint64_t seed, window; /* births */
    uint64_t run, choice, order;
    double stretch; /* how often a run is taken, on the mean */
} hy_clone_pick_options;

typedef struct hy_clone_pick {
    hy_clone_pick_options is;
    const hy_clone_fit *fit;
    uint32_t *start; /* of each run, and the end of the last */
    size_t runs;
    uint32_t *left;                           /* how often each is still to be taken */
    bool *is_heavy;                           /* of each run */
    hy_clone_key *index[HY_CLONE_ORDERS + 1]; /* of each order: the runs, sorted by what comes before them */
    uint32_t last[HY_CLONE_ORDERS];           /* symbols of the clone's last births, the last first */
    size_t oldest;                            /* before it, all runs are used up */
    size_t heavy;                             /* the next heavy run */
    size_t next, end;                         /* of the run at hand */
    size_t heavy_end;                         /* of the last heavy run */
    size_t later_next, later_end;             /* of the run that it interrupted */
    uint8_t *seen;                            /* how often each likeness occurs, by its last bits; only to cut */
    uint64_t draws;
} hy_clone_pick;

int hy_clone_pick_start(hy_clone_pick *ret, const hy_clone_fit *fit, const hy_clone_pick_options *options,
                        hy_error *error);
/* A birth of the original, near place `place` of it. */
size_t hy_clone_pick_next(hy_clone_pick *pick, size_t place);
void hy_clone_pick_end(hy_clone_pick *pick);

#endif
