/* SPDX-License-Identifier: MIT
 *
 * test_rounds.c - how many rounds a pilot that is made up here asks for.
 */
#include "rounds.h"

#include "bootstrap.h"
#include "clock.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static hy_store *store;
static int64_t campaign, trace;
static unsigned position;

static int setup(void **state) {
    (void)state;
    hy_error error;
    position = 0;
    int r = hy_store_open(":memory:", true, &store, &error);
    if (r == 0)
        r = hy_store_trace(store, "made", "/made.hyt", 1, "{}", &trace, &error);
    return r == 0 ? hy_store_campaign(store, "by hand", 1, "{}", &campaign, &error) : r;
}

static int teardown(void **state) {
    (void)state;
    hy_store_close(store);
    return 0;
}

static void put(const char *spec, const char *pass, unsigned round, double ns, double seconds) {
    hy_metric metrics[] = {{"ns_per_op", ns, "ns"}, {"cell_seconds", seconds, "s"}};
    const hy_cell_result cell = {.campaign = campaign,
                                 .trace = trace,
                                 .spec = spec,
                                 .pass = pass,
                                 .repetition = round,
                                 .position = position++,
                                 .outcome = "ok",
                                 .metrics = metrics,
                                 .metric_count = 2};
    assert_int_equal(hy_store_cell(store, &cell, NULL), 0);
}

/* Two allocators, values within `spread` of 100 ns; a round takes 4 s in each of both passes. */
static void make_pilot(unsigned rounds, double spread) {
    for (unsigned r = 0; r < rounds; r++) {
        put("system", "throughput", r, 100 * (1 + spread * (hy_random_unit(1, r) - 0.5)), 2);
        put("first-fit", "throughput", r, 100 * (1 + spread * (hy_random_unit(2, r) - 0.5)), 2);
        put("system", "latency", r, 0, 2);
        put("first-fit", "latency", r, 0, 2);
    }
}

static hy_campaign_plan plan;

static hy_rounds_watch watch_of(double precision, uint64_t seconds) {
    plan = (hy_campaign_plan){.precision = precision, .budget = seconds * 1000000000u, .timeout = 20000000000u};
    hy_rounds_watch watch = {.plan = &plan, .store = store, .campaign = campaign};
    hy_rounds_watch_start(&watch);
    return watch;
}

static hy_rounds_chosen choose(double precision, uint64_t seconds, unsigned pilot) {
    const hy_rounds_watch watch = watch_of(precision, seconds);
    hy_rounds_chosen chosen;
    hy_error error = {""};
    assert_int_equal(hy_rounds_choose(&watch, pilot, &chosen, &error), 0);
    assert_int_equal(chosen.pilot, pilot);
    return chosen;
}

static void expect_reason(const hy_rounds_chosen *chosen, const char *words) {
    if (!strstr(chosen->reason, words))
        fail_msg("\"%s\" lacks \"%s\"", chosen->reason, words);
}

static void test_a_quiet_pilot_is_enough(void **state) {
    (void)state;
    make_pilot(7, 0.001);
    const hy_rounds_chosen chosen = choose(0.02, 0, 7);
    assert_int_equal(chosen.chosen, 7);
    expect_reason(&chosen, "enough for a precision of 2 %");
}

static void test_a_noisy_pilot_asks_for_more_rounds_the_finer_the_more(void **state) {
    (void)state;
    make_pilot(7, 0.1);
    const hy_rounds_chosen coarse = choose(0.02, 0, 7), fine = choose(0.01, 0, 7), finest = choose(0.001, 0, 7);
    assert_true(coarse.chosen > 7 && fine.chosen > 2 * coarse.chosen && fine.chosen < HY_ROUNDS_MOST);
    assert_int_equal(finest.chosen, HY_ROUNDS_MOST);
    expect_reason(&fine, "enough for a precision of 1 %");
    expect_reason(&finest, "the most there are; a precision of 0.1 % would take about");
}

static void test_a_budget_bounds_the_rounds(void **state) {
    (void)state;
    make_pilot(7, 0.1); /* 7 rounds took 56 s */
    const hy_rounds_chosen all = choose(0, 100, 7), some = choose(0.001, 100, 7), plenty = choose(0.05, 100000, 7);
    assert_in_range(all.chosen, 11, 12); /* 44 s are left for rounds of 8 s, less what this test took */
    expect_reason(&all, "as many as a budget of 100");
    assert_in_range(some.chosen, 11, 12);
    expect_reason(&some, "a precision of 0.1 % would take about");
    expect_reason(&plenty, "enough for a precision of 5 %");
    const hy_rounds_watch watch = watch_of(0, 100);
    plan.most_latency = 7; /* no latencies after the pilot: rounds of 4 s */
    hy_rounds_chosen chosen;
    assert_int_equal(hy_rounds_choose(&watch, 7, &chosen, NULL), 0);
    assert_in_range(chosen.chosen, 17, 18);
}

static void test_a_budget_that_is_too_small_is_told(void **state) {
    (void)state;
    make_pilot(HY_BOOTSTRAP_LEAST, 0.1);
    const hy_rounds_chosen chosen = choose(0.02, 30, HY_BOOTSTRAP_LEAST);
    assert_int_equal(chosen.chosen, HY_BOOTSTRAP_LEAST);
    expect_reason(&chosen, "the budget of 30");
    expect_reason(&chosen, "is too small: 5 rounds, the fewest there are, took 40");
}

static void test_rounds_begin_only_if_they_would_end_in_time(void **state) {
    (void)state;
    make_pilot(6, 0.1); /* 48 s */
    const hy_rounds_watch enough = watch_of(0, 60), little = watch_of(0, 55), none = watch_of(0.02, 0);
    plan.budget = 60000000000u;
    assert_true(hy_rounds_may_begin(&enough, 6));
    plan.budget = 55000000000u;
    assert_false(hy_rounds_may_begin(&little, 6));
    assert_true(hy_rounds_may_begin(&little, HY_BOOTSTRAP_LEAST - 1)); /* the fewest are made anyway */
    plan.budget = 0;
    assert_true(hy_rounds_may_begin(&none, 6));
}

static void test_timeouts_take_their_time(void **state) {
    (void)state;
    hy_cell_result late = {.campaign = campaign,
                           .trace = trace,
                           .spec = "bump",
                           .pass = "throughput",
                           .outcome = "timeout",
                           .detail = "not ready after 20 s"};
    make_pilot(6, 0.1);
    assert_int_equal(hy_store_cell(store, &late, NULL), 0);
    late.repetition = 1;
    snprintf(late.detail, sizeof late.detail, "not run: throughput, repetition 0, was not ready after 20 s");
    assert_int_equal(hy_store_cell(store, &late, NULL), 0);
    const hy_rounds_watch watch = watch_of(0, 70); /* 48 s and 20 s; without them a round of 8 s would have room */
    assert_false(hy_rounds_may_begin(&watch, 6));
    plan.budget = 80000000000u;
    assert_true(hy_rounds_may_begin(&watch, 6));
}

static void test_nothing_to_judge_by(void **state) {
    (void)state;
    for (unsigned r = 0; r < 7; r++)
        put("system", "throughput", r, 100, 1);
    const hy_rounds_chosen chosen = choose(0.02, 0, 7);
    assert_int_equal(chosen.chosen, 7);
    expect_reason(&chosen, "too little ended well");
}

static void test_what_is_cut_says_so(void **state) {
    (void)state;
    const hy_rounds_watch watch = watch_of(0, 100);
    hy_rounds_chosen chosen = {7, 30, "because"};
    hy_rounds_cut(&watch, 21, &chosen);
    assert_int_equal(chosen.chosen, 21);
    assert_int_equal(chosen.pilot, 7);
    expect_reason(&chosen, "30 were planned");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_quiet_pilot_is_enough, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_noisy_pilot_asks_for_more_rounds_the_finer_the_more, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_budget_bounds_the_rounds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_budget_that_is_too_small_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rounds_begin_only_if_they_would_end_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_timeouts_take_their_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_to_judge_by, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_cut_says_so, setup, teardown),
    };
    return cmocka_run_group_tests_name("rounds", tests, NULL, NULL);
}
