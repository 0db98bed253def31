/* SPDX-License-Identifier: MIT
 *
 * winner.h - which of several settings is best, and how sure that is.
 */
#ifndef HY_WINNER_H
#define HY_WINNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One setting: what it cost in time and in space, each time that it was measured. */
typedef struct hy_candidate {
    const double *times, *spaces;
    size_t time_count, space_count;
} hy_candidate;

/* The candidate with the least median time × median space; n if none has both.  It is the same one that has the least
 * product of ratios to any fixed candidate. */
size_t hy_winner(const hy_candidate *candidates, size_t n);

/* How often each would win if the campaign were run again: repetitions are drawn with replacement, candidate by
 * candidate, and the winner taken anew.  A space that was measured once stands as it is.  Candidates without a figure
 * never win and have share 0.
 * -EDOM: a candidate was timed fewer than HY_BOOTSTRAP_LEAST times: nobody can say how sure it is.  -ENOMEM. */
int hy_winner_shares(const hy_candidate *candidates, size_t n, uint64_t seed, double *ret_shares);

/* Flags the fewest candidates that together win at least `level` (0.95) of the draws. */
void hy_winner_set(const double *shares, size_t n, double level, bool *ret_likely);

#endif
