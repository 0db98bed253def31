/* SPDX-License-Identifier: MIT
 *
 * correlation.h - how well one list of values tells another.
 */
#ifndef HY_CORRELATION_H
#define HY_CORRELATION_H

#include <stddef.h>

/* Pearson's r: 1 where all points lie on a rising line.  NAN for fewer than 3 points, or if one side does not vary. */
double hy_pearson(const double *x, const double *y, size_t n);

/* Spearman's rho: Pearson's r of the ranks, so that only the order counts; equal values share the mean of their ranks.
 * NAN also when memory is exhausted. */
double hy_spearman(const double *x, const double *y, size_t n);

/* The interval of Pearson's r by Fisher's transformation.  NAN for fewer than 4 points.  It takes the points for
 * independent of each other. */
void hy_pearson_interval(double r, size_t n, double level, double *ret_low, double *ret_high);

/* The same of Spearman's rho, with the variance of Bonett and Wright (Psychometrika 65, 2000). */
void hy_spearman_interval(double rho, size_t n, double level, double *ret_low, double *ret_high);

#endif
