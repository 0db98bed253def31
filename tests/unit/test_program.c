/* SPDX-License-Identifier: MIT
 *
 * test_program.c - from events to a program: slots, lanes, waiting, and what is known of the whole.
 */
#include "event_list.h"
#include "slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const hy_op *op_at(const hy_program *program, size_t lane, size_t i) {
    const hy_op *end, *const start = hy_program_lane(program, lane, &end);
    assert_true(start + i < end);
    return start + i;
}

static void check_op(const hy_op *op, hy_op_kind kind, uint64_t size, uint32_t slot) {
    assert_int_equal(op->kind, kind);
    assert_int_equal(op->size, size);
    assert_int_equal(op->slot, slot);
}

/* ------------------------------------------------------------------------------------------------------- slots ---- */

static void test_dead_objects_give_their_slot_away(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 10), BORN(0, 1, 20), DEAD(0, 0), BORN(0, 2, 30), DEAD(0, 1), DEAD(0, 2)};
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    check_op(op_at(&p, 0, 0), HY_OP_MALLOC, 10, 0);
    check_op(op_at(&p, 0, 1), HY_OP_MALLOC, 20, 1);
    check_op(op_at(&p, 0, 2), HY_OP_FREE, 10, 0);
    check_op(op_at(&p, 0, 3), HY_OP_MALLOC, 30, 0);
    check_op(op_at(&p, 0, 4), HY_OP_FREE, 20, 1);
    check_op(op_at(&p, 0, 5), HY_OP_FREE, 30, 0);
    assert_true(p.head->slots <= 8);
    hy_program_unmap(&p);
}

static void test_operations_say_sizes(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 0),      ZEROED(0, 1, 40),  ALIGNED(0, 2, 50, 8),
                               RESIZED(0, 2, 500), RESIZED(0, 2, 60), DEAD(0, 2)};
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    check_op(op_at(&p, 0, 0), HY_OP_MALLOC, 1, 0); /* size 0 became 1 */
    check_op(op_at(&p, 0, 1), HY_OP_CALLOC, 40, 1);
    check_op(op_at(&p, 0, 2), HY_OP_ALIGNED, 50, 2);
    check_op(op_at(&p, 0, 3), HY_OP_REALLOC, 500, 2);
    check_op(op_at(&p, 0, 4), HY_OP_OPERAND, 50, 2);
    check_op(op_at(&p, 0, 5), HY_OP_REALLOC, 60, 2);
    check_op(op_at(&p, 0, 6), HY_OP_OPERAND, 500, 2);
    check_op(op_at(&p, 0, 7), HY_OP_FREE, 60, 2);
    assert_int_equal(op_at(&p, 0, 1)->align, 4);
    assert_int_equal(op_at(&p, 0, 5)->align, 8); /* of the birth */
    assert_int_equal(p.head->facts.max_align, 256);
    hy_program_unmap(&p);
}

/* Objects that die elsewhere do not make the table grow for ever. */
static void test_slots_come_back_from_other_lanes(void **state) {
    (void)state;
    hy_slots *const slots = hy_slots_new();
    for (int i = 0; i < 1000000; i++) {
        uint32_t slot = 0;
        assert_true(hy_slots_take(slots, 0, &slot));
        assert_true(hy_slots_give(slots, 1, slot));
    }
    assert_true(hy_slots_count(slots) < 10000);
    hy_slots_free(slots);
}

static void test_no_slot_is_lent_twice(void **state) {
    (void)state;
    enum { MOST = 60000 };
    hy_slots *const slots = hy_slots_new();
    static bool taken[MOST];
    static uint32_t held[20000];
    size_t count = 0;
    uint64_t seed = 3;
    for (int i = 0; i < 400000; i++) {
        seed = seed * 6364136223846793005u + 1;
        const uint32_t lane = (uint32_t)(seed >> 40) % 5;
        if (count < 20000 && seed >> 63) {
            uint32_t slot = 0;
            assert_true(hy_slots_take(slots, lane, &slot));
            assert_true(slot < MOST && !taken[slot]);
            taken[slot] = true;
            held[count++] = slot;
        } else if (count > 0) {
            const size_t at = (seed >> 34) % count;
            taken[held[at]] = false;
            assert_true(hy_slots_give(slots, lane, held[at]));
            held[at] = held[--count];
        }
    }
    hy_slots_free(slots);
}

/* ------------------------------------------------------------------------------------------------------- facts ---- */

static void test_facts(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 100),   BORN(1, 1, 50), RESIZED(0, 0, 300), DEAD(0, 1),
                               RESIZED(0, 0, 10), DEAD(0, 0),     BORN(0, 2, 1000),   DEAD(0, 2)};
    hy_program p = MAP_LIST(HY_FORM_SERIAL, events);
    const hy_program_facts *const f = &p.head->facts;
    assert_int_equal(f->operations, 8);
    assert_int_equal(f->objects, 3);
    assert_int_equal(f->total_bytes, 100 + 50 + 200 + 1000);
    assert_int_equal(f->peak_bytes, 1000);
    assert_int_equal(op_at(&p, 0, f->peak_at)->size, 1000);
    assert_int_equal(f->region_bytes, 1000); /* the 350 before went when everything was dead */
    assert_int_equal(f->max_size, 1000);
    assert_int_equal(f->threads, 2);
    assert_int_equal(p.head->lanes, 1);
    hy_program_unmap(&p);
}

static uint64_t lifo_of(const hy_event *events, size_t count) {
    hy_program p = map_list(HY_FORM_SERIAL, events, count);
    const uint64_t lifo = p.head->facts.lifo;
    hy_program_unmap(&p);
    return lifo;
}

static void test_last_in_first_out(void **state) {
    (void)state;
    const hy_event nested[] = {BORN(0, 0, 1), BORN(0, 1, 1), RESIZED(0, 1, 9), DEAD(0, 1),
                               BORN(0, 2, 1), DEAD(0, 2),    DEAD(0, 0)};
    const hy_event crossed[] = {BORN(0, 0, 1), BORN(0, 1, 1), DEAD(0, 0), DEAD(0, 1)};
    const hy_event under[] = {BORN(0, 0, 1), BORN(0, 1, 1), RESIZED(0, 0, 9), DEAD(0, 1), DEAD(0, 0)};
    assert_int_equal(lifo_of(nested, 7), 1);
    assert_int_equal(lifo_of(crossed, 4), 0);
    assert_int_equal(lifo_of(under, 5), 0);
}

/* ------------------------------------------------------------------------------------------------------- lanes ---- */

static void test_only_other_lanes_are_waited_for(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 10), RESIZED(0, 0, 20), RESIZED(1, 0, 30), RESIZED(1, 0, 40),
                               DEAD(0, 0),     BORN(1, 1, 7),     DEAD(1, 1)};
    hy_program p = MAP_LIST(HY_FORM_FAITHFUL, events);
    assert_int_equal(p.head->lanes, 2);
    const hy_op *const born = op_at(&p, 0, 0), *const first = op_at(&p, 0, 1), *const died = op_at(&p, 0, 3);
    const hy_op *const second = op_at(&p, 1, 0), *const third = op_at(&p, 1, 2);
    assert_true(!born->waits && !born->signals);
    assert_true(!first->waits && first->signals);
    assert_true(second->waits && !second->signals);
    assert_int_equal(second->turn, 1);
    assert_true(!third->waits && third->signals);
    assert_true(died->waits && !died->signals);
    assert_int_equal(died->turn, 2);
    assert_true(!op_at(&p, 1, 4)->waits && !op_at(&p, 1, 5)->waits);
    hy_program_unmap(&p);
}

static void test_threads_in_turn_share_a_lane(void **state) {
    (void)state;
    const hy_event events[] = {BORN(0, 0, 10), BORN(1, 1, 10), DEAD(1, 1), ENDS(1),
                               BORN(2, 2, 10), DEAD(2, 2),     ENDS(2)};
    hy_program p = MAP_LIST(HY_FORM_FAITHFUL, events);
    assert_int_equal(p.head->lanes, 2);
    assert_int_equal(op_at(&p, 1, 2)->kind, HY_OP_THREAD_EXIT);
    check_op(op_at(&p, 1, 3), HY_OP_MALLOC, 10, op_at(&p, 1, 0)->slot);
    assert_int_equal(p.head->facts.operations, 5);
    hy_program_unmap(&p);
}

static void test_too_many_threads_are_refused(void **state) {
    (void)state;
    hy_error error = {""};
    hy_compiler *const compiler = hy_compiler_new(HY_FORM_FAITHFUL);
    int r = 0, fd = -1;
    for (uint32_t i = 0; r == 0 && i <= HY_PROGRAM_MAX_LANES; i++) {
        const hy_event born = BORN(i, i, 1);
        r = hy_compiler_add(compiler, &born, &error);
        assert_int_equal(r < 0, i == HY_PROGRAM_MAX_LANES);
    }
    assert_non_null(strstr(error.text, "--threads serial"));
    assert_int_equal(hy_compiler_finish(compiler, &fd, &error), 0);
    close(fd);
}

/* Runs the lanes in turn, an operation at a time, as the marks allow: everybody comes to the end, and at each step the
 * slot holds what the operation expects. */
static void test_marks_suffice_and_never_lock(void **state) {
    (void)state;
    enum { EVENTS = 60000, THREADS = 7 };
    hy_event *const events = malloc(EVENTS * sizeof *events);
    mix_events(events, EVENTS, THREADS, 11);
    hy_program p = map_list(HY_FORM_FAITHFUL, events, EVENTS);
    uint32_t *const turn = calloc(p.head->slots, sizeof *turn);
    uint64_t *const living = calloc(p.head->slots, sizeof *living);
    const hy_op *at[THREADS], *end[THREADS];
    for (size_t lane = 0; lane < THREADS; lane++)
        at[lane] = hy_program_lane(&p, lane, &end[lane]);
    uint64_t done = 0, seed = 1;
    for (uint64_t idle = 0; done < p.head->entries;) {
        seed = seed * 6364136223846793005u + 1;
        const size_t lane = (seed >> 40) % THREADS;
        const hy_op *const op = at[lane];
        idle++;
        assert_true(idle < 100000);
        if (op == end[lane] || (op->waits && turn[op->slot] != op->turn))
            continue;
        idle = 0;
        if (op->kind == HY_OP_FREE || op->kind == HY_OP_OPERAND)
            assert_true(op->kind == HY_OP_OPERAND || living[op->slot] == op->size);
        else if (op->kind == HY_OP_REALLOC)
            assert_int_equal(living[op->slot], op[1].size);
        else
            assert_int_equal(living[op->slot], 0);
        if (op->kind != HY_OP_OPERAND)
            living[op->slot] = op->kind == HY_OP_FREE ? 0 : op->size;
        turn[op->slot] += op->signals;
        at[lane]++;
        done++;
    }
    free(turn);
    free(living);
    free(events);
    hy_program_unmap(&p);
}

static void test_what_is_no_program_is_refused(void **state) {
    (void)state;
    hy_error error = {""};
    hy_program p = {0};
    FILE *const file = tmpfile();
    fputs("no program", file);
    fflush(file);
    assert_true(hy_program_map(fileno(file), &p, &error) < 0);
    assert_non_null(strstr(error.text, "holds no program"));
    assert_true(hy_program_map(-1, &p, &error) < 0);
    fclose(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dead_objects_give_their_slot_away),
        cmocka_unit_test(test_operations_say_sizes),
        cmocka_unit_test(test_slots_come_back_from_other_lanes),
        cmocka_unit_test(test_no_slot_is_lent_twice),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_last_in_first_out),
        cmocka_unit_test(test_only_other_lanes_are_waited_for),
        cmocka_unit_test(test_threads_in_turn_share_a_lane),
        cmocka_unit_test(test_too_many_threads_are_refused),
        cmocka_unit_test(test_marks_suffice_and_never_lock),
        cmocka_unit_test(test_what_is_no_program_is_refused),
    };
    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
