/* SPDX-License-Identifier: MIT
 *
 * Fronts, knees and winners whose answer is known beforehand.
 */
#include "bootstrap.h"
#include "knee.h"
#include "winner.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void front_keeps_what_nothing_beats(void **state) {
    const hy_place places[] = {{1, 9}, {2, 9}, {2, 4}, {2, 4}, {5, 1}, {NAN, 0.1}, {0, 0.1}, {6, 6}};
    const bool expected[] = {true, false, true, false, true, false, false, false};
    bool front[COUNT(places)];
    assert_int_equal(hy_pareto(places, COUNT(places), front), 3);
    assert_memory_equal(front, expected, sizeof front);
}

/* y = 100 / x is straight on logarithmic axes; one place is pulled towards the corner. */
static void knee_is_the_place_pulled_in(void **state) {
    hy_place places[] = {{1, 100}, {2, 50}, {4, 25}, {10, 10}, {25, 4}, {50, 2}, {100, 1}, {200, 200}};
    double depth = NAN;
    assert_int_equal(hy_knee(places, COUNT(places), 0.02, &depth), COUNT(places));
    assert_true(fabs(depth) < 1e-9);
    for (size_t pulled = 1; pulled < 6; pulled++) {
        hy_place bent[COUNT(places)];
        memcpy(bent, places, sizeof bent);
        bent[pulled].y /= 1.9; /* log(1.9) / log(100) = 0.139 */
        assert_int_equal(hy_knee(bent, COUNT(bent), 0.02, &depth), pulled);
        assert_true(fabs(depth - 0.1394) < 1e-3);
    }
}

static void knee_does_not_depend_on_units(void **state) {
    const hy_place places[] = {{10, 8}, {11, 3}, {14, 2.5}, {20, 1.1}, {40, 1}};
    hy_place scaled[COUNT(places)];
    for (size_t i = 0; i < COUNT(places); i++)
        scaled[i] = (hy_place){pow(places[i].x * 7, 3), places[i].y / 1024};
    double depth, same;
    assert_int_equal(hy_knee(places, COUNT(places), 0.02, &depth), 3);
    assert_int_equal(hy_knee(scaled, COUNT(places), 0.02, &same), 3);
    assert_true(fabs(depth - same) < 1e-9);
}

static void no_knee_without_a_trade(void **state) {
    const hy_place one[] = {{1, 1}, {2, 3}, {3, 2}};            /* one beats all */
    const hy_place two[] = {{1, 2}, {2, 1}};                    /* nothing between the ends */
    const hy_place thin[] = {{1, 1.015}, {1.1, 1.001}, {2, 1}}; /* two per cent of memory: not worth a word */
    const hy_place hollow[] = {{1, 100}, {30, 90}, {100, 1}};   /* outwards: a belly, not a knee */
    const hy_place nothing[] = {{NAN, 1}, {1, NAN}};
    double depth;
    assert_int_equal(hy_knee(one, 3, 0.02, &depth), 3);
    assert_true(isnan(depth));
    assert_int_equal(hy_knee(two, 2, 0.02, NULL), 2);
    assert_int_equal(hy_knee(thin, 3, 0.02, NULL), 3);
    assert_int_equal(hy_knee(hollow, 3, 0.02, NULL), 3);
    assert_int_equal(hy_knee(nothing, 2, 0.02, NULL), 2);
    assert_int_equal(hy_knee(NULL, 0, 0.02, NULL), 0);
}

/* ----------------------------------------------------------------------------------------------------- winners ---- */

static const double slow[] = {20, 21, 19, 20, 22, 20}, middle[] = {12, 12.1, 11.9, 12, 12.2, 12},
                    fast[] = {10, 10.1, 9.9, 10, 10.3, 10};
static const double lean[] = {100}, fair[] = {110}, fat[] = {400};

static hy_candidate candidate(const double *times, const double *spaces) {
    return (hy_candidate){times, spaces, 6, 1};
}

static void winner_has_the_least_product(void **state) {
    const hy_candidate all[] = {
        candidate(slow, lean), candidate(middle, fair), candidate(fast, fat), {.time_count = 0}};
    double shares[4];
    bool likely[4];
    assert_int_equal(hy_winner(all, 4), 1); /* 2000, 1320, 4000 */
    assert_int_equal(hy_winner_shares(all, 4, 1, shares), 0);
    assert_true(shares[1] > 0.999 && shares[0] == 0 && shares[3] == 0);
    hy_winner_set(shares, 4, 0.95, likely);
    assert_true(!likely[0] && likely[1] && !likely[2] && !likely[3]);
}

/* Twins share the wins; both may be best. */
static void equals_are_all_likely(void **state) {
    const double again[] = {12.05, 11.95, 12.1, 12, 11.9, 12.2};
    const hy_candidate all[] = {candidate(slow, lean), candidate(middle, fair), candidate(again, fair)};
    double shares[3];
    bool likely[3];
    assert_int_equal(hy_winner_shares(all, 3, 1, shares), 0);
    assert_true(fabs(shares[0] + shares[1] + shares[2] - 1) < 1e-6);
    assert_true(shares[1] > 0.1 && shares[2] > 0.1);
    hy_winner_set(shares, 3, 0.95, likely);
    assert_true(!likely[0] && likely[1] && likely[2]);
    double once_more[3];
    assert_int_equal(hy_winner_shares(all, 3, 1, once_more), 0);
    assert_memory_equal(shares, once_more, sizeof shares); /* the same seed, the same answer */
}

static void too_few_repetitions_are_said(void **state) {
    hy_candidate all[] = {candidate(slow, lean), candidate(fast, lean)};
    double shares[2];
    all[1].time_count = HY_BOOTSTRAP_LEAST - 1;
    assert_int_equal(hy_winner(all, 2), 1);
    assert_int_equal(hy_winner_shares(all, 2, 1, shares), -EDOM);
}

static void nobody_wins_without_figures(void **state) {
    const hy_candidate none[] = {{.time_count = 0}, {.times = fast, .time_count = 6}};
    double shares[2] = {1, 1};
    bool likely[2] = {true, true};
    assert_int_equal(hy_winner(none, 2), 2);
    assert_int_equal(hy_winner_shares(none, 2, 1, shares), 0);
    hy_winner_set(shares, 2, 0.95, likely);
    assert_true(shares[0] == 0 && shares[1] == 0 && !likely[0] && !likely[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(front_keeps_what_nothing_beats), cmocka_unit_test(knee_is_the_place_pulled_in),
        cmocka_unit_test(knee_does_not_depend_on_units),  cmocka_unit_test(no_knee_without_a_trade),
        cmocka_unit_test(winner_has_the_least_product),   cmocka_unit_test(equals_are_all_likely),
        cmocka_unit_test(too_few_repetitions_are_said),   cmocka_unit_test(nobody_wins_without_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
