/* SPDX-License-Identifier: MIT
 *
 * ranks.h - tests and an effect size that ask for order only, so that a wild value counts no more than any other.
 */
#ifndef HY_RANKS_H
#define HY_RANKS_H

#include <stddef.h>

/* Up to so many values a side without ties, p is exact. */
#define HY_MANN_WHITNEY_EXACT 20
/* Up to so many pairs that differ, p is exact, ties or not. */
#define HY_SIGNED_RANK_EXACT 50

/* Two-sided p that a value of `a` is as likely above as below one of `b`.  Mann and Whitney; exact or normal with
 * correction for ties and continuity.  1 if all values are equal; NAN if a side is empty.  NAN: no memory. */
double hy_mann_whitney(const double *a, size_t na, const double *b, size_t nb);

/* Two-sided p that a[i] / b[i] is as likely far above 1 as far below.  Wilcoxon's test of the logarithms; pairs that do
 * not differ are left out; exact, ties included, or normal with corrections.  1 if no pair differs. */
double hy_signed_rank(const double *a, const double *b, size_t n);

/* Cliff's delta: (pairs with a above b - pairs with a below b) / all pairs. */
double hy_cliff_delta(const double *a, size_t na, const double *b, size_t nb);

/* Holm's step-down adjustment of n values of p; NAN stays NAN and does not count.  -ENOMEM. */
int hy_holm(const double *p, size_t n, double *ret_adjusted);

#endif
