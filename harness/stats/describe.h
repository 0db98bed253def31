/* SPDX-License-Identifier: MIT
 *
 * describe.h - what a handful of repeated measurements say: middle, spread, quantiles.
 *
 * All functions take n >= 1 finite values in any order, leave them alone, and answer NAN for n == 0: a figure that
 * does not exist is never 0.
 */
#ifndef HY_DESCRIBE_H
#define HY_DESCRIBE_H

#include <stddef.h>

/* Sorts upwards, in place. */
void hy_sort(double *values, size_t n);

/* The value at `fraction` (0 to 1) of sorted values, interpolated linearly between neighbours
 * (Hyndman and Fan's definition 7, the default of R and NumPy). */
double hy_quantile_sorted(const double *sorted, size_t n, double fraction);

/* The same for values in any order.  NAN also when memory is exhausted. */
double hy_quantile(const double *values, size_t n, double fraction);
double hy_median(const double *values, size_t n);

/* a[i] / b[i], to be freed; NULL: no memory.  And their median: NAN also when memory is exhausted. */
double *hy_quotients(const double *a, const double *b, size_t n);
double hy_median_quotient(const double *a, const double *b, size_t n);

/* Median of the absolute deviations from the median, times 1.4826: for normal values this is the standard deviation. */
double hy_mad(const double *values, size_t n);

double hy_mean(const double *values, size_t n);
/* Of the sample (n - 1); NAN for fewer than two values. */
double hy_deviation(const double *values, size_t n);

/* The only honest mean of ratios.  NAN if any value is not above 0. */
double hy_geometric_mean(const double *values, size_t n);

#endif
