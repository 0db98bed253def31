/* SPDX-License-Identifier: MIT
 *
 * Merging by stamp: complete, in order, stable, and never past the horizon.  Slots of rings into records.
 */
#include "order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { SOURCES = 37 };

static hy_raw_slot *slots[SOURCES];
static hy_order_source sources[SOURCES];

static int setup(void **state) {
    for (uint32_t i = 0; i < SOURCES; i++) {
        slots[i] = calloc(HY_RECORD_SLOTS, sizeof **slots);
        sources[i] = (hy_order_source){.ring = {slots[i], HY_RECORD_SLOTS - 1}, .number = i};
    }
    return 0;
}

static int teardown(void **state) {
    for (uint32_t i = 0; i < SOURCES; i++)
        free(slots[i]);
    return 0;
}

static void append(uint32_t i, uint64_t ticks) {
    slots[i][sources[i].head++ % HY_RECORD_SLOTS] = hy_raw_main(HY_RAW_FREE, ticks, i, 0, 0);
}

static void nothing_comes_of_nothing(void **state) {
    hy_order order = {NULL, 0, 0};
    hy_order_source *source;
    assert_null(hy_order_next(&order, UINT64_MAX, &source));
    hy_order_free(&order);
}

/* The stamp of the next record, which is done with then; 0: there is none. */
static uint64_t take(hy_order *order, uint64_t horizon, hy_order_source **ret_source) {
    const hy_raw_record *const record = hy_order_next(order, horizon, ret_source);
    if (!record)
        return 0;
    const uint64_t ticks = record->ticks;
    assert_int_equal(record->address, (*ret_source)->number);
    hy_order_advance(order);
    return ticks;
}

static void stops_at_the_horizon(void **state) {
    hy_order order = {NULL, 0, 0};
    hy_order_source *source;
    append(0, 10);
    append(0, 20);
    append(1, 15);
    append(1, 21);
    assert_int_equal(hy_order_add(&order, &sources[0]), 0);
    assert_int_equal(hy_order_add(&order, &sources[1]), 0);
    assert_int_equal(take(&order, 20, &source), 10);
    assert_int_equal(take(&order, 20, &source), 15);
    assert_int_equal(take(&order, 20, &source), 20);
    assert_ptr_equal(source, &sources[0]);
    assert_int_equal(take(&order, 20, &source), 0);
    assert_int_equal(sources[1].tail + 1, sources[1].head);
    assert_int_equal(take(&order, 21, &source), 21);
    assert_int_equal(take(&order, UINT64_MAX, &source), 0);
    hy_order_free(&order);
}

static void what_is_put_back_comes_later(void **state) {
    hy_order order = {NULL, 0, 0};
    hy_order_source *source;
    append(0, 10);
    append(0, 11);
    append(1, 12);
    append(1, 5000);
    assert_int_equal(hy_order_add(&order, &sources[0]), 0);
    assert_int_equal(hy_order_add(&order, &sources[1]), 0);
    assert_int_equal(hy_order_next(&order, 20, &source)->ticks, 10);
    hy_order_put_back(&order);
    assert_int_equal(take(&order, 20, &source), 12);
    assert_int_equal(take(&order, 20, &source), 0); /* not before the horizon has moved */
    hy_order_reset(&order);
    assert_int_equal(hy_order_add(&order, &sources[1]), 0);
    assert_int_equal(hy_order_add(&order, &sources[0]), 0);
    assert_int_equal(take(&order, 4000, &source), 10 + HY_RAW_LOOK_AHEAD);
    assert_int_equal(take(&order, 4000, &source), 11); /* its thread's next was held back, too */
    assert_int_equal(take(&order, 9000, &source), 5000);
    hy_order_free(&order);
}

static void equal_stamps_in_order_of_sources(void **state) {
    hy_order order = {NULL, 0, 0};
    hy_order_source *source;
    for (uint32_t i = SOURCES; i-- > 0;) {
        append(i, 100);
        assert_int_equal(hy_order_add(&order, &sources[i]), 0);
    }
    for (uint32_t i = 0; i < SOURCES; i++) {
        assert_int_equal(take(&order, 100, &source), 100);
        assert_int_equal(source->number, i);
    }
    hy_order_free(&order);
}

/* Many rounds with random growth and a random horizon; the rings wrap round many times. */
static void many_rounds(void **state) {
    hy_order order = {NULL, 0, 0};
    hy_order_source *source;
    uint64_t written = 0, merged = 0, last = 0, horizon = 0;
    uint64_t next[SOURCES] = {0};
    srand(1);
    for (int round = 0; round < 400; round++) {
        hy_order_reset(&order);
        for (uint32_t i = 0; i < SOURCES; i++) {
            for (int n = rand() % 300; n > 0 && sources[i].head - sources[i].tail < HY_RECORD_SLOTS; n--) {
                next[i] = (next[i] > horizon ? next[i] : horizon + 1) + (uint64_t)(rand() % 5);
                append(i, next[i]);
                written++;
            }
            if (sources[i].head != sources[i].tail)
                assert_int_equal(hy_order_add(&order, &sources[i]), 0);
        }
        horizon += (uint64_t)(rand() % 600);
        for (uint64_t ticks; (ticks = take(&order, horizon, &source)) > 0; merged++) {
            assert_true(ticks >= last && ticks <= horizon);
            last = ticks;
        }
        for (uint32_t i = 0; i < SOURCES; i++)
            if (sources[i].head != sources[i].tail)
                assert_true(hy_slots_ticks(&slots[i][sources[i].tail % HY_RECORD_SLOTS], 0) > horizon);
    }
    for (uint32_t i = 0; i < SOURCES; i++)
        merged += sources[i].head - sources[i].tail;
    assert_int_equal(merged, written);
    hy_order_free(&order);
}

/* Slots into records. */
static hy_raw_record read_slots(const hy_raw_slot *all, size_t count, uint64_t from, uint64_t now) {
    for (size_t i = 0; i < count; i++)
        slots[0][(from + i) % HY_RECORD_SLOTS] = all[i];
    return hy_slots_read(sources[0].ring, from, from + count, now);
}

static void stamps_are_completed_by_the_time_of_reading(void **state) {
    const uint64_t round = (uint64_t)1 << HY_RAW_TICKS_BITS;
    for (uint64_t now = 5 * round; now < 7 * round; now += round / 7 + 12345)
        for (uint64_t age = 0; age < round - ((uint64_t)2 << HY_RAW_AHEAD_BITS); age += round / 13) {
            const hy_raw_slot slot = hy_raw_main(HY_RAW_MALLOC, now - age, 1, 2, 3);
            assert_int_equal(hy_slots_ticks(&slot, now), now - age);
            const hy_raw_slot ahead = hy_raw_main(HY_RAW_MALLOC, now + 100000, 1, 2, 3);
            assert_int_equal(hy_slots_ticks(&ahead, now), now + 100000);
        }
}

static void narrow_and_wide_records(void **state) {
    const uint64_t sizes[] = {0, 1, 65535, 65536, (uint64_t)1 << 40, UINT64_MAX};
    const uint64_t addresses[] = {0, 8, 0xffffffffffff, 0x1000000000000, UINT64_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t k = 0; k < sizeof addresses / sizeof *addresses; k++) {
            const bool wide = hy_raw_is_wide(addresses[k], sizes[i]);
            const hy_raw_slot all[] = {hy_raw_wide(addresses[k], sizes[i]),
                                       hy_raw_main(HY_RAW_ALIGNED, 77, addresses[k], sizes[i], 63)};
            const hy_raw_record record = read_slots(all + !wide, 1 + wide, HY_RECORD_SLOTS - 1, 0);
            assert_int_equal(wide, i > 2 || k > 2);
            assert_int_equal(record.size, sizes[i]);
            assert_int_equal(record.address, addresses[k]);
            assert_int_equal(record.ticks, 77);
            assert_int_equal(record.extra, 63);
            assert_int_equal(record.kind, HY_RAW_ALIGNED);
            assert_int_equal(record.slots, 1 + wide);
        }
}

static void call_sites(void **state) {
    const hy_raw_slot all[] = {{(uint64_t)0x222 << 16 | HY_RAW_SITE, 0x111},
                               {HY_RAW_SITE, 0x333},
                               hy_raw_wide(1, (uint64_t)1 << 20),
                               hy_raw_main(HY_RAW_MALLOC, 1, 1, (uint64_t)1 << 20, 0)};
    uint64_t sites[HY_RECORD_FRAMES];
    const hy_raw_record record = read_slots(all, 4, HY_RECORD_SLOTS - 2, 0);
    assert_int_equal(record.size, (uint64_t)1 << 20);
    assert_int_equal(hy_slots_sites(sources[0].ring, &record, sites), 3);
    assert_int_equal(sites[0], 0x111);
    assert_int_equal(sites[1], 0x222);
    assert_int_equal(sites[2], 0x333);
}

static void a_phase_has_a_name(void **state) {
    const char name[30] = "a phase of more than 15";
    hy_raw_slot all[3] = {{HY_RAW_TEXT, 0}, {HY_RAW_TEXT, 0}, hy_raw_main(HY_RAW_PHASE, 1, 0, strlen(name), 0)};
    char text[HY_RECORD_NAME + 1];
    for (unsigned i = 0; i < 30; i++) {
        uint64_t *const word = i % 15 < 7 ? &all[i / 15].first : &all[i / 15].second;
        *word |= (uint64_t)(unsigned char)name[i] << 8 * (i % 15 < 7 ? i % 15 + 1 : i % 15 - 7);
    }
    const hy_raw_record record = read_slots(all, 3, 5, 0);
    assert_int_equal(hy_slots_text(sources[0].ring, &record, text), strlen(name));
    assert_string_equal(text, name);
}

static void what_ends_without_a_main_slot_is_spoilt(void **state) {
    const hy_raw_slot all[] = {{HY_RAW_SITE, 0x111}, {HY_RAW_SITE, 0x333}};
    assert_int_equal(read_slots(all, 2, 0, 0).kind, HY_RAW_SPOILT);
    for (size_t i = 0; i < HY_RECORD_SLOTS; i++)
        slots[0][i] = all[0];
    assert_int_equal(hy_slots_read(sources[0].ring, 0, HY_RECORD_SLOTS, 0).kind, HY_RAW_SPOILT);
}

static void rings_follow_each_other(void **state) {
    const uintptr_t start = 1 << 20; /* nothing is there: only places are asked for */
    for (uint32_t i = 0; i < 3 * HY_RECORD_RING_GROUP; i++) {
        const hy_raw_ring ring = hy_record_slots_at((hy_record_head *)start, i);
        assert_int_equal(ring.mask + 1, i % HY_RECORD_RING_GROUP ? HY_RECORD_SLOTS : HY_RECORD_LARGE_SLOTS);
        assert_int_equal((uintptr_t)ring.slots - start, HY_RECORD_BYTES(i));
        assert_int_equal((uintptr_t)(ring.slots + ring.mask + 1) - start, HY_RECORD_BYTES(i + 1));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_comes_of_nothing),
        cmocka_unit_test_setup_teardown(stops_at_the_horizon, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_put_back_comes_later, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_stamps_in_order_of_sources, setup, teardown),
        cmocka_unit_test_setup_teardown(many_rounds, setup, teardown),
        cmocka_unit_test(stamps_are_completed_by_the_time_of_reading),
        cmocka_unit_test_setup_teardown(narrow_and_wide_records, setup, teardown),
        cmocka_unit_test_setup_teardown(call_sites, setup, teardown),
        cmocka_unit_test_setup_teardown(a_phase_has_a_name, setup, teardown),
        cmocka_unit_test_setup_teardown(what_ends_without_a_main_slot_is_spoilt, setup, teardown),
        cmocka_unit_test(rings_follow_each_other),
    };
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
