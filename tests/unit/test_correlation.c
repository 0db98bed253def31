/* SPDX-License-Identifier: MIT
 *
 * test_correlation.c - worked examples: Anscombe's first quartet ("Graphs in statistical analysis", 1973), ties by
 * hand, and figures of scipy 1.10 for both.
 */
#include "correlation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const double anscombe_x[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
static const double anscombe_y[] = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
static const double tied_x[] = {1, 2, 2, 3, 4, 4, 4, 5}, tied_y[] = {2, 1, 3, 3, 5, 4, 6, 6};

static void near(double value, double expected) {
    assert_true(fabs(value - expected) < 1e-9);
}

static void test_pearson(void **state) {
    (void)state;
    double low, high;
    const double r = hy_pearson(anscombe_x, anscombe_y, 11);
    near(r, 0.81642051634484);
    hy_pearson_interval(r, 11, 0.95, &low, &high);
    near(low, 0.4243912133932165);
    near(high, 0.9506932537865606);
    near(hy_pearson(tied_x, tied_y, 8), 0.8767227853705732);
}

static void test_spearman(void **state) {
    (void)state;
    double low, high;
    const double rho = hy_spearman(anscombe_x, anscombe_y, 11);
    near(rho, 0.8181818181818182);
    hy_spearman_interval(rho, 11, 0.95, &low, &high);
    near(low, 0.3370204870698274);
    near(high, 0.9604636343630895);
    near(hy_spearman(tied_x, tied_y, 8), 0.9007775105401477);
}

static void test_only_order_counts(void **state) {
    (void)state;
    const double x[] = {1, 2, 3, 4, 5}, y[] = {1, 10, 100, 1000, 10000}, down[] = {9, 7, 5, 3, 1};
    near(hy_spearman(x, y, 5), 1);
    assert_true(hy_pearson(x, y, 5) < 0.9);
    near(hy_pearson(x, down, 5), -1);
}

static void test_nothing_to_say(void **state) {
    (void)state;
    const double x[] = {1, 2, 3}, flat[] = {4, 4, 4};
    double low, high;
    assert_true(isnan(hy_pearson(x, x, 2)));
    assert_true(isnan(hy_pearson(x, flat, 3)));
    assert_true(isnan(hy_spearman(flat, x, 3)));
    hy_pearson_interval(0.5, 3, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
    hy_spearman_interval(NAN, 9, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pearson),
        cmocka_unit_test(test_spearman),
        cmocka_unit_test(test_only_order_counts),
        cmocka_unit_test(test_nothing_to_say),
    };
    return cmocka_run_group_tests_name("correlation", tests, NULL, NULL);
}
