/* SPDX-License-Identifier: MIT
 *
 * knee.h - of many ways to pay with one thing for another: those worth paying, and where paying more stops being worth
 * it.
 */
#ifndef HY_KNEE_H
#define HY_KNEE_H

#include <stdbool.h>
#include <stddef.h>

/* Two costs, both above 0; what is not finite or not above 0 takes no part. */
typedef struct hy_place {
    double x, y;
} hy_place;

/* Flags those that no other place beats: none has both costs as low and one of them lower.  Of equal places the first
 * is flagged.  Returns how many. */
size_t hy_pareto(const hy_place *places, size_t n, bool *ret_front);

#define HY_KNEE_DEPTH 0.1 /* below it a front is as good as straight */

/* The knee of the Pareto front: the index, or n if there is none.  No knee: fewer than three places on the front, ends
 * that differ by no more than `margin` (0.02: 2 %) in one of the costs, or a depth below HY_KNEE_DEPTH.
 * ret_depth (or NULL): 0 on the straight line between the ends, 1 in the corner of the least of both costs; NAN if
 * there is no front to measure it on. */
size_t hy_knee(const hy_place *places, size_t n, double margin, double *ret_depth);

#endif
