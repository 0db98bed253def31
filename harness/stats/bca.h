/* SPDX-License-Identifier: MIT
 *
 * bca.h - the ends of a BCa interval (bias-corrected and accelerated), of any statistic.
 */
#ifndef HY_BCA_H
#define HY_BCA_H

#include <stddef.h>

/* Sums over the jackknife; one for each statistic, several samples added one after another. */
typedef struct hy_skew {
    double cubes, squares;
} hy_skew;

/* Adds one sample: without[i] is the statistic without its i-th value. */
void hy_skew_add(hy_skew *skew, const double *without, size_t n);
/* The acceleration: the skewness of the influences, over 6. */
double hy_skew_acceleration(const hy_skew *skew);

/* The normal quantile of the share of resampled values below the observed one, ties counted half. */
double hy_bca_bias(const double *resampled, size_t n, double observed);

/* The interval from resampled values, which are sorted. */
void hy_bca_interval(const double *sorted, size_t n, double bias, double acceleration, double level, double *ret_low,
                     double *ret_high);

#endif
