/* SPDX-License-Identifier: MIT
 *
 * bca.c - the ends of a BCa interval (see bca.h).
 *
 * 1. Bias z0: the normal quantile of the share of resampled values below the observed one, ties counted half.
 * 2. Acceleration a: the skewness of the jackknife influences, of all samples together.
 * 3. The ends are the quantiles Phi(z0 + (z0 + z) / (1 - a (z0 + z))) of the resampled values, z = Phi^-1(level's
 * ends).
 *
 * Source: B. Efron, "Better Bootstrap Confidence Intervals", 1987; Efron and Tibshirani, "An Introduction to the
 * Bootstrap", 1993, chapter 14 (several samples).
 * Bad at: statistics that jump, like a median of few values: the jackknife then sees only two or three influences.
 */
#include "bca.h"

#include "describe.h"
#include "normal.h"

#include <math.h>

void hy_skew_add(hy_skew *skew, const double *without, size_t n) {
    const double mean = hy_mean(without, n), weight = (double)(n - 1) / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double influence = weight * (mean - without[i]);
        skew->cubes += influence * influence * influence;
        skew->squares += influence * influence;
    }
}

double hy_skew_acceleration(const hy_skew *skew) {
    return skew->squares > 0 ? skew->cubes / (6 * pow(skew->squares, 1.5)) : 0;
}

double hy_bca_bias(const double *resampled, size_t n, double observed) {
    double below = 0;
    for (size_t i = 0; i < n; i++)
        below += resampled[i] < observed ? 1 : resampled[i] > observed ? 0 : 0.5;
    const double share = below / (double)n, least = 0.5 / (double)n;
    return hy_normal_quantile(fmin(fmax(share, least), 1 - least));
}

static double bca_end(const double *sorted, size_t n, double bias, double acceleration, double share) {
    const double z = bias + hy_normal_quantile(share);
    return hy_quantile_sorted(sorted, n, hy_normal_below(bias + z / (1 - acceleration * z)));
}

void hy_bca_interval(const double *sorted, size_t n, double bias, double acceleration, double level, double *ret_low,
                     double *ret_high) {
    *ret_low = bca_end(sorted, n, bias, acceleration, (1 - level) / 2);
    *ret_high = bca_end(sorted, n, bias, acceleration, (1 + level) / 2);
}
