/* SPDX-License-Identifier: MIT
 *
 * test_program.c - from events to a program: slots, lanes, waiting, and what is known of the whole.
 */
#include "event_list.h"
#include "pacer.h"
#include "slot_shelf.h"
#include "turn.h"

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

/* An epoch's word has come to where the lane may go on. */
static bool may_pace(const hy_op *op, const uint32_t *left) {
    return left[(op->size - 2) % HY_EPOCH_WORDS] >= op->turn && left[(op->size - 3) % HY_EPOCH_WORDS] >= op->slot;
}

static void pace(const hy_op *op, uint32_t *left) {
    if (op->align != HY_EPOCH_NONE)
        left[op->align % HY_EPOCH_WORDS]++;
}

/* Of `threads` threads, each with objects of its own only: nothing is handed over. */
static void own_events(hy_event *events, size_t count, unsigned threads) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t thread = (uint32_t)(i / 2 % threads);
        const hy_event born = BORN(thread, i / 2, 8), died = DEAD(thread, i / 2);
        events[i] = i % 2 ? died : born;
    }
}

/* Runs the lanes in turn, an operation at a time, as the marks allow: everybody comes to the end, and at each step the
 * slot holds what the operation expects.  Returns how far apart, in operations done, lanes ever were. */
static uint64_t run_by_marks(hy_form form, bool handed_over) {
    enum { EVENTS = 60000, THREADS = 7, FAVOURED = 64 };
    hy_event *const events = malloc(EVENTS * sizeof *events);
    if (handed_over)
        mix_events(events, EVENTS, THREADS, 11);
    else
        own_events(events, EVENTS, THREADS);
    hy_program p = map_list(form, events, EVENTS);
    uint32_t *const turn = calloc(p.head->slots, sizeof *turn), left[HY_EPOCH_WORDS] = {0};
    uint64_t *const living = calloc(p.head->slots, sizeof *living);
    const hy_op *at[THREADS], *end[THREADS];
    bool left_already[THREADS] = {false};
    for (size_t lane = 0; lane < THREADS; lane++)
        at[lane] = hy_program_lane(&p, lane, &end[lane]);
    uint64_t done = 0, seed = 1, apart = 0;
    for (uint64_t idle = 0; done < p.head->entries;) {
        seed = seed * 6364136223846793005u + 1;
        const size_t lane = (seed >> 40) % FAVOURED < THREADS ? (seed >> 40) % FAVOURED : 0; /* mostly the first */
        const hy_op *const op = at[lane];
        assert_true(idle++ < 1000000);
        if (op == end[lane] || (op->waits && turn[op->slot] != op->turn))
            continue;
        if (op->kind == HY_OP_PACE && !left_already[lane]) {
            pace(op, left);
            left_already[lane] = true;
        }
        if (op->kind == HY_OP_PACE && !may_pace(op, left))
            continue;
        idle = 0;
        if (op->kind == HY_OP_FREE)
            assert_int_equal(living[op->slot], op->size);
        else if (op->kind == HY_OP_REALLOC)
            assert_int_equal(living[op->slot], op[1].size);
        else if (op->kind < HY_OP_FREE)
            assert_int_equal(living[op->slot], 0);
        if (op->kind <= HY_OP_FREE)
            living[op->slot] = op->kind == HY_OP_FREE ? 0 : op->size;
        if (op->kind <= HY_OP_FREE)
            turn[op->slot] += op->signals;
        left_already[lane] = false;
        at[lane]++;
        done++;
        const hy_op *end_of_first, *const first = hy_program_lane(&p, 0, &end_of_first);
        const hy_op *end_of_last, *const last = hy_program_lane(&p, THREADS - 1, &end_of_last);
        const int64_t ahead = (at[0] - first) - (at[THREADS - 1] - last);
        apart = ahead > (int64_t)apart ? (uint64_t)ahead : apart;
    }
    free(turn);
    free(living);
    free(events);
    hy_program_unmap(&p);
    return apart;
}

static void test_marks_suffice_and_never_lock(void **state) {
    run_by_marks(HY_FORM_FREE, true);
    run_by_marks(HY_FORM_FAITHFUL, true);
}

static void test_a_faithful_lane_never_runs_far_ahead(void **state) {
    assert_true(run_by_marks(HY_FORM_FREE, false) > HY_EPOCH_EVENTS);
    assert_true(run_by_marks(HY_FORM_FAITHFUL, false) < 2 * HY_EPOCH_EVENTS / 7 + 100); /* one of 7 threads' share */
}

/* Without hand-over, only epochs keep lanes from running ahead. */
static void test_paces_wait_for_all_before(void **state) {
    enum { EPOCHS = 40 };
    hy_pacer pacer = {.events = 0};
    uint64_t paces[2] = {0};
    uint32_t parts = 0;
    hy_op op;
    for (uint64_t i = 0; i < EPOCHS * HY_EPOCH_EVENTS; i++) {
        const uint32_t lane = i % HY_EPOCH_EVENTS == 7 && i / HY_EPOCH_EVENTS % 2; /* the second in every other epoch */
        if (!hy_pacer_event(&pacer, lane, &op))
            continue;
        assert_int_equal(op.size, i / HY_EPOCH_EVENTS);
        paces[lane]++;
        parts = op.turn;
    }
    assert_int_equal(paces[0], EPOCHS - 1);
    assert_int_equal(paces[1], EPOCHS / 2);
    assert_int_equal(parts, 2 * (EPOCHS / 4)); /* of the last odd word: both lanes, each time but the last */
}

/* ----------------------------------------------------------------------------------------------------- windows ---- */

/* Cut into windows, a serial program is the same operations, and what is known of the whole is the same. */
static void test_windows_are_the_whole(void **state) {
    enum { EVENTS = 20000, WINDOW = 1000 };
    hy_event *const events = malloc(EVENTS * sizeof *events);
    mix_events(events, EVENTS, 3, 17);
    hy_program whole = map_list(HY_FORM_SERIAL, events, EVENTS), part = {0};
    hy_compiler *const compiler = hy_compiler_new(HY_FORM_SERIAL);
    FILE *const file = tmpfile();
    hy_program_head head = {.magic = HY_PROGRAM_MAGIC, .lanes = 1, .room = WINDOW + 2, .streamed = 1};
    assert_int_equal(ftruncate(fileno(file), (off_t)(sizeof head + head.room * sizeof(hy_op))), 0);
    assert_int_equal(pwrite(fileno(file), &head, sizeof head, 0), sizeof head);
    assert_int_equal(hy_program_map(fileno(file), &part, NULL), 0);
    uint64_t passed = 0;
    for (size_t i = 0; i <= EVENTS; i++) {
        if (i == EVENTS || hy_compiler_entries(compiler) >= WINDOW) {
            assert_int_equal(hy_compiler_window(compiler, fileno(file), &head, NULL), 0);
            assert_int_equal(part.head->passed, passed);
            assert_memory_equal(part.ops, whole.ops + passed, part.head->entries * sizeof(hy_op));
            passed += part.head->entries;
        }
        if (i < EVENTS)
            assert_int_equal(hy_compiler_add(compiler, &events[i], NULL), 0);
    }
    assert_int_equal(passed, whole.head->entries);
    hy_compiler_head(compiler, &head);
    assert_memory_equal(&head.facts, &whole.head->facts, sizeof head.facts);
    assert_int_equal(head.slots, whole.head->slots);
    hy_compiler_free(compiler);
    hy_program_unmap(&whole);
    hy_program_unmap(&part);
    fclose(file);
    free(events);
}

/* Between windows all wait for each other, so nothing of one waits for another. */
static void test_no_window_waits_for_another(void **state) {
    enum { EVENTS = 20000, WINDOW = 500, THREADS = 5 };
    hy_event *const events = malloc(EVENTS * sizeof *events);
    mix_events(events, EVENTS, THREADS, 19);
    hy_compiler *const compiler = hy_compiler_new(HY_FORM_FAITHFUL);
    FILE *const file = tmpfile();
    hy_program part = {0};
    hy_program_head head = {.magic = HY_PROGRAM_MAGIC, .lanes = THREADS, .room = WINDOW + 300, .streamed = 1};
    assert_int_equal(ftruncate(fileno(file), (off_t)(sizeof head + head.room * sizeof(hy_op))), 0);
    assert_int_equal(pwrite(fileno(file), &head, sizeof head, 0), sizeof head);
    assert_int_equal(hy_program_map(fileno(file), &part, NULL), 0);
    uint64_t waits = 0, signals = 0;
    for (size_t i = 0; i < EVENTS; i++) {
        assert_int_equal(hy_compiler_add(compiler, &events[i], NULL), 0);
        if (hy_compiler_entries(compiler) < WINDOW)
            continue;
        const uint64_t before = waits;
        assert_int_equal(hy_compiler_window(compiler, fileno(file), &head, NULL), 0);
        for (uint64_t k = 0; k < part.head->entries; k++) {
            waits += part.ops[k].waits;
            signals += part.ops[k].signals;
        }
        assert_true(waits > before);
        assert_int_equal(waits, signals);
    }
    hy_compiler_free(compiler);
    hy_program_unmap(&part);
    fclose(file);
    free(events);
}

static void test_what_is_no_program_is_refused(void **state) {
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

/* A slot that was handed over two thousand million times. */
static void test_turns_go_round(void **state) {
    uint32_t turn = HY_TURN_MOST - 1;
    hy_replay replay = {.turn = &turn};
    const hy_op last = {.kind = HY_OP_FREE, .signals = 1};
    for (uint32_t wanted = HY_TURN_MOST, i = 0; i < 4; i++, wanted = hy_turn_after(wanted)) {
        hy_turn_signal(&replay, &last);
        assert_in_range(wanted, 0, HY_TURN_MOST);
        assert_true(hy_turn_wait(&replay, &(hy_op){.kind = HY_OP_MALLOC, .waits = 1, .turn = wanted}));
    }
    assert_int_equal(turn & HY_TURN_MOST, 2);
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
        cmocka_unit_test(test_a_faithful_lane_never_runs_far_ahead),
        cmocka_unit_test(test_paces_wait_for_all_before),
        cmocka_unit_test(test_windows_are_the_whole),
        cmocka_unit_test(test_no_window_waits_for_another),
        cmocka_unit_test(test_what_is_no_program_is_refused),
        cmocka_unit_test(test_turns_go_round),
    };
    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
