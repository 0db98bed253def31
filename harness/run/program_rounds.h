/* SPDX-License-Identifier: MIT
 *
 * program_rounds.h - how many rounds a program is run, where a wanted precision or a budget of time decides.
 *
 * First a pilot of 7 rounds. Then the number is fixed, once and for all: what the spread of CPU times says is needed
 * for the precision (repetitions.h), but no more than the budget has room for by the pilot's times. It is stored, so
 * that an interrupted campaign goes on alike, and does not depend on who is ahead, so that no verdict gets likelier by
 * it.
 */
#ifndef HY_PROGRAM_ROUNDS_H
#define HY_PROGRAM_ROUNDS_H

#include "store.h"

#define HY_PROGRAM_PILOT 7
#define HY_PROGRAM_MOST 1000

/* What decides: either may be 0, for not given. */
typedef struct hy_program_goal {
    double precision; /* 0.02: the interval's half width */
    uint64_t budget;  /* ns, for all runs together */
} hy_program_goal;

/* From the stored pilot.  0 or -errno with the sentence. */
int hy_program_choose_rounds(const hy_program_goal *goal, hy_store *store, int64_t campaign, const char *baseline,
                             hy_rounds_chosen *ret_rounds, hy_error *error);

#endif
