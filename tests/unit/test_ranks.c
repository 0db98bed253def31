/* SPDX-License-Identifier: MIT
 *
 * Published worked examples, hand counts, and for ties all ways there are.  scipy's answers:
 * tests/stats/scipy_agrees.py.
 */
#include "bca.h"
#include "bootstrap.h"
#include "describe.h"
#include "normal.h"
#include "ranks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_within(double value, double expected, double slack) {
    assert_true(isfinite(value));
    if (!(fabs(value - expected) <= slack))
        fail_msg("%.9g is not within %g of %.9g", value, slack, expected);
}

/* -------------------------------------------------------------------------------------------------------- tests ----
 */

/* Hollander and Wolfe, "Nonparametric Statistical Methods", 1973, p. 69: permeability of the human chorioamnion at term
 * and earlier; W = 35, one-sided p = 0.1272. */
static void mann_whitney_of_the_book(void **state) {
    const double term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    const double early[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    assert_within(hy_mann_whitney(term, 10, early, 5), 2 * 0.1272, 1e-4);
    assert_within(hy_mann_whitney(early, 5, term, 10), 2 * 0.1272, 1e-4);
}

/* Mann and Whitney's table: the two ends of 5 and 5 are one deal each of 252; of 3 and 4, U <= 1 are two of 35. */
static void mann_whitney_by_counting(void **state) {
    const double low[] = {1, 2, 3, 4, 5}, high[] = {6, 7, 8, 9, 10};
    assert_within(hy_mann_whitney(low, 5, high, 5), 2 / 252.0, 1e-12);
    const double three[] = {1, 2, 4}, four[] = {3, 5, 6, 7};
    assert_within(hy_mann_whitney(three, 3, four, 4), 2 * 2 / 35.0, 1e-12);
    const double same[] = {1, 1, 1};
    assert_within(hy_mann_whitney(same, 3, same, 2), 1, 0);
    assert_true(isnan(hy_mann_whitney(low, 0, high, 5)));
}

/* a = 1 2 2, b = 1 3 4 5: 1 and 1 tie, 2 and 2 do; U of a is 2.5, its middle 6, and of two ties of two the variance is
 * 12 / 12 × (8 - (6 + 6) / (7 × 6)). */
static void mann_whitney_corrects_for_ties(void **state) {
    const double a[] = {1, 2, 2}, b[] = {1, 3, 4, 5};
    assert_within(hy_mann_whitney(a, 3, b, 4), 2 * hy_normal_below(-(6 - 2.5 - 0.5) / sqrt(8 - 12 / 42.0)), 1e-12);
}

/* Hollander and Wolfe, 1973, p. 29: depression scale before and after treatment, V = 40, one-sided p = 0.01953.  Here
 * ratios are compared, so the differences become logarithms. */
static void signed_rank_of_the_book(void **state) {
    const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    double a[9], b[9];
    for (size_t i = 0; i < 9; i++) {
        a[i] = exp(before[i]);
        b[i] = exp(after[i]);
    }
    assert_within(hy_signed_rank(a, b, 9), 2 * 0.01953125, 1e-12);
    assert_within(hy_signed_rank(b, a, 9), 2 * 0.01953125, 1e-12);
}

/* The share of all 2^n signs whose sum is at least as far out. */
static double signs_counted(const double *ranks, size_t n, double plus) {
    double below = 0, above = 0;
    for (unsigned signs = 0; signs < 1u << n; signs++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += signs >> i & 1 ? ranks[i] : 0;
        below += sum <= plus;
        above += sum >= plus;
    }
    return fmin(1, 2 * fmin(below, above) / (1u << n));
}

static void signed_rank_with_ties_is_exact(void **state) {
    const double a[] = {2, 4, 8, 3, 9, 1, 5, 1}, b[] = {1, 2, 2, 9, 3, 4, 5, 2};
    /* ratios 2 2 4 1/3 3 1/4 - 1/2, the pair without a difference left out */
    const double ranks[] = {2, 2, 6.5, 4.5, 4.5, 6.5, 2};
    assert_within(hy_signed_rank(a, b, 8), signs_counted(ranks, 7, 2 + 2 + 6.5 + 4.5), 1e-12);
    assert_within(hy_signed_rank(a, a, 8), 1, 0);
    const double five[] = {2, 3, 4, 5, 6}, ones[] = {1, 1, 1, 1, 1};
    assert_within(hy_signed_rank(five, ones, 5), 2 / 32.0, 1e-12);
}

static void holm_by_hand(void **state) {
    const double p[] = {0.01, NAN, 0.04, 0.03, 0.005, 0.9, 0.9};
    double adjusted[7];
    /* of six: 0.005 × 6, 0.01 × 5, 0.03 × 4, then never less than before, never more than 1 */
    const double expected[] = {0.05, NAN, 0.12, 0.12, 0.03, 1, 1};
    assert_int_equal(hy_holm(p, 7, adjusted), 0);
    for (size_t i = 0; i < 7; i++)
        if (isnan(expected[i]))
            assert_true(isnan(adjusted[i]));
        else
            assert_within(adjusted[i], expected[i], 1e-12);
}

static void cliff_by_counting(void **state) {
    const double a[] = {10, 11, 9, 12, 10}, b[] = {8, 9, 7, 10, 9};
    assert_within(hy_cliff_delta(a, 5, b, 5), (20 - 1) / 25.0, 1e-12);
    assert_within(hy_cliff_delta(b, 5, a, 5), -19 / 25.0, 1e-12);
    assert_within(hy_cliff_delta(a, 5, a, 5), 0, 0);
    assert_true(isnan(hy_cliff_delta(a, 0, b, 5)));
}

/* ------------------------------------------------------------------------------------------------ distributions ----
 */

/* The tables at the end of every textbook. */
static void quantiles_of_the_tables(void **state) {
    assert_within(hy_normal_quantile(0.975), 1.959963985, 1e-8);
    assert_within(hy_normal_below(-1.644853627), 0.05, 1e-9);
    assert_within(hy_student_quantile(0.975, 1), 12.7062, 5e-5);
    assert_within(hy_student_quantile(0.975, 2), 4.30265, 5e-5);
    assert_within(hy_student_quantile(0.975, 5), 2.57058, 5e-5);
    assert_within(hy_student_quantile(0.95, 10), 1.81246, 5e-5);
    assert_within(hy_student_quantile(0.025, 30), -2.04227, 5e-5);
}

/* ---------------------------------------------------------------------------------------------------------- BCa ----
 */

/* Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, table 14.1, column A: a test of spatial perception.
 */
static const double spatial[] = {48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6,
                                 0,  33, 28, 34, 4,  32, 24, 47, 41, 24, 26, 30, 41};

static double variance(const double *values, size_t n) {
    const double mean = hy_mean(values, n);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sum / (double)n;
}

/* There: variance 171.5, a = 0.061, z0 = 0.146, 90 % BCa interval 115.8 to 259.6, from 2000 resamples. */
static void bca_of_the_book(void **state) {
    enum { N = COUNT(spatial), DRAWS = 9999 };
    double drawn[N], without[N], low, high, *const resampled = malloc(DRAWS * sizeof *resampled);
    uint64_t place = 0;
    assert_non_null(resampled);
    for (size_t r = 0; r < DRAWS; r++) {
        for (size_t i = 0; i < N; i++)
            drawn[i] = spatial[hy_random_at(1, place++) % N];
        resampled[r] = variance(drawn, N);
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0, n = 0; k < N; k++)
            if (k != i)
                drawn[n++] = spatial[k];
        without[i] = variance(drawn, N - 1);
    }
    hy_skew skew = {0, 0};
    hy_skew_add(&skew, without, N);
    hy_sort(resampled, DRAWS);
    const double observed = variance(spatial, N), bias = hy_bca_bias(resampled, DRAWS, observed);
    hy_bca_interval(resampled, DRAWS, bias, hy_skew_acceleration(&skew), 0.90, &low, &high);
    free(resampled);
    assert_within(observed, 171.5, 0.05);
    assert_within(hy_skew_acceleration(&skew), 0.061, 0.0005);
    assert_within(bias, 0.146, 0.05);
    assert_within(low, 115.8, 3);
    assert_within(high, 259.6, 5);
}

/* Efron and Tibshirani's table 3.1: fifteen law schools.  Efron, "Better Bootstrap Confidence Intervals", 1987, gives
 * the correlation 0.776 and its 90 % BCa interval 0.43 to 0.92; pairs are resampled together. */
static const double lsat[] = {576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594};
static const double gpa[] = {3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96};

/* Of the schools listed. */
static double correlation(const size_t *schools, size_t n) {
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        const double dx = lsat[schools[i]] - 600, dy = gpa[schools[i]] - 3;
        x += dx;
        y += dy;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    const double count = (double)n;
    return (xy - x * y / count) / sqrt((xx - x * x / count) * (yy - y * y / count));
}

static void bca_of_the_law_schools(void **state) {
    enum { N = COUNT(lsat), DRAWS = 9999 };
    size_t schools[N];
    double without[N], low, high, *const resampled = malloc(DRAWS * sizeof *resampled);
    uint64_t place = 0;
    assert_non_null(resampled);
    for (size_t r = 0; r < DRAWS; r++) {
        for (size_t i = 0; i < N; i++)
            schools[i] = hy_random_at(2, place++) % N;
        resampled[r] = correlation(schools, N);
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0, n = 0; k < N; k++)
            if (k != i)
                schools[n++] = k;
        without[i] = correlation(schools, N - 1);
    }
    for (size_t i = 0; i < N; i++)
        schools[i] = i;
    hy_skew skew = {0, 0};
    hy_skew_add(&skew, without, N);
    hy_sort(resampled, DRAWS);
    const double observed = correlation(schools, N);
    hy_bca_interval(resampled, DRAWS, hy_bca_bias(resampled, DRAWS, observed), hy_skew_acceleration(&skew), 0.90, &low,
                    &high);
    free(resampled);
    assert_within(observed, 0.776, 0.0005);
    assert_within(low, 0.43, 0.02);
    assert_within(high, 0.92, 0.015);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mann_whitney_of_the_book),
        cmocka_unit_test(mann_whitney_by_counting),
        cmocka_unit_test(mann_whitney_corrects_for_ties),
        cmocka_unit_test(signed_rank_of_the_book),
        cmocka_unit_test(signed_rank_with_ties_is_exact),
        cmocka_unit_test(holm_by_hand),
        cmocka_unit_test(cliff_by_counting),
        cmocka_unit_test(quantiles_of_the_tables),
        cmocka_unit_test(bca_of_the_book),
        cmocka_unit_test(bca_of_the_law_schools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
