/* SPDX-License-Identifier: MIT
 *
 * The numbers of the worked examples come from tests/unit/reference/stats.py, or by hand where that is easy.
 */
#include "bootstrap.h"
#include "describe.h"
#include "entropy.h"
#include "verdict.h"
#include "wilson.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const double a[] = {10.1, 9.8, 10.4, 12.9, 10.0, 9.9, 10.2, 11.0};
static const double b[] = {13.0, 12.7, 13.3, 12.9, 16.1, 13.1, 12.8};
/* Of the same rounds, and wild enough for the acceleration to show. */
static const double c[] = {1.29, 1.04, 0.74, 0.96, 1.51, 0.65, 0.69, 1.8, 0.89, 1.47, 0.87, 0.88};
static const double d[] = {1.79, 0.62, 0.98, 0.64, 1.63, 0.72, 0.5, 0.92, 1.54, 1.81, 1.2, 1.1};
#define A a, sizeof a / sizeof a[0]
#define B b, sizeof b / sizeof b[0]

static void assert_near(double value, double expected) {
    assert_true(isfinite(value));
    assert_float_equal((float)value, (float)expected, (float)(fabs(expected) * 1e-6 + 1e-9));
}

static void quantiles_interpolate(void **state) {
    const double four[] = {4, 1, 3, 2};
    assert_near(hy_quantile(four, 4, 0), 1);
    assert_near(hy_quantile(four, 4, 0.5), 2.5);
    assert_near(hy_quantile(four, 4, 0.75), 3.25);
    assert_near(hy_quantile(four, 4, 1), 4);
    assert_near(hy_quantile(A, 0.9), 11.57);
    assert_near(hy_median(A), 10.15);
    assert_near(hy_median(four, 1), 4);
    assert_near(four[0], 4); /* left alone */
}

static void spreads(void **state) {
    const double three[] = {1, 2, 9};
    assert_near(hy_mad(three, 3), 1.4826); /* deviations 1 0 7 */
    assert_near(hy_mean(three, 3), 4);
    assert_near(hy_deviation(three, 3), sqrt(19)); /* (9 + 4 + 25) / 2 */
    assert_near(hy_mad(A), 0.37065);
    assert_near(hy_deviation(A), 1.0253048327204939);
}

static void geometric_means(void **state) {
    const double ratios[] = {0.5, 2, 8}, bad[] = {1, 0};
    assert_near(hy_geometric_mean(ratios, 3), 2);
    assert_near(hy_geometric_mean(A), 10.497836846103512);
    assert_true(isnan(hy_geometric_mean(bad, 2)));
}

static void nothing_is_not_zero(void **state) {
    assert_true(isnan(hy_median(NULL, 0)));
    assert_true(isnan(hy_mad(NULL, 0)));
    assert_true(isnan(hy_mean(NULL, 0)));
    assert_true(isnan(hy_geometric_mean(NULL, 0)));
    assert_true(isnan(hy_deviation(a, 1)));
}

static void random_stream_is_splitmix(void **state) {
    assert_true(hy_random_at(42, 0) == 0xbdd732262feb6e95u);
    assert_true(hy_random_at(42, 1) == 0x28efe333b266f103u);
}

static void ratio_as_in_the_reference(void **state) {
    double ratio, low, high;
    assert_int_equal(hy_ratio_interval(A, B, 0.95, 7, &ratio, &low, &high), 0);
    assert_near(ratio, 0.7807692307692307);
    assert_near(low, 0.7481203007518796);
    assert_near(high, 0.8294573643410852);
    assert_int_equal(hy_ratio_interval(B, A, 0.90, 8, &ratio, &low, &high), 0);
    assert_near(ratio, 1.2807881773399017);
    assert_near(low, 1.2169811320754718);
    assert_near(high, 1.3233830845771144);
}

static void shared_rounds_as_in_the_reference(void **state) {
    double ratio, low, high;
    assert_int_equal(hy_shared_interval(c, d, 12, 0.90, 10, &ratio, &low, &high), 0);
    assert_near(ratio, 0.8574662369551872);
    assert_near(low, 0.7551020408163265);
    assert_near(high, 1.38);
    assert_int_equal(hy_shared_interval(c, d, 4, 0.90, 10, &ratio, &low, &high), -EDOM);
}

static void median_as_in_the_reference(void **state) {
    double median, low, high;
    assert_int_equal(hy_median_interval(A, 0.95, 9, &median, &low, &high), 0);
    assert_near(median, 10.15);
    assert_near(low, 9.9);
    assert_near(high, 11.0);
}

static void equal_values_give_a_point(void **state) {
    const double same[] = {3, 3, 3, 3, 3, 3}, twice[] = {6, 6, 6, 6, 6};
    double ratio, low, high;
    assert_int_equal(hy_ratio_interval(twice, 5, same, 6, 0.95, 1, &ratio, &low, &high), 0);
    assert_near(ratio, 2);
    assert_near(low, 2);
    assert_near(high, 2);
}

static void too_little_is_refused(void **state) {
    const double zero[] = {1, 0, 2, 3, 4};
    double ratio = -1, low = -1, high = -1;
    assert_int_equal(hy_ratio_interval(a, 4, B, 0.95, 1, &ratio, &low, &high), -EDOM);
    assert_int_equal(hy_ratio_interval(A, b, 4, 0.95, 1, &ratio, &low, &high), -EDOM);
    assert_int_equal(hy_ratio_interval(A, zero, 5, 0.95, 1, &ratio, &low, &high), -EDOM);
    assert_int_equal(hy_ratio_interval(A, B, 1, 1, &ratio, &low, &high), -EDOM);
    assert_near(ratio, -1); /* untouched on failure */
    assert_near(low, -1);
    assert_near(high, -1);
}

static void verdicts(void **state) {
    assert_string_equal(hy_verdict_time(0.8, 0.7, 0.9, 0.02), "faster");
    assert_string_equal(hy_verdict_time(1.15, 1.1, 1.2, 0.02), "slower");
    assert_string_equal(hy_verdict_time(1, 0.99, 1.01, 0.02), "equivalent");
    assert_string_equal(hy_verdict_time(0.99, 0.985, 0.995, 0.02), "equivalent");
    assert_string_equal(hy_verdict_time(0.975, 0.97, 0.995, 0.02), "faster");
    assert_string_equal(hy_verdict_time(0.985, 0.97, 0.995, 0.02), "inconclusive"); /* the ratio is within the margin */
    assert_string_equal(hy_verdict_time(1.019, 1.001, 1.05, 0.02), "inconclusive");
    assert_string_equal(hy_verdict_time(1.021, 1.001, 1.05, 0.02), "slower");
    assert_string_equal(hy_verdict_time(1.1, 0.9, 1.2, 0.02), "inconclusive");
    assert_string_equal(hy_verdict_time(NAN, NAN, NAN, 0.02), "inconclusive");
    assert_string_equal(hy_verdict_time(0.5, NAN, 0.5, 0.02), "inconclusive");
    assert_string_equal(hy_verdict_time(1.5, 1.5, NAN, 0.02), "inconclusive");
    assert_string_equal(hy_verdict_size(0.5, 0.5, 0.6, 0.02), "smaller");
    assert_string_equal(hy_verdict_size(1.5, 1.5, 1.6, 0.02), "larger");
}

/* Textbook figures: 0 of 10, 5 of 10, 10 of 10 and 1 of 29 at 95 %. */
static void wilson_intervals(void **state) {
    const hy_share none = hy_wilson(0, 10, 0.95), half = hy_wilson(5, 10, 0.95), all = hy_wilson(10, 10, 0.95),
                   one = hy_wilson(1, 29, 0.95), untried = hy_wilson(0, 0, 0.95);
    assert_near(none.low, 0);
    assert_float_equal((float)none.high, 0.277533F, 1e-5F);
    assert_float_equal((float)half.low, 0.236593F, 1e-5F);
    assert_float_equal((float)half.high, 0.763407F, 1e-5F);
    assert_float_equal((float)all.low, 0.722467F, 1e-5F);
    assert_near(all.high, 1);
    assert_float_equal((float)one.low, 0.006113F, 1e-5F);
    assert_float_equal((float)one.high, 0.171760F, 1e-5F);
    assert_true(isnan(untried.share) && untried.low == 0 && untried.high == 1);
}

static void entropy_counts_what_changes_once(void **state) {
    enum { COUNT = 4096 };
    static uint64_t address[COUNT];
    for (uint64_t i = 0; i < COUNT; i++)
        address[i] = 0x7f0000000000u;
    assert_near(hy_entropy_bits(address, COUNT), 0);
    for (uint64_t i = 0; i < COUNT; i++)
        address[i] = 0x7f0000000000u | i << 12; /* each of 12 bits half the time, each pair of them independent */
    assert_near(hy_entropy_bits(address, COUNT), 12);
    for (uint64_t i = 0; i < COUNT; i++)
        address[i] = i << 12 | i << 28; /* twice the same */
    assert_near(hy_entropy_bits(address, COUNT), 12);
    for (uint64_t i = 0; i < COUNT; i++)
        address[i] = (uint64_t)(i % 4 == 0) << 5; /* one bit, a quarter of the time */
    assert_near(hy_entropy_bits(address, COUNT), 0.8112781244591328);
    assert_near(hy_entropy_bits(address, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_interpolate),
        cmocka_unit_test(spreads),
        cmocka_unit_test(geometric_means),
        cmocka_unit_test(nothing_is_not_zero),
        cmocka_unit_test(random_stream_is_splitmix),
        cmocka_unit_test(ratio_as_in_the_reference),
        cmocka_unit_test(shared_rounds_as_in_the_reference),
        cmocka_unit_test(median_as_in_the_reference),
        cmocka_unit_test(equal_values_give_a_point),
        cmocka_unit_test(too_little_is_refused),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(wilson_intervals),
        cmocka_unit_test(entropy_counts_what_changes_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
