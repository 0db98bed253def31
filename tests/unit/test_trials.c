/* SPDX-License-Identifier: MIT
 *
 * test_trials.c - verdicts out of campaigns that are made up here.
 */
#include "trials.h"

#include "bootstrap.h"
#include "made_campaign.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(const char *spec, const char *pass, unsigned round, double value, const char *outcome) {
    hy_metric metric = {"ns_per_op", value, "ns"};
    if (strcmp(pass, "footprint") == 0)
        snprintf(metric.name, sizeof metric.name, "peak_resident");
    if (strcmp(pass, "threads") == 0)
        snprintf(metric.name, sizeof metric.name, "threads_resident");
    hy_cell_result cell = {.campaign = campaign,
                           .trace = trace,
                           .spec = spec,
                           .pass = pass,
                           .repetition = round,
                           .position = position++,
                           .metrics = &metric,
                           .metric_count = strcmp(outcome, "ok") == 0};
    snprintf(cell.outcome, sizeof cell.outcome, "%s", outcome);
    assert_int_equal(hy_store_cell(store, &cell, NULL), 0);
}

/* A time near `middle`, within 1 %, always the same one for a place. */
static double near(double middle, uint64_t stream, unsigned round) {
    return middle * (0.99 + 0.02 * hy_random_unit(stream, round));
}

/* system, something 20 % faster in half the memory, null, and the control, which takes so many times as long. */
static void make_campaign(unsigned rounds, double control) {
    for (unsigned r = 0; r < rounds; r++) {
        put("null", "throughput", r, near(3, 1, r), "ok");
        put("first-fit", "throughput", r, near(80, 2, r), "ok");
        put("system", "throughput", r, near(100, 3, r), "ok");
        put("system", "control", r, near(100 * control, 4, r), "ok");
    }
    put("system", "footprint", 0, 2000000, "ok");
    put("first-fit", "footprint", 0, 1000000, "ok");
    put("null", "footprint", 0, 0, "refused");
}

static hy_trials judged(void) {
    hy_trials trials;
    hy_error error = {""};
    const hy_rules rules = HY_RULES_DEFAULT;
    assert_int_equal(hy_trials_read(store, campaign, &trials, &error), 0);
    assert_int_equal(trials.count, 1);
    assert_int_equal(hy_trials_judge(&trials, &rules, &error), 0);
    return trials;
}

static void test_a_quiet_campaign_has_verdicts(void **state) {
    (void)state;
    make_campaign(10, 1);
    hy_trials trials = judged();
    const hy_trial *const trial = hy_trial_of(&trials, trace);
    const hy_series *const fast = hy_series_of(trial, "first-fit"), *const null = hy_series_of(trial, "null");
    assert_int_equal(trial->rounds, 10);
    assert_int_equal(trial->warm_up, 0);
    assert_int_equal(trial->count, 4);
    assert_string_equal(trial->series[trial->baseline].spec, "system");
    assert_string_equal(trial->series[trial->baseline].time.word, "");
    assert_string_equal(fast->time.word, "faster");
    assert_true(fast->time.low > 0.77 && fast->time.high < 0.83 && fast->time.p_adjusted < 0.05);
    assert_string_equal(fast->size.word, "smaller");
    assert_true(fast->size.ratio == 0.5);
    assert_true(null->limit && isnan(null->size.ratio));
    assert_string_equal(null->time.word, "faster");
    assert_string_equal(trial->series[trial->control].time.word, "equivalent");
    const hy_trial_words words = hy_trial_words_control(trial);
    assert_non_null(strstr(words.text, "A/A control: system against itself"));
    assert_non_null(strstr(words.text, "equivalent"));
    assert_null(strstr(words.text, "withheld"));
    assert_string_equal(hy_trial_words_warm_up(trial).text, "");
    assert_string_equal(hy_trials_words_rounds(&trials).text, "");
    hy_trials_free(&trials);
}

static void test_a_control_that_differs_withholds_times_and_not_sizes(void **state) {
    (void)state;
    make_campaign(10, 1.1);
    hy_trials trials = judged();
    const hy_trial *const trial = hy_trial_of(&trials, trace);
    assert_string_equal(trial->series[trial->control].time.word, "slower");
    assert_string_equal(hy_series_of(trial, "first-fit")->time.word, "withheld");
    assert_string_equal(hy_series_of(trial, "null")->time.word, "withheld");
    assert_string_equal(hy_series_of(trial, "first-fit")->size.word, "smaller");
    assert_non_null(strstr(hy_trial_words_control(trial).text, "verdicts on time are withheld"));
    hy_trials_free(&trials);
}

static void test_few_rounds_are_inconclusive(void **state) {
    (void)state;
    make_campaign(HY_BOOTSTRAP_LEAST - 1, 1);
    hy_trials trials = judged();
    const hy_trial *const trial = hy_trial_of(&trials, trace);
    assert_string_equal(hy_series_of(trial, "first-fit")->time.word, "inconclusive");
    assert_non_null(strstr(hy_trial_words_control(trial).text, "too few rounds"));
    hy_trials_free(&trials);
}

/* Rounds in which one side crashed are no pairs; the others are still of the same round. */
static void test_pairs_are_of_the_same_round(void **state) {
    (void)state;
    double ours[8], theirs[8];
    for (unsigned r = 0; r < 8; r++) {
        put("system", "throughput", r, 100 + r, r == 5 ? "crash" : "ok");
        put("first-fit", "throughput", r, 10 * (100 + r), r == 2 ? "timeout" : "ok");
    }
    hy_trials trials = judged();
    const hy_trial *const trial = hy_trial_of(&trials, trace);
    const size_t pairs =
        hy_trial_pairs(trial, hy_series_of(trial, "first-fit"), hy_series_of(trial, "system"), ours, theirs);
    assert_int_equal(pairs, 6);
    for (size_t i = 0; i < pairs; i++)
        assert_true(ours[i] == 10 * theirs[i]);
    assert_int_equal(trial->control, trial->count);
    assert_string_equal(hy_trial_words_control(trial).text, "");
    hy_trials_free(&trials);
}

static void test_a_warm_up_is_left_out_and_told(void **state) {
    (void)state;
    for (unsigned r = 0; r < 20; r++) {
        const double cold = r < 3 ? 3 : 1;
        put("system", "throughput", r, cold * near(100, 1, r), "ok");
        put("first-fit", "throughput", r, cold * cold * near(100, 2, r), "ok");
    }
    hy_trials trials = judged();
    const hy_trial *const trial = hy_trial_of(&trials, trace);
    double ours[20], theirs[20];
    assert_int_equal(trial->warm_up, 3);
    assert_int_equal(
        hy_trial_pairs(trial, hy_series_of(trial, "first-fit"), hy_series_of(trial, "system"), ours, theirs), 17);
    assert_string_equal(hy_trial_words_warm_up(trial).text,
                        "warm-up: the first 3 of 20 rounds are not like the rest and left out of the verdicts");
    hy_trials_free(&trials);
}

static void test_baselines(void **state) {
    (void)state;
    for (unsigned r = 0; r < 6; r++) {
        put("bump", "throughput", r, near(5, 1, r), "ok");
        put("region", "throughput", r, near(10, 2, r), "ok");
        put("first-fit", "throughput", r, near(90, 3, r), "ok");
        put("system", "throughput", r, 0, "crash");
    }
    hy_trials trials = judged();
    const hy_trial *const trial = hy_trial_of(&trials, trace);
    assert_string_equal(trial->series[trial->baseline].spec, "first-fit"); /* system has no times */
    assert_string_equal(hy_series_of(trial, "system")->time.word, "inconclusive");
    assert_true(hy_series_of(trial, "bump")->limit && !hy_series_of(trial, "region")->limit);
    hy_trial_compare_with(&trials.trial[0], "region");
    assert_string_equal(trial->series[trial->baseline].spec, "region");
    hy_trial_compare_with(&trials.trial[0], "system");
    assert_string_equal(trial->series[trial->baseline].spec, "region");
    hy_trials_free(&trials);
}

static void test_memory_alone(void **state) {
    (void)state;
    put("first-fit", "footprint", 0, 1500000, "ok");
    put("system", "footprint", 0, 1000000, "ok");
    hy_trials trials = judged();
    const hy_trial *const trial = hy_trial_of(&trials, trace);
    assert_string_equal(hy_series_of(trial, "first-fit")->size.word, "larger");
    assert_string_equal(hy_series_of(trial, "first-fit")->time.word, "inconclusive");
    hy_trials_free(&trials);
}

/* Where the program had threads, a figure of the serial replay is said to be one. */
static void check_words_on_memory(const char *pass, const char *says) {
    put("system", pass, 0, 1000000, "ok");
    hy_trials trials = judged();
    const hy_trial_words words = hy_trial_words_memory(&trials.trial[0]);
    assert_int_equal(strncmp(words.text, says, *says ? strlen(says) : 1), 0);
    hy_trials_free(&trials);
}

static void test_memory_of_threads_is_said_to_be_serial(void **state) {
    (void)state;
    assert_int_equal(hy_store_trace(store, "many", "/many.hyt", 2, "{\"threads\":41}", &trace, NULL), 0);
    check_words_on_memory("throughput", "");
    check_words_on_memory("footprint", "memory: of a serial replay, as if the 41 threads were one;");
}

/* What the serial replay says counts no more, not even where the threads did not get through. */
static void test_memory_of_threads_side_by_side(void **state) {
    (void)state;
    assert_int_equal(hy_store_trace(store, "side", "/side.hyt", 3, "{\"threads\":41}", &trace, NULL), 0);
    put("first-fit", "footprint", 0, 1000000, "ok");
    put("system", "footprint", 0, 2000000, "ok");
    put("best-fit", "footprint", 0, 1000000, "ok");
    put("best-fit", "threads", 0, 0, "crash");
    for (unsigned r = 0; r < 6; r++) {
        put("first-fit", "threads", r, near(9000000, 1, r), "ok");
        put("system", "threads", r, near(3000000, 2, r), "ok");
    }
    check_words_on_memory("throughput", "memory in verdicts: of a replay with the trace's 41 threads side by side,");
    hy_trials trials = judged();
    const hy_trial *const trial = hy_trial_of(&trials, trace);
    const hy_series *const series = hy_series_of(trial, "first-fit");
    assert_true(trial->side_by_side);
    assert_int_equal(series->weighed, 6);
    assert_string_equal(series->size.word, "larger");
    assert_true(series->size.low > 2.9 && series->size.high < 3.1 && series->size.p_adjusted < 0.05);
    assert_int_equal(hy_series_of(trial, "best-fit")->weighed, 0);
    assert_non_null(hy_series_of(trial, "best-fit")->problem);
    hy_trials_free(&trials);
}

static void test_a_page_is_no_difference(void **state) {
    (void)state;
    put("first-fit", "footprint", 0, 32768, "ok");
    put("system", "footprint", 0, 28672, "ok");
    hy_trials trials = judged();
    assert_string_equal(hy_series_of(hy_trial_of(&trials, trace), "first-fit")->size.word, "inconclusive");
    hy_trials_free(&trials);
}

static void test_chosen_rounds_are_told(void **state) {
    (void)state;
    const hy_rounds_chosen chosen = {7, 12, "enough for 2 %"};
    assert_int_equal(hy_store_set_rounds(store, campaign, &chosen, NULL), 0);
    make_campaign(12, 1);
    hy_trials trials = judged();
    assert_string_equal(hy_trials_words_rounds(&trials).text, "12 rounds, chosen after 7: enough for 2 %");
    hy_trials_free(&trials);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CAMPAIGN_CASE(test_a_quiet_campaign_has_verdicts),
        CAMPAIGN_CASE(test_a_control_that_differs_withholds_times_and_not_sizes),
        CAMPAIGN_CASE(test_few_rounds_are_inconclusive),
        CAMPAIGN_CASE(test_pairs_are_of_the_same_round),
        CAMPAIGN_CASE(test_a_warm_up_is_left_out_and_told),
        CAMPAIGN_CASE(test_baselines),
        CAMPAIGN_CASE(test_memory_alone),
        CAMPAIGN_CASE(test_memory_of_threads_is_said_to_be_serial),
        CAMPAIGN_CASE(test_memory_of_threads_side_by_side),
        CAMPAIGN_CASE(test_a_page_is_no_difference),
        CAMPAIGN_CASE(test_chosen_rounds_are_told),
    };
    return cmocka_run_group_tests_name("trials", tests, NULL, NULL);
}
