/* SPDX-License-Identifier: MIT
 *
 * test_rounds.c - how many rounds a pilot that is made up here asks for; the order of cells, and their layouts.
 */
#include "rounds.h"

#include "bootstrap.h"
#include "cell_order.h"
#include "clock.h"
#include "made_campaign.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void test_a_budget_that_will_be_too_small_is_told_after_one_round(void **state) {
    (void)state;
    char sentence[256] = "";
    make_pilot(1, 0.1); /* 8 s */
    const hy_rounds_watch little = watch_of(0, 30);
    assert_true(hy_rounds_foresee(&little, sentence, sizeof sentence));
    if (!strstr(sentence, "so 5, the fewest there are, will take about 40") || !strstr(sentence, "the budget of 30"))
        fail_msg("%s", sentence);
    plan.budget = 60000000000u;
    assert_false(hy_rounds_foresee(&little, sentence, sizeof sentence));
    plan.budget = 0;
    assert_false(hy_rounds_foresee(&little, sentence, sizeof sentence));
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

/* ---- order and layouts ---- */

static char *const two_specs[] = {"null", "skeleton"};

static hy_campaign_plan make_plan(void) {
    return (hy_campaign_plan){
        .trace_count = 1, .specs = two_specs, .spec_count = 2, .pass = {true, true, true, false}, .repetitions = 3};
}

static void test_layouts_follow_from_seed_and_place(void **state) {
    (void)state;
    unsigned different = 0;
    for (size_t place = 0; place < 100; place++) {
        const hy_layout a = hy_layout_of(HY_LAYOUT_RANDOM, HY_PASS_THROUGHPUT, 5, place);
        const hy_layout again = hy_layout_of(HY_LAYOUT_RANDOM, HY_PASS_CONTROL, 5, place);
        const hy_layout next = hy_layout_of(HY_LAYOUT_RANDOM, HY_PASS_LATENCY, 5, place + 1);
        assert_int_equal(a.environment, again.environment);
        assert_int_equal(a.stack, again.stack);
        assert_true(a.environment <= 4096 && a.environment % 16 == 0);
        assert_true(a.stack <= 4096 && a.stack % 16 == 0 && !a.fixed);
        different += a.environment != next.environment && a.stack != next.stack && a.stack != a.environment;
    }
    assert_true(different > 90);
    const hy_layout counted = hy_layout_of(HY_LAYOUT_RANDOM, HY_PASS_FOOTPRINT, 5, 1);
    const hy_layout fixed = hy_layout_of(HY_LAYOUT_FIXED, HY_PASS_THROUGHPUT, 5, 1);
    assert_true(counted.environment == 0 && counted.stack == 0 && !counted.fixed);
    assert_true(fixed.environment == 0 && fixed.stack == 0 && fixed.fixed);
}

static void test_order_is_random_whole_and_repeatable(void **state) {
    (void)state;
    const hy_campaign_plan wanted = make_plan();
    size_t count = 0, again_count = 0, other_count = 0, same = 0;
    hy_slot_in_time *const order = hy_order_make(&wanted, 1, &count), *const again =
                                                                          hy_order_make(&wanted, 1, &again_count);
    hy_slot_in_time *const other = hy_order_make(&wanted, 2, &other_count);
    unsigned seen[2][HY_PASSES][3] = {{{0}}};
    assert_int_equal(count, 2 * 2 * 3 + 2); /* time three times, footprint once */
    assert_int_equal(again_count, count);
    assert_memory_equal(order, again, count * sizeof *order);
    for (size_t i = 0; i < count; i++) {
        seen[order[i].spec][order[i].pass][order[i].repetition]++;
        assert_true(i == 0 || order[i].repetition >= order[i - 1].repetition);
        same += memcmp(&order[i], &other[i], sizeof *order) == 0;
    }
    assert_true(same < count);
    for (int spec = 0; spec < 2; spec++)
        for (unsigned r = 0; r < 3; r++) {
            assert_int_equal(seen[spec][HY_PASS_THROUGHPUT][r], 1);
            assert_int_equal(seen[spec][HY_PASS_LATENCY][r], 1);
            assert_int_equal(seen[spec][HY_PASS_FOOTPRINT][r], r == 0);
        }
    free(order);
    hy_campaign_plan few = wanted;
    few.most_latency = 2;
    free(hy_order_make(&few, 1, &count));
    assert_int_equal(count, 2 * (3 + 2) + 2); /* latency twice */
    free(again);
    free(other);
}

static void test_more_rounds_leave_those_before_them_alone(void **state) {
    (void)state;
    hy_campaign_plan wanted = make_plan();
    size_t three = 0, nine = 0;
    hy_slot_in_time *const few = hy_order_make(&wanted, 7, &three);
    wanted.repetitions = 9;
    hy_slot_in_time *const many = hy_order_make(&wanted, 7, &nine);
    assert_true(nine > three);
    assert_memory_equal(few, many, three * sizeof *few);
    free(few);
    free(many);
}

static void test_control_is_the_baseline_once_more_in_each_round(void **state) {
    (void)state;
    static char *const specs[] = {"null", "bump", "skeleton", "first-fit"};
    hy_campaign_plan wanted = make_plan();
    size_t count = 0, control = 0;
    wanted.specs = specs;
    wanted.spec_count = 4;
    assert_int_equal(hy_campaign_baseline(&wanted), 2); /* the first that is no limit */
    wanted.control = 2;
    wanted.pass[HY_PASS_CONTROL] = true;
    hy_slot_in_time *const order = hy_order_make(&wanted, 1, &count);
    for (size_t i = 0; i < count; i++)
        if (order[i].pass == HY_PASS_CONTROL) {
            assert_int_equal(order[i].spec, 2);
            assert_int_equal(order[i].repetition, control++);
        }
    assert_int_equal(control, 3);
    free(order);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CAMPAIGN_CASE(test_a_quiet_pilot_is_enough),
        CAMPAIGN_CASE(test_a_noisy_pilot_asks_for_more_rounds_the_finer_the_more),
        CAMPAIGN_CASE(test_a_budget_bounds_the_rounds),
        CAMPAIGN_CASE(test_a_budget_that_is_too_small_is_told),
        CAMPAIGN_CASE(test_a_budget_that_will_be_too_small_is_told_after_one_round),
        CAMPAIGN_CASE(test_rounds_begin_only_if_they_would_end_in_time),
        CAMPAIGN_CASE(test_timeouts_take_their_time),
        CAMPAIGN_CASE(test_nothing_to_judge_by),
        CAMPAIGN_CASE(test_what_is_cut_says_so),
        cmocka_unit_test(test_order_is_random_whole_and_repeatable),
        cmocka_unit_test(test_more_rounds_leave_those_before_them_alone),
        cmocka_unit_test(test_control_is_the_baseline_once_more_in_each_round),
        cmocka_unit_test(test_layouts_follow_from_seed_and_place),
    };
    return cmocka_run_group_tests_name("rounds", tests, NULL, NULL);
}
