/* SPDX-License-Identifier: MIT
 *
 * correlation.c - see correlation.h.
 */
#include "correlation.h"

#include "describe.h"
#include "normal.h"

#include <math.h>
#include <stdlib.h>

double hy_pearson(const double *x, const double *y, size_t n) {
    const double mean_x = hy_mean(x, n), mean_y = hy_mean(y, n);
    double xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return n < 3 || !(xx > 0) || !(yy > 0) ? NAN : xy / sqrt(xx * yy);
}

/* 1 for the least; equal values have the mean of the ranks that they take up together. */
static double rank_of(const double *values, size_t n, double value) {
    double below = 0, same = 0;
    for (size_t i = 0; i < n; i++) {
        below += values[i] < value;
        same += values[i] == value;
    }
    return below + (same + 1) / 2;
}

double hy_spearman(const double *x, const double *y, size_t n) {
    double *const ranks = malloc((2 * n + 1) * sizeof *ranks);
    if (!ranks)
        return NAN;
    for (size_t i = 0; i < n; i++) {
        ranks[i] = rank_of(x, n, x[i]);
        ranks[n + i] = rank_of(y, n, y[i]);
    }
    const double rho = hy_pearson(ranks, ranks + n, n);
    free(ranks);
    return rho;
}

static void fisher_interval(double r, size_t n, double level, double variance, double *ret_low, double *ret_high) {
    if (n < 4 || !(r > -1 && r < 1)) {
        *ret_low = *ret_high = NAN;
        return;
    }
    const double half = hy_normal_quantile((1 + level) / 2) * sqrt(variance / (double)(n - 3));
    *ret_low = tanh(atanh(r) - half);
    *ret_high = tanh(atanh(r) + half);
}

void hy_pearson_interval(double r, size_t n, double level, double *ret_low, double *ret_high) {
    fisher_interval(r, n, level, 1, ret_low, ret_high);
}

void hy_spearman_interval(double rho, size_t n, double level, double *ret_low, double *ret_high) {
    fisher_interval(rho, n, level, 1 + rho * rho / 2, ret_low, ret_high);
}
