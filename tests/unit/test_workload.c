/* SPDX-License-Identifier: MIT
 *
 * test_workload.c - generators: the bounds by hand, what the adversaries reach, and the same trace each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "generator.h"
#include "sizes.h"
#include "summary.h"
#include "worst_bounds.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNIT 64

static void assert_near(double a, double b) {
    if (fabs(a - b) > 1e-9 * fabs(b))
        fail_msg("%.12g, expected %.12g", a, b);
}

static hy_generated generated(const char *spec, const char *allocator, const char *trace) {
    const hy_generate_options options = {.spec = spec, .allocator = allocator, .trace = trace};
    hy_generated got;
    hy_error error;
    if (hy_generate(&options, &got, &error) < 0)
        fail_msg("%s on %s: %s", spec, allocator ? allocator : "nothing", error.text);
    return got;
}

/* ------------------------------------------------------------------------------------------------------- bounds ----
 */

static void bound_of_any_by_hand(void **state) {
    assert_near(hy_bound_any(100, 1), 100);  /* one size never fragments */
    assert_near(hy_bound_any(100, 2), 149);  /* 100 * 1.5 - 1 */
    assert_near(hy_bound_any(100, 16), 285); /* 100 * 3 - 15 */
    assert_near(hy_bound_any(2, 2), 2);      /* a pair, and one pair of words */
    assert_near(hy_bound_any(1024, 1024), 6 * 1024 - 1023);
}

static void bound_of_first_fit_by_hand(void **state) {
    assert_near(hy_bound_first_fit(10, 1), 10 / M_LN2);
    assert_near(hy_bound_first_fit(10, 2), 15 / M_LN2);      /* 1 + 1/2 */
    assert_near(hy_bound_first_fit(12, 4), 25 / M_LN2);      /* 12 (1 + 1/2 + 1/3 + 1/4) */
    assert_near(hy_bound_first_fit(2520, 10), 7381 / M_LN2); /* 2520 H(10) = 7381 */
}

static void bound_of_best_fit_by_hand(void **state) {
    assert_near(hy_bound_best_fit(24, 6), 44);      /* (24 - 24 + 11) * 4 */
    assert_near(hy_bound_best_fit(1000, 10), 7768); /* 971 * 8 */
    assert_true(hy_bound_best_fit(1000, 5) == 0);   /* the attack needs six */
    assert_true(hy_bound_best_fit(23, 6) == 0);     /* and four largest blocks */
}

static void bound_of_all_fits_by_hand(void **state) {
    assert_near(hy_bound_fits(7, 1), 7);
    assert_near(hy_bound_fits(7, 2), 12); /* 5 single words, each behind 1: 10; and a pair */
    assert_near(hy_bound_fits(7, 4), 16); /* 3 single words behind 3: 12, and 4 */
    assert_near(hy_bound_fits(7, 7), 16); /* larger blocks are no worse */
}

static void bounds_are_in_order(void **state) {
    for (uint64_t n = 2; n <= 1024; n *= 2) {
        const double live = 64.0 * (double)n;
        assert_true(hy_bound_any(live, n) < hy_bound_first_fit(live, n));
        /* for n = 2 the bound of first fit is rougher than the one of all fits */
        assert_true(n == 2 || hy_bound_first_fit(live, n) < hy_bound_fits(live, n));
        assert_true(hy_bound_best_fit(live, n) < hy_bound_fits(live, n));
    }
}

/* -------------------------------------------------------------------------------------------------- adversaries ----
 */

static void robson_reaches_its_bound_on_everything(void **state) {
    static const char *const allocators[] = {"first-fit", "next-fit", "best-fit",   "worst-fit",
                                             "tlsf",      "buddy",    "segregated", NULL};
    for (size_t i = 0; allocators[i]; i++) {
        for (unsigned n = 2; n <= 64; n *= 2) {
            char spec[96];
            snprintf(spec, sizeof spec, "robson:live=64K,largest=%u,header=0", n * UNIT);
            const hy_generated got = generated(spec, allocators[i], NULL);
            /* In round i less than 2^i units are left over: half of that is missing from w, and all of it at last. */
            assert_true((double)got.proven > (hy_bound_any(1024, n) - 2 * n) * UNIT);
            assert_true(got.span >= got.proven);
        }
    }
}

static void first_fit_is_driven_near_its_bound(void **state) {
    for (unsigned n = 4; n <= 64; n *= 2) {
        char spec[96];
        snprintf(spec, sizeof spec, "first-fit-worst:live=256K,largest=%u", n * UNIT);
        const hy_generated got = generated(spec, "first-fit:order=address", NULL);
        const double bound = hy_bound_first_fit(4096, n) * UNIT;
        assert_true((double)got.span <= bound);
        assert_true((double)got.span >= 0.7 * bound);
        assert_true((double)got.span > hy_bound_any(4096, n) * UNIT);
    }
}

static void best_fit_reaches_its_bound(void **state) {
    for (unsigned n = 6; n <= 24; n++) {
        char spec[96];
        snprintf(spec, sizeof spec, "best-fit-worst:live=%u,largest=%u", 6 * n * UNIT, n * UNIT);
        const hy_generated got = generated(spec, "best-fit:chunk=4K", NULL);
        const double bound = hy_bound_best_fit(6 * n, n) * UNIT;
        assert_null(got.note);
        assert_true((double)got.proven >= bound);
        assert_true(got.span + 8 >= got.proven);
        assert_true((double)got.span <= hy_bound_fits(6 * n, n) * UNIT);
    }
}

static void elsewhere_than_best_fit_nothing_is_proved(void **state) {
    const hy_generated got = generated("best-fit-worst:live=16K,largest=1K", "first-fit:order=address", NULL);
    assert_non_null(got.note);
    assert_true(got.proven == 0);
}

/* No adversary may have more alive than it says. */
static void what_lives_is_kept(void **state) {
    static const char *const names[] = {"robson", "first-fit-worst", "best-fit-worst", NULL};
    for (size_t i = 0; names[i]; i++) {
        char spec[96];
        snprintf(spec, sizeof spec, "%s:live=32K,largest=2K,header=0", names[i]);
        assert_true(generated(spec, "tlsf", NULL).peak_live <= 32 << 10);
    }
}

/* ------------------------------------------------------------------------------------------------------- traces ----
 */

/* The trace of a generator, summed up. */
static hy_generated traced(const char *spec, const char *allocator, hy_trace_summary *ret_sum) {
    char path[] = "/tmp/hy-workload-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    const hy_generated got = generated(spec, allocator, path);
    assert_int_equal(hy_trace_summarise(path, ret_sum, NULL), 0);
    unlink(path);
    return got;
}

static void the_trace_is_what_was_done(void **state) {
    static const char *const specs[] = {"robson", "first-fit-worst",       "best-fit-worst:live=16K,largest=1K",
                                        "steady", "sawtooth:order=random", NULL};
    for (size_t i = 0; specs[i]; i++) {
        const char *const allocator = i < 3 ? "best-fit" : NULL;
        hy_trace_summary sum, again;
        const hy_generated got = traced(specs[i], allocator, &sum);
        traced(specs[i], allocator, &again);
        assert_int_equal(sum.events, got.events);
        assert_int_equal(sum.objects, got.blocks);
        assert_int_equal(sum.peak_bytes, got.peak_live);
        assert_true(sum.hash == again.hash);
    }
}

static void the_seed_makes_the_trace(void **state) {
    static const char *const names[] = {"steady", "sawtooth"};
    for (size_t i = 0; i < 2; i++) {
        char spec[64];
        hy_trace_summary one, two;
        snprintf(spec, sizeof spec, "%s:seed=1", names[i]);
        traced(spec, NULL, &one);
        snprintf(spec, sizeof spec, "%s:seed=2", names[i]);
        traced(spec, NULL, &two);
        assert_true(one.hash != two.hash);
    }
}

/* ------------------------------------------------------------------------------------------- models of programs ----
 */

/* Sizes are drawn as they are said to be; means within four standard errors. */
static void sizes_have_their_means(void **state) {
    enum { DRAWS = 20000 };
    static const struct {
        hy_sizes_kind kind;
        double mean, deviation;
    } cases[] = {{HY_SIZES_UNIFORM, 550, 260},     /* 100 to 1000 */
                 {HY_SIZES_EXPONENTIAL, 212, 112}, /* 100 + 112.5 - 0.5 of rounding, and 0.04 of the cut */
                 {HY_SIZES_POWERS, 250, 229}};     /* 50 + 50 + 50 + 100: 100, 200, 400, 800 */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const hy_sizes sizes = {.least = 100, .largest = 1000, .kind = cases[i].kind, .seed = 7};
        double sum = 0;
        for (uint64_t n = 0; n < DRAWS; n++) {
            const size_t size = hy_sizes_draw(&sizes, n);
            assert_in_range(size, 100, 1000);
            sum += (double)size;
        }
        assert_true(fabs(sum / DRAWS - cases[i].mean) < 4 * cases[i].deviation / sqrt(DRAWS));
    }
}

static void one_size_is_one_size(void **state) {
    for (uint32_t kind = HY_SIZES_UNIFORM; kind <= HY_SIZES_POWERS; kind++)
        assert_int_equal(hy_sizes_draw(&(hy_sizes){.least = 48, .largest = 48, .kind = kind}, 3), 48);
}

/* About so many blocks live in the end as were asked for: four standard errors, the square root of the mean each. */
static void steady_is_in_balance(void **state) {
    static const char *const specs[] = {"steady:alive=900,blocks=20000", "steady:alive=900,blocks=20000,lives=uniform"};
    for (size_t i = 0; i < 2; i++) {
        hy_trace_summary sum;
        traced(specs[i], NULL, &sum);
        assert_int_equal(sum.objects, 20000);
        assert_in_range(sum.end_objects, 900 - 4 * 30, 900 + 4 * 30);
        assert_in_range(sum.peak_objects, 900, 900 + 6 * 30);
    }
}

static void sawtooth_rises_and_falls(void **state) {
    hy_trace_summary sum;
    traced("sawtooth:live=64K,teeth=3,keep=0,sizes=uniform,least=32,largest=32", NULL, &sum);
    assert_int_equal(sum.objects, 3 * 2048);
    assert_int_equal(sum.peak_bytes, 64 << 10);
    assert_int_equal(sum.end_objects, 0);
    traced("sawtooth:teeth=1,keep=0,order=lifo", NULL, &sum);
    assert_true(sum.lifo);
    traced("sawtooth:live=64K,teeth=4,keep=50,sizes=uniform,least=32,largest=32", NULL, &sum);
    assert_in_range(sum.end_objects, 1024 - 4 * 23, 1024 + 4 * 23);
}

static void refusals(void **state) {
    static const struct {
        const char *spec, *allocator, *says;
    } cases[] = {
        {"robsen", "fit", "did you mean \"robson\""},
        {"robson:lives=1M", "fit", "did you mean \"live\""},
        {"robson", NULL, "looks at addresses"},
        {"robson:unit=48,largest=96", "fit", "power of two"},
        {"robson:unit=16,header=16", "fit", "less than unit"},
        {"robson:largest=100", "fit", "multiple of unit"},
        {"robson:largest=192", "fit", "power of two"},
        {"robson:live=1K,largest=2K", "fit", "at least one largest block"},
        {"best-fit-worst:largest=320", "fit", "at least 6"},
        {"best-fit-worst:live=4K,largest=2K", "fit", "four largest blocks"},
        {"robson", "null", "no general-purpose"},
        {"robson", "stack", "no general-purpose"},
        {"robson", "fut", "did you mean"},
        {"guard+robson", "fit", "no layers"},
        {"steady", "fit", "leave -a out"},
        {"steady:least=8K", NULL, "more than largest"},
        {"sawtooth:keep=100", NULL, "0 to 99"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const hy_generate_options options = {.spec = cases[i].spec, .allocator = cases[i].allocator};
        hy_generated got;
        hy_error error = {""};
        assert_true(hy_generate(&options, &got, &error) < 0);
        if (!strstr(error.text, cases[i].says))
            fail_msg("%s on %s: %s", cases[i].spec, cases[i].allocator ? cases[i].allocator : "nothing", error.text);
    }
}

static void what_failed_leaves_no_trace(void **state) {
    char folder[] = "/tmp/hy-workload-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/failed.hyt", folder);
    const hy_generate_options options = {.spec = "robson", .allocator = "fit", .trace = path};
    const hy_generate_options refused = {.spec = "robson:largest=100", .allocator = "fit", .trace = path};
    hy_generated got;
    hy_error error;
    assert_true(hy_generate(&refused, &got, &error) < 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_true(hy_generate(&options, &got, &error) == 0);
    assert_int_equal(access(path, F_OK), 0);
    unlink(path);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_of_any_by_hand),
        cmocka_unit_test(bound_of_first_fit_by_hand),
        cmocka_unit_test(bound_of_best_fit_by_hand),
        cmocka_unit_test(bound_of_all_fits_by_hand),
        cmocka_unit_test(bounds_are_in_order),
        cmocka_unit_test(robson_reaches_its_bound_on_everything),
        cmocka_unit_test(first_fit_is_driven_near_its_bound),
        cmocka_unit_test(best_fit_reaches_its_bound),
        cmocka_unit_test(elsewhere_than_best_fit_nothing_is_proved),
        cmocka_unit_test(what_lives_is_kept),
        cmocka_unit_test(the_trace_is_what_was_done),
        cmocka_unit_test(the_seed_makes_the_trace),
        cmocka_unit_test(sizes_have_their_means),
        cmocka_unit_test(one_size_is_one_size),
        cmocka_unit_test(steady_is_in_balance),
        cmocka_unit_test(sawtooth_rises_and_falls),
        cmocka_unit_test(refusals),
        cmocka_unit_test(what_failed_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
