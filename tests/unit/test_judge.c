/* SPDX-License-Identifier: MIT
 *
 * What a campaign's verdicts are made of: the words, the family, the tests chosen, controls; then rounds and warm-up.
 */
#include "bootstrap.h"
#include "describe.h"
#include "judge.h"
#include "ranks.h"
#include "repetitions.h"
#include "steady.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MOST 200

static void assert_within(double value, double expected, double slack) {
    assert_true(isfinite(value));
    if (!(fabs(value - expected) <= slack))
        fail_msg("%.9g is not within %g of %.9g", value, slack, expected);
}

/* `n` values around `level`, evenly spread over ± `spread` (a share), in an order of their own. */
static void fill(double *values, size_t n, double level, double spread, uint64_t seed) {
    for (size_t i = 0; i < n; i++)
        values[i] = level * (1 + spread * (2 * (double)(hy_random_at(seed, i) >> 11) * 0x1p-53 - 1));
}

static hy_judgement judge_one(hy_contest contest) {
    hy_judgement judgement;
    const hy_rules rules = HY_RULES_DEFAULT;
    assert_int_equal(hy_judge(&contest, 1, &rules, &judgement), 0);
    return judgement;
}

static hy_contest contest_of(const double *ours, const double *theirs, size_t n, hy_contest_kind kind) {
    return (hy_contest){.ours = ours, .theirs = theirs, .our_count = n, .their_count = n, .kind = kind};
}

/* -------------------------------------------------------------------------------------------------------- words ----
 */

static void words_of_times(void **state) {
    double base[12], same[12], much[12], wild[12];
    fill(base, 12, 100, 0.01, 1);
    fill(same, 12, 100.1, 0.01, 2);
    fill(much, 12, 130, 0.01, 3);
    fill(wild, 12, 100, 0.6, 4);
    assert_string_equal(judge_one(contest_of(same, base, 12, HY_CONTEST_TIME)).word, "equivalent");
    assert_string_equal(judge_one(contest_of(much, base, 12, HY_CONTEST_TIME)).word, "slower");
    assert_string_equal(judge_one(contest_of(base, much, 12, HY_CONTEST_TIME)).word, "faster");
    assert_string_equal(judge_one(contest_of(wild, base, 12, HY_CONTEST_TIME)).word, "inconclusive");
    assert_string_equal(judge_one(contest_of(much, base, 12, HY_CONTEST_SIZE)).word, "larger");
    assert_true(hy_word_differs("smaller") && hy_word_differs("faster") && hy_word_worse("larger"));
    assert_false(hy_word_worse("faster") || hy_word_differs("withheld") || hy_word_differs("equivalent"));
}

static void figures_are_those_of_their_functions(void **state) {
    double ours[9], theirs[9], ratio, low, high;
    fill(ours, 9, 110, 0.05, 5);
    fill(theirs, 9, 100, 0.05, 6);
    const hy_judgement j = judge_one(contest_of(ours, theirs, 9, HY_CONTEST_TIME));
    assert_int_equal(hy_ratio_interval(ours, 9, theirs, 9, 0.95, 1, &ratio, &low, &high), 0);
    assert_within(j.ratio, ratio, 0);
    assert_within(j.low, low, 0);
    assert_within(j.high, high, 0);
    assert_within(j.p, hy_mann_whitney(ours, 9, theirs, 9), 0);
    assert_within(j.p_adjusted, j.p, 0);
    assert_within(j.delta, hy_cliff_delta(ours, 9, theirs, 9), 0);
}

/* A significant difference of 1 %, with an interval that leaves the margin, is none to speak of. */
static void small_differences_are_not_told(void **state) {
    double base[60], ours[60];
    fill(base, 60, 100, 0.03, 7);
    fill(ours, 60, 101.6, 0.03, 8);
    hy_contest c = contest_of(ours, base, 60, HY_CONTEST_TIME);
    const hy_judgement j = judge_one(c);
    assert_true(j.low > 1 && j.p_adjusted < 0.05); /* it is there */
    assert_true(j.ratio < 1.02 && j.high > 1.02);
    assert_string_equal(j.word, "inconclusive");
}

static void too_little_is_inconclusive(void **state) {
    const double few[] = {10, 11, 12, 13}, many[] = {1, 1.1, 1.2, 1.3, 1.4}, zero[] = {1, 1, 1, 1, 0};
    hy_judgement j = judge_one(contest_of(few, many, 4, HY_CONTEST_TIME));
    assert_string_equal(j.word, "inconclusive");
    assert_within(j.ratio, 10, 0.01);
    assert_true(isnan(j.low) && isnan(j.p) && j.test == HY_TEST_NONE);
    j = judge_one(contest_of(many, zero, 5, HY_CONTEST_TIME));
    assert_string_equal(j.word, "inconclusive");
    assert_true(isnan(j.ratio) && isnan(j.delta));
    j = judge_one((hy_contest){.ours = many, .their_count = 0, .our_count = 5});
    assert_string_equal(j.word, "inconclusive");
}

static void few_sizes_are_judged_by_their_range(void **state) {
    const double once[] = {100}, more[] = {150, 151}, near[] = {99.5, 101}, across[] = {90, 110};
    hy_contest c = {.theirs = once, .their_count = 1, .our_count = 2, .kind = HY_CONTEST_SIZE};
    c.ours = more;
    const hy_judgement j = judge_one(c);
    assert_string_equal(j.word, "larger");
    assert_within(j.low, 1.5, 1e-12);
    assert_within(j.high, 1.51, 1e-12);
    assert_true(isnan(j.p));
    c.ours = near;
    assert_string_equal(judge_one(c).word, "equivalent");
    c.ours = across;
    assert_string_equal(judge_one(c).word, "inconclusive");
}

/* 7 pages or 8: one may be there or not. */
static void sizes_are_counted_in_grains(void **state) {
    const double seven[] = {28}, eight[] = {32}, nine[] = {36}, one[] = {4};
    hy_contest c = {.theirs = seven, .their_count = 1, .our_count = 1, .kind = HY_CONTEST_SIZE, .grain = 4};
    c.ours = eight;
    const hy_judgement j = judge_one(c);
    assert_string_equal(j.word, "inconclusive");
    assert_within(j.low, 28.0 / 32, 1e-12);
    assert_within(j.high, 36.0 / 24, 1e-12);
    c.grain = 1;
    c.ours = nine;
    assert_string_equal(judge_one(c).word, "larger");
    c.grain = 4;
    c.theirs = one; /* half of it at least is left */
    assert_within(judge_one(c).high, 20, 1e-12);
}

/* --------------------------------------------------------------------------------------------- family and control --
 */

/* Six a side, wholly apart: p = 2 / 924.  It stands among 23 comparisons, and no more among 24. */
static void a_large_family_asks_for_more(void **state) {
    double base[6], much[6], same[6];
    hy_contest contests[24];
    hy_judgement judgements[24];
    const hy_rules rules = HY_RULES_DEFAULT;
    fill(base, 6, 100, 0.01, 11);
    fill(much, 6, 150, 0.01, 12);
    fill(same, 6, 100, 0.01, 13);
    for (size_t i = 0; i < 24; i++)
        contests[i] = contest_of(i == 0 ? much : same, base, 6, HY_CONTEST_TIME);
    assert_int_equal(hy_judge(contests, 23, &rules, judgements), 0);
    assert_within(judgements[0].p_adjusted, 23 * 2 / 924.0, 1e-12);
    assert_string_equal(judgements[0].word, "slower");
    assert_int_equal(hy_judge(contests, 24, &rules, judgements), 0);
    assert_string_equal(judgements[0].word, "inconclusive");
    contests[23].kind = HY_CONTEST_SIZE; /* another family */
    contests[22].control = true;         /* and another */
    contests[21].our_count = 0;          /* and none at all */
    assert_int_equal(hy_judge(contests, 24, &rules, judgements), 0);
    assert_within(judgements[0].p_adjusted, 21 * 2 / 924.0, 1e-12);
    assert_string_equal(judgements[0].word, "slower");
}

static void counts_choose_the_test(void **state) {
    hy_contest c = {.our_count = 9, .their_count = 9, .shared = true};
    assert_int_equal(hy_judge_test(&c, 1, 0.05), HY_TEST_BOTH); /* 8 / 2^8 < 0.05 */
    assert_int_equal(hy_judge_test(&c, 2, 0.05), HY_TEST_MANN_WHITNEY);
    c.shared = false;
    assert_int_equal(hy_judge_test(&c, 1, 0.05), HY_TEST_MANN_WHITNEY);
    c.our_count = 4;
    assert_int_equal(hy_judge_test(&c, 1, 0.05), HY_TEST_NONE);
    c = (hy_contest){.our_count = 5, .their_count = 5, .kind = HY_CONTEST_SIZE};
    assert_int_equal(hy_judge_test(&c, 6, 0.05), HY_TEST_MANN_WHITNEY);
    assert_int_equal(hy_judge_test(&c, 7, 0.05), HY_TEST_NONE); /* 7 × 2 / 252 > 0.05 */
    assert_int_equal(hy_judge_least_rounds(6, 0.05), 5);
    assert_int_equal(hy_judge_least_rounds(7, 0.05), 6);
    assert_int_equal(hy_judge_least_rounds(100, 0.05), 8);
    assert_string_equal(hy_test_name(HY_TEST_BOTH), "Mann-Whitney and signed-rank");
}

/* Rounds that drift by a factor of four hide 10 % from whoever takes them apart, and from no one else. */
static void shared_rounds_cancel_drift(void **state) {
    double base[20], ours[20];
    for (size_t i = 0; i < 20; i++) {
        const double level = 100 * exp2((double)(i * 7 % 20) / 10);
        base[i] = level * (1 + 0.001 * (double)(i % 3));
        ours[i] = 1.10 * level * (1 + 0.001 * (double)(i % 4));
    }
    hy_contest c = contest_of(ours, base, 20, HY_CONTEST_TIME);
    assert_string_equal(judge_one(c).word, "inconclusive");
    c.shared = true;
    const hy_judgement j = judge_one(c);
    assert_string_equal(j.word, "slower");
    assert_within(j.p, 4 / exp2(20), 1e-12); /* both tests asked: twice 2 / 2^20 */
}

/* A machine of two speeds, half the rounds at each: medians of sides lie anywhere between, quotients do not. */
static void shared_rounds_see_through_two_speeds(void **state) {
    double base[21], ours[21];
    for (size_t i = 0; i < 21; i++) {
        const double level = i < 10 ? 100 : i == 10 ? 125 : 150;
        base[i] = level * (1 + 0.001 * (double)(i % 3));
        ours[i] = 1.05 * level * (1 + 0.001 * (double)(i % 4));
    }
    base[10] = 101; /* the speed changed in the middle of a round, to the harm of one */
    hy_contest c = contest_of(ours, base, 21, HY_CONTEST_TIME);
    c.shared = true;
    const hy_judgement j = judge_one(c);
    assert_within(j.ratio, 1.05, 0.005);
    assert_string_equal(j.word, "slower");
    assert_true(j.low > 1.04 && j.high < 1.06);
}

static void a_control_that_differs_silences_its_group(void **state) {
    double base[10], same[10], much[10];
    fill(base, 10, 100, 0.01, 21);
    fill(same, 10, 100, 0.01, 22);
    fill(much, 10, 150, 0.01, 23);
    hy_contest contests[] = {
        contest_of(much, base, 10, HY_CONTEST_TIME), contest_of(much, base, 10, HY_CONTEST_TIME),
        contest_of(much, base, 10, HY_CONTEST_SIZE), contest_of(much, base, 10, HY_CONTEST_TIME),
        contest_of(same, base, 10, HY_CONTEST_TIME),
    };
    hy_judgement j[5];
    const hy_rules rules = HY_RULES_DEFAULT;
    contests[3].control = contests[4].control = true;
    contests[1].group = contests[4].group = 1;
    assert_int_equal(hy_judge(contests, 5, &rules, j), 0);
    assert_string_equal(j[0].word, "withheld");
    assert_string_equal(j[1].word, "slower"); /* another trace, whose control is quiet */
    assert_string_equal(j[2].word, "larger");
    assert_string_equal(j[3].word, "slower"); /* the control itself tells what it saw */
    assert_false(hy_word_differs(j[4].word));
}

static void differences_only_leaves_intervals_out(void **state) {
    double base[10], same[10], much[10];
    fill(base, 10, 100, 0.01, 24);
    fill(same, 10, 100, 0.01, 25);
    fill(much, 10, 150, 0.01, 26);
    const hy_contest contests[] = {contest_of(same, base, 10, HY_CONTEST_TIME),
                                   contest_of(much, base, 10, HY_CONTEST_TIME)};
    hy_rules rules = HY_RULES_DEFAULT;
    hy_judgement j[2];
    rules.differences_only = true;
    assert_int_equal(hy_judge(contests, 2, &rules, j), 0);
    assert_true(isnan(j[0].low) && isfinite(j[1].low));
    assert_string_equal(j[0].word, "inconclusive");
    assert_string_equal(j[1].word, "slower");
}

/* ------------------------------------------------------------------------------------------------------- rounds ----
 */

/* A pilot of seven whose Qn is known: distances of 0 1 … 6, times h, have the 6th of 21 smallest at 1 h. */
static void rounds_follow_from_the_spread(void **state) {
    double ours[7], theirs[7];
    for (size_t i = 0; i < 7; i++) {
        ours[i] = exp(0.01 * (double)i);
        theirs[i] = exp(0.01 * (double)(i * 3 % 7)); /* the same values, hardly correlated */
    }
    hy_contest c = contest_of(ours, theirs, 7, HY_CONTEST_TIME);
    const double qn = 2.2219 * 0.857 * 0.01, t = 2.57058; /* 0.82 × 6 is nearly 5 degrees of freedom */
    const double square = t * t * M_PI_2 * 2 * qn * qn, width = log(1.01);
    assert_int_equal(hy_rounds_needed(&c, 0.01), ceil(square / (width * width)));
    assert_within(hy_precision_expected(&c, 100), exp(sqrt(square / 100)) - 1, 1e-5);
    assert_true(hy_rounds_needed(&c, 0.5) == 7); /* what was measured is kept */
    c.shared = true;
    c.theirs = ours; /* alike to the last digit: nothing is left to find out */
    assert_int_equal(hy_rounds_needed(&c, 0.001), 7);
}

static void rounds_of_nothing(void **state) {
    const double two[] = {1, 2}, zero[] = {0, 1, 2};
    const hy_contest few = contest_of(two, two, 2, HY_CONTEST_TIME), bad = contest_of(zero, zero, 3, HY_CONTEST_TIME);
    assert_int_equal(hy_rounds_needed(&few, 0.01), 0);
    assert_int_equal(hy_rounds_needed(&bad, 0.01), 0);
    assert_true(isnan(hy_precision_expected(&bad, 10)));
    const hy_contest both[] = {few, bad};
    assert_int_equal(hy_rounds_for_all(both, 2, 0.01, 0.05), 0);
}

static void the_most_demanding_decides(void **state) {
    double base[7], quiet[7], wild[7];
    hy_contest all[40];
    fill(base, 7, 100, 0.01, 31);
    fill(quiet, 7, 100, 0.01, 32);
    fill(wild, 7, 100, 0.2, 33);
    for (size_t i = 0; i < 40; i++)
        all[i] = contest_of(i == 17 ? wild : quiet, base, 7, HY_CONTEST_TIME);
    assert_int_equal(hy_rounds_for_all(all, 40, 0.02, 0.05), hy_rounds_needed(&all[17], 0.02));
    assert_int_equal(hy_rounds_for_all(all, 17, 10, 0.05), 7);
    all[17] = all[0];
    assert_true(hy_rounds_needed(&all[0], 10) == 7);
    for (size_t i = 0; i < 40; i++)
        all[i].our_count = all[i].their_count = 5;
    assert_int_equal(hy_rounds_for_all(all, 40, 10, 0.05), 7); /* fewer could tell nothing among 40 */
}

/* ------------------------------------------------------------------------------------------------------- steady ----
 */

static void warm_up_is_found(void **state) {
    double levels[20];
    fill(levels, 20, 1, 0.01, 41);
    assert_int_equal(hy_steady_start(levels, 20), 0);
    levels[0] = 1.5;
    levels[1] = 1.3;
    levels[2] = 1.1;
    assert_int_equal(hy_steady_start(levels, 20), 3);
    for (size_t i = 0; i < 8; i++)
        levels[i] = 2;
    assert_true(hy_steady_start(levels, 20) <= 5); /* a quarter */
    assert_int_equal(hy_steady_start(levels, 7), 0);
}

/* A slow round in the middle, or many everywhere, is no warm-up. */
static void noise_is_no_warm_up(void **state) {
    double levels[40];
    size_t dropped = 0;
    fill(levels, 20, 1, 0.01, 42);
    levels[10] = 2;
    assert_int_equal(hy_steady_start(levels, 20), 0);
    for (uint64_t seed = 0; seed < 100; seed++) {
        fill(levels, 40, 1, 0.1, 1000 + seed);
        dropped += hy_steady_start(levels, 40) > 0;
    }
    assert_true(dropped <= 3);
}

static void levels_are_medians_over_the_cells(void **state) {
    const double values[] = {
        20, 10, 10,  10,  /* a round twice as slow */
        6,  3,  3,   3,   /* for all */
        1,  1,  90,  1,   /* and a cell that was hit alone */
        5,  5,  NAN, NAN, /* one that died */
    };
    double levels[4];
    assert_int_equal(hy_round_levels(values, 4, 4, levels), 0);
    assert_within(levels[0], 1.5, 1e-12); /* of 2 2 1 1 */
    assert_within(levels[1], 1, 1e-12);
    assert_within(levels[2], 1, 1e-12);
    assert_within(levels[3], 1, 1e-12);
    assert_int_equal(hy_round_levels(values + 12, 1, 4, levels), 0);
    assert_true(isnan(levels[3]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_times),
        cmocka_unit_test(figures_are_those_of_their_functions),
        cmocka_unit_test(small_differences_are_not_told),
        cmocka_unit_test(too_little_is_inconclusive),
        cmocka_unit_test(few_sizes_are_judged_by_their_range),
        cmocka_unit_test(sizes_are_counted_in_grains),
        cmocka_unit_test(a_large_family_asks_for_more),
        cmocka_unit_test(counts_choose_the_test),
        cmocka_unit_test(shared_rounds_cancel_drift),
        cmocka_unit_test(shared_rounds_see_through_two_speeds),
        cmocka_unit_test(a_control_that_differs_silences_its_group),
        cmocka_unit_test(differences_only_leaves_intervals_out),
        cmocka_unit_test(rounds_follow_from_the_spread),
        cmocka_unit_test(rounds_of_nothing),
        cmocka_unit_test(the_most_demanding_decides),
        cmocka_unit_test(warm_up_is_found),
        cmocka_unit_test(noise_is_no_warm_up),
        cmocka_unit_test(levels_are_medians_over_the_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
