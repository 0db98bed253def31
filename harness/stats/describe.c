/* SPDX-License-Identifier: MIT
 *
 * describe.c - middle, spread and quantiles (see describe.h).
 *
 * Source: R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", 1996 (definition 7);
 * P. J. Fleming and J. J. Wallace, "How not to lie with statistics: the correct way to summarize benchmark results",
 * 1986 (the geometric mean).  Not meant for large arrays: each call sorts a copy.
 */
#include "describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int describe_compare(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* By insertion: a bootstrap sorts a handful of values many thousand times. */
static void describe_sort_few(double *values, size_t n) {
    for (size_t i = 1; i < n; i++) {
        const double value = values[i];
        size_t k = i;
        for (; k > 0 && values[k - 1] > value; k--)
            values[k] = values[k - 1];
        values[k] = value;
    }
}

void hy_sort(double *values, size_t n) {
    if (n <= 16)
        describe_sort_few(values, n);
    else
        qsort(values, n, sizeof *values, describe_compare);
}

double hy_quantile_sorted(const double *sorted, size_t n, double fraction) {
    if (n == 0)
        return NAN;
    const double place = fraction * (double)(n - 1), below = floor(place);
    if (below < 0)
        return sorted[0];
    const size_t i = (size_t)below;
    return i + 1 < n ? sorted[i] + (place - below) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

double hy_quantile(const double *values, size_t n, double fraction) {
    double *const copy = n ? malloc(n * sizeof *copy) : NULL;
    if (!copy)
        return NAN;
    memcpy(copy, values, n * sizeof *copy);
    hy_sort(copy, n);
    const double result = hy_quantile_sorted(copy, n, fraction);
    free(copy);
    return result;
}

double hy_median(const double *values, size_t n) {
    return hy_quantile(values, n, 0.5);
}

double *hy_quotients(const double *a, const double *b, size_t n) {
    double *const quotients = malloc((n + 1) * sizeof *quotients);
    for (size_t i = 0; quotients && i < n; i++)
        quotients[i] = a[i] / b[i];
    return quotients;
}

double hy_median_quotient(const double *a, const double *b, size_t n) {
    double *const quotients = hy_quotients(a, b, n);
    const double median = quotients ? hy_median(quotients, n) : NAN;
    free(quotients);
    return median;
}

double hy_mad(const double *values, size_t n) {
    double *const away = n ? malloc(n * sizeof *away) : NULL;
    if (!away)
        return NAN;
    const double middle = hy_median(values, n);
    for (size_t i = 0; i < n; i++)
        away[i] = fabs(values[i] - middle);
    hy_sort(away, n);
    const double result = 1.4826 * hy_quantile_sorted(away, n, 0.5);
    free(away);
    return result;
}

double hy_mean(const double *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return n ? sum / (double)n : NAN;
}

double hy_deviation(const double *values, size_t n) {
    const double mean = hy_mean(values, n);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return n > 1 ? sqrt(sum / (double)(n - 1)) : NAN;
}

double hy_geometric_mean(const double *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(values[i] > 0))
            return NAN;
        sum += log(values[i]);
    }
    return n ? exp(sum / (double)n) : NAN;
}
