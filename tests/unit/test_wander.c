/* SPDX-License-Identifier: MIT
 *
 * test_wander.c - a running program is moved a thousand times, and survives by each way that is meant to; by the others
 * it does not.
 */
#include "wander.h"
#include "wanderer_model.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

#define MOVES 1000u

static hy_wander_result run(const hy_wander_strategy *strategy, uint64_t seed) {
    const hy_wander_order order = {strategy, MOVES, seed};
    hy_wander_result result;
    hy_error error = {""};
    if (hy_wander_run(&order, &result, &error) < 0)
        fail_msg("%s", error.text);
    if (result.outcome == HY_WANDER_CANNOT)
        skip();
    return result;
}

static uint64_t sum(const uint64_t *counts) {
    uint64_t all = 0;
    for (unsigned kind = 0; kind < HY_WANDER_KINDS; kind++)
        all += counts[kind];
    return all;
}

static void expect_survival(const hy_wander_strategy *strategy, const hy_wander_result *result) {
    if (result->outcome != HY_WANDER_RIGHT)
        fail_msg("%s: %s, signal %d, after %lu moves", strategy->name, hy_wander_outcomes[result->outcome],
                 result->signal, (unsigned long)result->moves);
    assert_int_equal(result->moves, MOVES);
    assert_int_equal(result->answer, hy_wanderer_answer(result->rounds));
    assert_int_equal(result->left[HY_IN_DATA] + result->left[HY_IN_HEAP] + result->left[HY_IN_REGISTERS], 0);
}

static void survives_a_thousand_moves_where_it_should(void **state) {
    (void)state;
    for (const hy_wander_strategy *s = hy_wander_strategies; s->name; s++) {
        if (!s->survives)
            continue;
        const hy_wander_result result = run(s, 7);
        expect_survival(s, &result);
        assert_true((result.bytes > 0) == (s->how != HY_WANDER_STAY));
        assert_true(s->how == HY_WANDER_SLIDE || sum(result.stale) == 0);
    }
}

static void does_not_survive_without(void **state) {
    (void)state;
    for (const hy_wander_strategy *s = hy_wander_strategies; s->name; s++) {
        if (s->survives)
            continue;
        const hy_wander_result result = run(s, 7);
        assert_int_not_equal(result.outcome, HY_WANDER_RIGHT);
        for (unsigned kind = 0; kind < HY_WANDER_KINDS; kind++)
            assert_true(result.stale[kind] > 0);
    }
}

static void meshing_saves_frames(void **state) {
    (void)state;
    const hy_wander_strategy *mesh = hy_wander_strategies;
    while (mesh->how != HY_WANDER_MESH)
        mesh++;
    const hy_wander_result result = run(mesh, 1);
    expect_survival(mesh, &result);
    assert_true(result.frames < result.pages);
}

/* Worked out by hand: a round without anything in it would only look. */
static void the_model_knows_an_empty_start(void **state) {
    (void)state;
    assert_int_equal(hy_wanderer_answer(0), 0);
    assert_int_not_equal(hy_wanderer_answer(1), hy_wanderer_answer(2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_a_thousand_moves_where_it_should),
        cmocka_unit_test(does_not_survive_without),
        cmocka_unit_test(meshing_saves_frames),
        cmocka_unit_test(the_model_knows_an_empty_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
