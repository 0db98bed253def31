/* SPDX-License-Identifier: MIT
 *
 * repetitions.h - how many rounds a campaign needs, out of a few first ones (the pilot).
 *
 * The number is fixed once, from the pilot's spread, and does not depend on how the comparison turns out; looking again
 * after each round and stopping when the answer pleases would make false verdicts likely.
 */
#ifndef HY_REPETITIONS_H
#define HY_REPETITIONS_H

#include "judge.h"

/* Rounds, the pilot's included, after which half the width of the 95 % interval of the ratio is expected to
 * be at most `precision` (0.01: 1 % of the ratio).  Never fewer than HY_BOOTSTRAP_LEAST, nor than the pilot has.
 * 0: cannot be told (fewer than 3 values on a side, or one that is not above 0). */
size_t hy_rounds_needed(const hy_contest *pilot, double precision);

/* The same for a whole campaign: what the most demanding contest needs (those that cannot be told are left out; 0 if
 * all are), and not less than it takes to tell anything in a family of that size. */
size_t hy_rounds_for_all(const hy_contest *pilots, size_t n, double precision, double alpha);

/* The other way round: half the width that the interval is expected to have after `rounds`; NAN: cannot be told. */
double hy_precision_expected(const hy_contest *pilot, size_t rounds);

#endif
