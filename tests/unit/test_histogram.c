/* SPDX-License-Identifier: MIT
 *
 * test_histogram.c - buckets over all magnitudes; percentiles against sorted arrays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "histogram.h"

#include <stdlib.h>

static hy_histogram h, other;

static void expect_bucket(uint64_t value) {
    const unsigned i = hy_histogram_index(value);
    assert_true(i < HY_HISTOGRAM_BUCKETS);
    assert_true(hy_histogram_low(i) <= value && value <= hy_histogram_high(i));
    /* no wider than a thousandth of what is in it */
    assert_true(hy_histogram_high(i) - hy_histogram_low(i) <= hy_histogram_low(i) / 1024);
}

static void test_buckets(void **state) {
    for (uint64_t value = 0; value < 5000; value++)
        expect_bucket(value);
    for (unsigned shift = 0; shift < 64; shift++)
        for (int64_t near = -3; near <= 3; near++)
            expect_bucket(((uint64_t)1 << shift) + (uint64_t)near);
    expect_bucket(UINT64_MAX);
}

static void test_no_gaps(void **state) {
    for (unsigned i = 0; i + 1 < HY_HISTOGRAM_BUCKETS; i++) {
        assert_int_equal(hy_histogram_high(i) + 1, hy_histogram_low(i + 1));
        assert_int_equal(hy_histogram_index(hy_histogram_low(i)), i);
        assert_int_equal(hy_histogram_index(hy_histogram_high(i)), i);
    }
    assert_int_equal(hy_histogram_index(UINT64_MAX), HY_HISTOGRAM_BUCKETS - 1);
}

static int compare(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Values below 1024 have a bucket each, so the answer is exact: the smallest value with k/100 of all at or below it. */
static void test_percentiles_exact(void **state) {
    uint64_t values[500];
    srandom(7);
    for (size_t n = 1; n <= 500; n++) {
        hy_histogram_clear(&h);
        for (size_t i = 0; i < n; i++) {
            values[i] = (uint64_t)random() % 1000;
            hy_histogram_record(&h, values[i]);
        }
        qsort(values, n, sizeof *values, compare);
        for (size_t k = 1; k <= 100; k++)
            assert_int_equal(hy_histogram_percentile(&h, (double)k / 100), values[(k * n + 99) / 100 - 1]);
        assert_int_equal(hy_histogram_percentile(&h, 0), values[0]);
    }
}

static void test_percentiles_wide(void **state) {
    enum { N = 20000 };
    static uint64_t values[N];
    hy_histogram_clear(&h);
    for (size_t i = 0; i < N; i++) {
        values[i] = (uint64_t)random() << (random() % 30);
        hy_histogram_record(&h, values[i]);
    }
    qsort(values, N, sizeof *values, compare);
    for (size_t k = 1; k <= 1000; k++) {
        const uint64_t exact = values[(k * N + 999) / 1000 - 1], found = hy_histogram_percentile(&h, (double)k / 1000);
        assert_true(found >= exact && found - exact <= exact / 1024);
    }
    assert_int_equal(hy_histogram_percentile(&h, 1), values[N - 1]);
}

static void test_empty_and_moments(void **state) {
    hy_histogram_clear(&h);
    assert_int_equal(hy_histogram_percentile(&h, 0.5), 0);
    assert_true(hy_histogram_mean(&h) == 0 && hy_histogram_deviation(&h) == 0);
    for (uint64_t value = 2; value <= 10; value += 2)
        hy_histogram_record(&h, value);
    assert_true(hy_histogram_mean(&h) == 6);
    const double deviation = hy_histogram_deviation(&h);
    assert_true(deviation * deviation > 9.999 && deviation * deviation < 10.001);
}

static void test_add(void **state) {
    hy_histogram_clear(&h);
    hy_histogram_clear(&other);
    hy_histogram_record(&h, 5);
    hy_histogram_record(&other, 1);
    hy_histogram_record(&other, 900);
    hy_histogram_add(&h, &other);
    assert_int_equal(h.total, 3);
    assert_int_equal(h.min, 1);
    assert_int_equal(h.max, 900);
    assert_int_equal(hy_histogram_percentile(&h, 0.5), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buckets),           cmocka_unit_test(test_no_gaps),
        cmocka_unit_test(test_percentiles_exact), cmocka_unit_test(test_percentiles_wide),
        cmocka_unit_test(test_empty_and_moments), cmocka_unit_test(test_add),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
