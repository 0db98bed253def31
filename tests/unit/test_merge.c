/* SPDX-License-Identifier: MIT
 *
 * The answer of the merge laboratory on an invented campaign whose best rules and knees are known.
 */
#include "merge.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PATH "test_merge.db"
#define MIB 1048576.0

/* One rule: time and memory on the trace; time 0: it ran into the timeout. */
typedef struct invented {
    const char *spec;
    double ns, mib;
} invented;

/* Slow and small, to fast and fat: the corner is every:64, which also has the least product. */
static const invented bent[] = {
    {"null", 2, 0},
    {"fit", 100, 10}, /* immediate is the default */
    {"fit:merge=every:4", 80, 10.1},
    {"fit:merge=every:64", 50, 10.5},
    {"fit:merge=every:1024", 48, 20},
    {"fit:merge=onfail", 47, 30},
    {"fit:merge=never", 46, 80},
    {"fit:merge=quick:8", 49, 10.2}, /* not on the axis, but the best of all */
};
/* Nothing is gained, and never merging does not end. */
static const invented flat[] = {
    {"fit:policy=best,merge=immediate", 30, 10},
    {"fit:merge=every:16,policy=best", 30.1, 10.1}, /* the place of merge= does not matter */
    {"fit:policy=best,merge=never", 0, 0},
};

static void add_cell(hy_store *store, const hy_cell_result *cell) {
    hy_error error;
    assert_int_equal(hy_store_cell(store, cell, &error), 0);
}

static void add_point(hy_store *store, int64_t campaign, int64_t trace, const invented *point, unsigned runs) {
    const bool ok = point->ns > 0;
    for (unsigned i = 0; i < runs; i++) {
        hy_metric time = {"ns_per_op", point->ns * (1 + 0.001 * (double)(i * 7 % 5)), "ns"};
        hy_cell_result cell = {.campaign = campaign,
                               .trace = trace,
                               .spec = point->spec,
                               .pass = "throughput",
                               .repetition = i,
                               .metrics = &time,
                               .metric_count = ok};
        strcpy(cell.outcome, ok ? "ok" : "timeout");
        add_cell(store, &cell);
    }
    if (point->mib <= 0)
        return;
    hy_metric bytes[] = {{"peak_resident", point->mib * MIB, "B"},
                         {"peak_live", 9 * MIB, "B"},
                         {"merges", 1000, "count"},
                         {"regret", 0.5, "ratio"}};
    hy_cell_result cell = {.campaign = campaign,
                           .trace = trace,
                           .spec = point->spec,
                           .pass = "footprint",
                           .metrics = bytes,
                           .metric_count = 4};
    strcpy(cell.outcome, "ok");
    add_cell(store, &cell);
}

static hy_merge_study load(unsigned runs) {
    hy_store *store = NULL;
    int64_t campaign = 0, trace = 0;
    hy_error error;
    hy_merge_study study;
    unlink(PATH);
    assert_int_equal(hy_store_open(PATH, true, &store, &error), 0);
    assert_int_equal(hy_store_campaign(store, "test", 1, "{}", &campaign, &error), 0);
    assert_int_equal(hy_store_trace(store, "t", "t.hyt", 1, "{}", &trace, &error), 0);
    for (size_t i = 0; i < sizeof bent / sizeof *bent; i++)
        add_point(store, campaign, trace, &bent[i], runs);
    for (size_t i = 0; i < sizeof flat / sizeof *flat; i++)
        add_point(store, campaign, trace, &flat[i], runs);
    hy_store_close(store);
    assert_int_equal(hy_merge_load(PATH, NULL, &study, &error), 0);
    unlink(PATH);
    return study;
}

static char *told(const hy_merge_study *study) {
    char *text = NULL;
    size_t size;
    FILE *const out = open_memstream(&text, &size);
    hy_merge_tell(study, out);
    fclose(out);
    return text;
}

static void specs_split(void **state) {
    static const struct {
        const char *spec, *fit, *rule;
    } cases[] = {
        {"first-fit", "first-fit", "immediate"},
        {"first-fit:merge=every:64", "first-fit", "every:64"},
        {"fit:policy=best,merge=never,order=fifo", "fit:policy=best,order=fifo", "never"},
        {"guard+fit:merge=quick:8,policy=best", "guard+fit:policy=best", "quick:8"},
        {"./odd\\,name.so:merge=onfail", "./odd\\,name.so", "onfail"},
    };
    char fit[HY_SPEC_SIZE], rule[48];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(hy_merge_split(cases[i].spec, fit, rule));
        assert_string_equal(fit, cases[i].fit);
        assert_string_equal(rule, cases[i].rule);
    }
}

static void curves_have_their_points_in_order(void **state) {
    static const char *const order[] = {"immediate", "every:4", "every:64", "every:1024", "onfail", "never", "quick:8"};
    hy_merge_study study = load(6);
    assert_int_equal(study.count, 2); /* null has one setting, and is no curve */
    const hy_merge_curve *const c = &study.curves[0];
    assert_string_equal(c->fit, "fit");
    assert_int_equal(c->count, 7);
    assert_int_equal(c->axis, 6);
    for (size_t i = 0; i < c->count; i++)
        assert_string_equal(c->points[i].rule, order[i]);
    assert_true(c->points[1].place == 2 && c->points[3].place == 10);
    assert_true(c->immediate == &c->points[0] && c->never == &c->points[5]);
    hy_merge_free(&study);
}

static void the_known_answer_is_found(void **state) {
    hy_merge_study study = load(6);
    const hy_merge_curve *const c = &study.curves[0];
    assert_string_equal(c->best->rule, "every:64");
    assert_string_equal(c->knee->rule, "every:64");
    assert_string_equal(c->overall->rule, "quick:8");
    assert_string_equal(c->frugal->rule, "quick:8"); /* 49 ns at 2 % more than the least memory */
    assert_string_equal(c->fastest->rule, "never");
    assert_true(c->best->share > 0.999 && c->best->likely && !c->immediate->likely);
    assert_string_equal(c->best->time_word, "faster");
    assert_string_equal(c->best->size_word, "larger");
    assert_true(fabs(c->best->time_ratio.middle - 0.5) < 0.01 && c->best->time_ratio.low <= 0.5);
    assert_true(c->points[1].on_front && c->immediate->on_front && c->failed == 0);
    hy_merge_free(&study);
}

static void no_gain_is_said(void **state) {
    hy_merge_study study = load(6);
    const hy_merge_curve *const c = &study.curves[1];
    assert_string_equal(c->fit, "fit:policy=best");
    assert_true(c->best == c->immediate && c->knee == NULL && c->failed == 1);
    assert_false(hy_merge_complete(c->never));
    assert_string_equal(c->points[1].time_word, "equivalent");
    char *const text = told(&study);
    assert_non_null(strstr(text, "With fit choose merge=quick:8"));
    assert_non_null(strstr(text, "With fit:policy=best keep merge=immediate"));
    assert_non_null(strstr(text, "1 point did not get through"));
    assert_non_null(strstr(text, "best on 1 of 2 curves"));
    assert_non_null(strstr(text, "is 2.00× as fast"));
    free(text);
    hy_merge_free(&study);
}

static void too_few_runs_are_said(void **state) {
    hy_merge_study study = load(3);
    const hy_merge_curve *const c = &study.curves[0];
    assert_string_equal(c->best->rule, "every:64");
    assert_true(isnan(c->best->share) && !c->best->likely && isnan(c->best->time_ratio.low));
    assert_string_equal(c->best->time_word, "");
    char *const text = told(&study);
    assert_non_null(strstr(text, "fewer than 5 runs"));
    assert_null(strstr(text, "largest gain"));
    free(text);
    hy_merge_free(&study);
}

static void tables_have_all_rows(void **state) {
    hy_merge_study study = load(6);
    hy_grid best = hy_merge_best_grid(&study, true), points = hy_merge_points_grid(&study);
    assert_int_equal(best.rows, 2);
    assert_int_equal(points.rows, 10);
    char *text = NULL;
    size_t size;
    FILE *const out = open_memstream(&text, &size);
    hy_grid_csv(&points, out);
    fclose(out);
    assert_non_null(strstr(text, "t,fit,every:64,fit:merge=every:64,ok,6,"));
    assert_non_null(strstr(text, "t,fit:policy=best,never,\"fit:policy=best,merge=never\",timeout,0,n/a"));
    free(text);
    hy_grid_free(&best);
    hy_grid_free(&points);
    hy_merge_free(&study);
}

static void nothing_to_compare_is_refused(void **state) {
    hy_store *store = NULL;
    int64_t campaign = 0, trace = 0;
    hy_error error;
    hy_merge_study study;
    unlink(PATH);
    assert_int_equal(hy_store_open(PATH, true, &store, &error), 0);
    assert_int_equal(hy_store_campaign(store, "test", 1, "{}", &campaign, &error), 0);
    assert_int_equal(hy_store_trace(store, "t", "t.hyt", 1, "{}", &trace, &error), 0);
    add_point(store, campaign, trace, &bent[1], 6);
    hy_store_close(store);
    assert_int_equal(hy_merge_load(PATH, NULL, &study, &error), -ENODATA);
    assert_non_null(strstr(error.text, "more than one merge rule"));
    unlink(PATH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specs_split),
        cmocka_unit_test(curves_have_their_points_in_order),
        cmocka_unit_test(the_known_answer_is_found),
        cmocka_unit_test(no_gain_is_said),
        cmocka_unit_test(too_few_runs_are_said),
        cmocka_unit_test(tables_have_all_rows),
        cmocka_unit_test(nothing_to_compare_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
