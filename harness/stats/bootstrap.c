/* SPDX-License-Identifier: MIT
 *
 * bootstrap.c - BCa intervals (bias-corrected and accelerated) of a ratio of medians.
 *
 * 1. Draw from each side as many values as it has, with replacement; take the ratio of the medians; 9999 times.
 * 2. Bias z0: the normal quantile of the share of resampled ratios below the observed one, ties counted half.
 * 3. Acceleration a: the skewness of the jackknife influences of both sides together.
 * 4. The ends are the quantiles Phi(z0 + (z0 + z) / (1 - a (z0 + z))) of the resampled ratios, z = Phi^-1(level's
 * ends).
 *
 * Source: B. Efron, "Better Bootstrap Confidence Intervals", 1987; Efron and Tibshirani, "An Introduction to the
 * Bootstrap", 1993, chapter 14 (several samples).
 * Bad at: few values.  No interval can leave the range of what was measured, so five values give 94 % at most, and
 * fewer get no interval at all; the remedy is more repetitions.  And many comparisons: each interval stands for itself.
 */
#include "bootstrap.h"

#include "describe.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One side of the ratio.  The second side of a single median is empty and counts as 1. */
typedef struct sample {
    const double *values;
    size_t n;
    double *scratch; /* n values */
} sample;

static double sample_median(const sample *s) {
    if (s->n == 0)
        return 1;
    memcpy(s->scratch, s->values, s->n * sizeof *s->scratch);
    hy_sort(s->scratch, s->n);
    return hy_quantile_sorted(s->scratch, s->n, 0.5);
}

/* The median of n values drawn with replacement; *place moves on along the random stream. */
static double sample_redraw(const sample *s, uint64_t seed, uint64_t *place) {
    if (s->n == 0)
        return 1;
    for (size_t i = 0; i < s->n; i++)
        s->scratch[i] = s->values[hy_random_at(seed, (*place)++) % s->n];
    hy_sort(s->scratch, s->n);
    return hy_quantile_sorted(s->scratch, s->n, 0.5);
}

static double sample_median_without(const sample *s, size_t left_out) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        if (i != left_out)
            s->scratch[n++] = s->values[i];
    hy_sort(s->scratch, n);
    return hy_quantile_sorted(s->scratch, n, 0.5);
}

static double normal_below(double z) {
    return 0.5 * erfc(-z / M_SQRT2);
}

/* The inverse, by halving an interval until it is as narrow as a double: short, and right to the last digits. */
static double normal_quantile(double share) {
    double low = -12, high = 12;
    for (int i = 0; i < 80; i++) {
        const double middle = (low + high) / 2;
        if (normal_below(middle) < share)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static double bootstrap_bias(const double *sorted, size_t n, double observed) {
    double below = 0;
    for (size_t i = 0; i < n; i++)
        below += sorted[i] < observed ? 1 : sorted[i] > observed ? 0 : 0.5;
    const double share = below / (double)n, least = 0.5 / (double)n;
    return normal_quantile(fmin(fmax(share, least), 1 - least));
}

/* Adds the third and second powers of the influences of each value of `s`, given what the other side contributes. */
static void bootstrap_influence(const sample *s, double factor, bool inverse, double *cubes, double *squares) {
    double mean = 0;
    for (size_t i = 0; i < s->n; i++) {
        const double m = sample_median_without(s, i);
        mean += (inverse ? factor / m : factor * m) / (double)s->n;
    }
    for (size_t i = 0; i < s->n; i++) {
        const double m = sample_median_without(s, i);
        const double u = (double)(s->n - 1) * (mean - (inverse ? factor / m : factor * m)) / (double)s->n;
        *cubes += u * u * u;
        *squares += u * u;
    }
}

static double bootstrap_acceleration(const sample *a, const sample *b, double median_a, double median_b) {
    double cubes = 0, squares = 0;
    bootstrap_influence(a, 1 / median_b, false, &cubes, &squares);
    bootstrap_influence(b, median_a, true, &cubes, &squares);
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

static double bootstrap_end(const double *sorted, size_t n, double bias, double acceleration, double share) {
    const double z = bias + normal_quantile(share);
    return hy_quantile_sorted(sorted, n, normal_below(bias + z / (1 - acceleration * z)));
}

static bool sample_usable(const sample *s) {
    for (size_t i = 0; i < s->n; i++)
        if (!(s->values[i] > 0) || !isfinite(s->values[i]))
            return false;
    return true;
}

static void bootstrap_interval(const sample *a, const sample *b, double level, uint64_t seed, double *ratios,
                               double *ret_ratio, double *ret_low, double *ret_high) {
    const double median_a = sample_median(a), median_b = sample_median(b);
    const size_t n = HY_BOOTSTRAP_RESAMPLES;
    uint64_t place = 0;
    for (size_t i = 0; i < n; i++) {
        const double drawn = sample_redraw(a, seed, &place);
        ratios[i] = drawn / sample_redraw(b, seed, &place);
    }
    hy_sort(ratios, n);
    const double bias = bootstrap_bias(ratios, n, median_a / median_b);
    const double acceleration = bootstrap_acceleration(a, b, median_a, median_b);
    *ret_ratio = median_a / median_b;
    *ret_low = bootstrap_end(ratios, n, bias, acceleration, (1 - level) / 2);
    *ret_high = bootstrap_end(ratios, n, bias, acceleration, (1 + level) / 2);
}

static int bootstrap_run(sample a, sample b, double level, uint64_t seed, double *ret_ratio, double *ret_low,
                         double *ret_high) {
    if (!sample_usable(&a) || !sample_usable(&b) || !(level > 0 && level < 1))
        return -EDOM;
    double *const room = malloc((HY_BOOTSTRAP_RESAMPLES + a.n + b.n) * sizeof *room);
    if (!room)
        return -ENOMEM;
    a.scratch = room + HY_BOOTSTRAP_RESAMPLES;
    b.scratch = a.scratch + a.n;
    bootstrap_interval(&a, &b, level, seed, room, ret_ratio, ret_low, ret_high);
    free(room);
    return 0;
}

int hy_ratio_interval(const double *a, size_t na, const double *b, size_t nb, double level, uint64_t seed,
                      double *ret_ratio, double *ret_low, double *ret_high) {
    if (na < HY_BOOTSTRAP_LEAST || nb < HY_BOOTSTRAP_LEAST)
        return -EDOM;
    return bootstrap_run((sample){a, na, NULL}, (sample){b, nb, NULL}, level, seed, ret_ratio, ret_low, ret_high);
}

int hy_median_interval(const double *a, size_t na, double level, uint64_t seed, double *ret_median, double *ret_low,
                       double *ret_high) {
    if (na < HY_BOOTSTRAP_LEAST)
        return -EDOM;
    return bootstrap_run((sample){a, na, NULL}, (sample){NULL, 0, NULL}, level, seed, ret_median, ret_low, ret_high);
}
