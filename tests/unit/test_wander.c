/* SPDX-License-Identifier: MIT
 *
 * test_wander.c - a running program is moved a thousand times, and survives by each way that is meant to; by the others
 * it does not.  Blocks are moved in a heap, frames below a range.
 */
#include "compile.h"
#include "defrag.h"
#include "shuffle.h"
#include "wander.h"
#include "wanderer_model.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

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

/* ------------------------------------------------------------------------------------------------------- blocks ----
 */

static void add_event(hy_compiler *compiler, hy_event_kind kind, uint64_t id, uint64_t size) {
    const hy_event event = {.id = id, .size = size, .kind = (uint8_t)kind};
    hy_error error;
    assert_int_equal(hy_compiler_add(compiler, &event, &error), 0);
}

/* Ten thousand blocks, of which seven in eight die, then as much again in blocks that fit into no hole. */
static int combed_program(void) {
    hy_compiler *const compiler = hy_compiler_new(HY_FORM_SERIAL);
    hy_error error;
    int program;
    for (uint64_t id = 0; id < 10000; id++)
        add_event(compiler, HY_EVENT_MALLOC, id, 48 + id % 64);
    for (uint64_t id = 0; id < 10000; id++)
        if (id % 8 != 0)
            add_event(compiler, HY_EVENT_FREE, id, 0);
    for (uint64_t id = 10000; id < 10100; id++)
        add_event(compiler, HY_EVENT_MALLOC, id, 4000);
    assert_int_equal(hy_compiler_finish(compiler, &program, &error), 0);
    return program;
}

static hy_defrag_result defrag(int program, const char *spec, uint64_t budget) {
    const hy_defrag_order order = {program, spec, budget};
    hy_defrag_result result;
    hy_error error;
    assert_int_equal(hy_defrag_run(&order, &result, &error), 0);
    return result;
}

static void moving_blocks_wins_footprint_within_the_budget(void **state) {
    (void)state;
    const int program = combed_program();
    const hy_defrag_result never = defrag(program, "handles:chunk=4K", HY_DEFRAG_NEVER);
    const hy_defrag_result all = defrag(program, "handles:chunk=4K", 0);
    const hy_defrag_result some = defrag(program, "handles:chunk=4K", 50);
    const hy_defrag_result fixed = defrag(program, "best-fit", 0);
    close(program);
    assert_string_equal(never.failed, "");
    assert_string_equal(all.failed, "");
    assert_string_equal(some.failed, "");
    assert_non_null(strstr(fixed.failed, "never moves a block"));
    assert_int_equal(never.moved, 0);
    assert_true(some.moved > 0 && some.moved <= some.allocated / 50 + some.blocks * 16);
    assert_true(all.moved > some.moved);
    assert_true(all.footprint < never.footprint);
    assert_true(all.mean_footprint < never.mean_footprint);
    assert_true((double)all.footprint <= hy_defrag_enough((double)all.live, 1));
}

/* ------------------------------------------------------------------------------------------------------- frames ----
 */

static void shuffled_frames_read_as_before(void **state) {
    (void)state;
    hy_shuffle_result shuffled;
    hy_error error = {""};
    assert_int_equal(hy_shuffle_run(256, 3, &shuffled, &error), 0);
    assert_int_equal(shuffled.wrong, 0);
    assert_true(shuffled.displaced > 200);
    assert_int_equal(shuffled.maps_before, 1);
    assert_true(shuffled.maps_after > 200);
}

static void addresses_and_huge_frames_remain_fragmented(void **state) {
    (void)state;
    hy_shuffle_rest before, after;
    hy_error error = {""};
    size_t moved;
    assert_int_equal(hy_shuffle_addresses(64, (size_t)1 << 20, (size_t)1 << 20, &before, &error), 0);
    assert_int_equal(before.usable, (size_t)32 << 20);
    assert_int_equal(hy_shuffle_addresses(64, (size_t)1 << 20, (size_t)2 << 20, &before, &error), 0);
    assert_int_equal(before.free, (size_t)32 << 20);
    assert_int_equal(before.usable, 0);
    assert_int_equal(before.largest, (size_t)1 << 20);
    assert_int_equal(hy_shuffle_huge(4, &before, &after, &moved, &error), 0);
    assert_int_equal(before.usable, 0);
    assert_int_equal(before.free, after.free);
    assert_int_equal(after.usable, (size_t)6 << 20); /* 256 of 2048 frames in use: half of one huge frame */
    assert_int_equal(moved, 224);                    /* all but the 32 that were among the first 256 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_a_thousand_moves_where_it_should),
        cmocka_unit_test(does_not_survive_without),
        cmocka_unit_test(meshing_saves_frames),
        cmocka_unit_test(the_model_knows_an_empty_start),
        cmocka_unit_test(moving_blocks_wins_footprint_within_the_budget),
        cmocka_unit_test(shuffled_frames_read_as_before),
        cmocka_unit_test(addresses_and_huge_frames_remain_fragmented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
