/* SPDX-License-Identifier: MIT
 *
 * What is drawn from a ring: complete, in order, whole records, while nobody merges; and no more than there is room
 * for.
 */
#include "pump.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static hy_share share;
static hy_ring ring;
static hy_backlog backlog;
static uint64_t written; /* records */

/* Ring 1, which is not a large one. */
static int setup(void **state) {
    hy_error error;
    assert_int_equal(hy_share_create(false, &share, &error), 0);
    share.head->rings_used = 2;
    ring = hy_ring_at(&share, 1);
    hy_backlog_init(&backlog);
    written = 0;
    return 0;
}

static int teardown(void **state) {
    hy_backlog_spare(&backlog, ring.tray.first, NULL);
    hy_backlog_destroy(&backlog);
    hy_share_destroy(&share);
    return 0;
}

/* A record with so many prefixes; its address is its number. */
static void write_record(unsigned prefixes) {
    uint64_t head = ring.shared->head;
    for (unsigned i = 0; i < prefixes; i++)
        *hy_raw_ring_at(ring.tray.slots, head++) = (hy_raw_slot){HY_RAW_SITE, written};
    *hy_raw_ring_at(ring.tray.slots, head++) = hy_raw_main(HY_RAW_FREE, written, written, 0, 0);
    written++;
    __atomic_store_n(&ring.shared->head, head, __ATOMIC_RELEASE);
}

static int draw(void) {
    return hy_backlog_draw(&backlog, &ring.tray, ring.shared->head);
}

/* Every piece is made of whole records, and all records are there in turn. */
static void check_pieces(const hy_piece *piece, uint64_t records) {
    uint64_t next = 0;
    for (; piece; piece = piece->next) {
        assert_in_range(piece->count, 1, HY_PIECE_SLOTS);
        assert_false(hy_slots_is_prefix(&piece->slots[piece->count - 1]));
        for (uint64_t i = 0; i < piece->count; i++) {
            assert_int_equal(piece->slots[i].second, next);
            next += !hy_slots_is_prefix(&piece->slots[i]);
        }
    }
    assert_int_equal(next, records);
}

static void pieces_hold_whole_records(void **state) {
    for (unsigned round = 0; round < 40; round++) {
        for (unsigned i = 0; i < 37 * round % 250; i++)
            write_record((round + i) % HY_RECORD_GROUP);
        assert_int_equal(draw(), 0);
        assert_int_equal(ring.tray.drawn, ring.shared->head);
    }
    assert_ptr_not_equal(ring.tray.first, ring.tray.end);
    check_pieces(ring.tray.first, written);
}

static void what_fits_joins_the_last_piece(void **state) {
    write_record(0);
    assert_int_equal(draw(), 0);
    hy_piece *const last = ring.tray.first;
    ring.tray.first = ring.tray.end = NULL;
    while (last->count < HY_PIECE_SLOTS) {
        write_record(0);
        assert_int_equal(draw(), 0);
        assert_true(hy_backlog_join(&backlog, &ring.tray, last));
        assert_null(ring.tray.first);
        assert_int_equal(backlog.held, 1);
    }
    check_pieces(last, written);
    write_record(0);
    assert_int_equal(draw(), 0);
    assert_false(hy_backlog_join(&backlog, &ring.tray, last));
    hy_backlog_spare(&backlog, last, NULL);
}

static void what_is_no_record_is_refused(void **state) {
    for (uint64_t i = 0; i <= HY_PIECE_SLOTS; i++)
        ring.tray.slots.slots[i].first = HY_RAW_SITE;
    ring.shared->head = HY_PIECE_SLOTS + 1;
    assert_int_equal(draw(), -EPROTO);
    ring.shared->head = HY_RECORD_SLOTS + 1;
    assert_int_equal(draw(), -EPROTO);
}

/* Without a pump slots are given back by who has read them. */
static void the_tail_moves_only_with_a_pump(void **state) {
    write_record(0);
    assert_int_equal(draw(), 0);
    assert_int_equal(ring.shared->tail, 0);
    backlog.pumped = true;
    write_record(0);
    assert_int_equal(draw(), 0);
    assert_int_equal(ring.shared->tail, 2);
}

/* As a recorded thread does; false: nothing was drawn for a second. */
static bool wait_for_room(void) {
    const uint64_t most = HY_RECORD_SLOTS - HY_RECORD_GROUP;
    for (unsigned naps = 0; naps < 1000; naps++) {
        if (ring.shared->head - __atomic_load_n(&ring.shared->tail, __ATOMIC_ACQUIRE) <= most)
            return true;
        hy_share_ring(&share);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    return false;
}

static void the_pump_draws_while_nobody_merges_up_to_a_limit(void **state) {
    const uint64_t room = (uint64_t)HY_BACKLOG_PIECES * HY_PIECE_SLOTS;
    hy_pump pump = {.share = &share, .backlog = &backlog, .rings = calloc(2, sizeof(hy_ring))};
    assert_non_null(pump.rings);
    pump.rings[0] = hy_ring_at(&share, 0);
    pump.rings[1] = ring;
    hy_pump_start(&pump);
    assert_true(pump.running);
    while (written < 2 * room && wait_for_room())
        write_record(0);
    hy_pump_stop(&pump);
    ring = pump.rings[1];
    free(pump.rings);
    assert_in_range(written, room, room + 2 * HY_RECORD_SLOTS);
    assert_int_equal(draw(), 0);
    check_pieces(ring.tray.first, written);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_hold_whole_records, setup, teardown),
        cmocka_unit_test_setup_teardown(what_fits_joins_the_last_piece, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_record_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_tail_moves_only_with_a_pump, setup, teardown),
        cmocka_unit_test_setup_teardown(the_pump_draws_while_nobody_merges_up_to_a_limit, setup, teardown),
    };
    return cmocka_run_group_tests_name("backlog", tests, NULL, NULL);
}
