/* SPDX-License-Identifier: MIT
 *
 * Merging by stamp: complete, in order, stable, and never past the horizon.
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

static hy_raw_record *slots[SOURCES];
static hy_order_source sources[SOURCES];

static int setup(void **state) {
    for (uint32_t i = 0; i < SOURCES; i++) {
        slots[i] = calloc(HY_RECORD_SLOTS, sizeof **slots);
        sources[i] = (hy_order_source){.slots = slots[i], .number = i};
    }
    return 0;
}

static int teardown(void **state) {
    for (uint32_t i = 0; i < SOURCES; i++)
        free(slots[i]);
    return 0;
}

static void append(uint32_t i, uint64_t ticks) {
    slots[i][sources[i].head++ % HY_RECORD_SLOTS] = (hy_raw_record){.ticks = ticks, .address = i};
}

static void nothing_comes_of_nothing(void **state) {
    hy_order order = {NULL, 0, 0};
    hy_order_source *source;
    assert_null(hy_order_next(&order, UINT64_MAX, &source));
    hy_order_free(&order);
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
    assert_int_equal(hy_order_next(&order, 20, &source)->ticks, 10);
    assert_int_equal(hy_order_next(&order, 20, &source)->ticks, 15);
    assert_int_equal(hy_order_next(&order, 20, &source)->ticks, 20);
    assert_ptr_equal(source, &sources[0]);
    assert_null(hy_order_next(&order, 20, &source));
    assert_int_equal(sources[1].tail + 1, sources[1].head);
    assert_int_equal(hy_order_next(&order, 21, &source)->ticks, 21);
    assert_null(hy_order_next(&order, UINT64_MAX, &source));
    hy_order_free(&order);
}

static void equal_stamps_in_order_of_sources(void **state) {
    hy_order order = {NULL, 0, 0};
    hy_order_source *source;
    for (uint32_t i = SOURCES; i-- > 0;) {
        append(i, 100);
        assert_int_equal(hy_order_add(&order, &sources[i]), 0);
    }
    for (uint32_t i = 0; i < SOURCES; i++)
        assert_int_equal(hy_order_next(&order, 100, &source)->address, i);
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
        const hy_raw_record *record;
        while ((record = hy_order_next(&order, horizon, &source))) {
            assert_true(record->ticks >= last && record->ticks <= horizon);
            assert_int_equal(record->address, source->number);
            last = record->ticks;
            merged++;
        }
        for (uint32_t i = 0; i < SOURCES; i++)
            if (sources[i].head != sources[i].tail)
                assert_true(slots[i][sources[i].tail % HY_RECORD_SLOTS].ticks > horizon);
    }
    for (uint32_t i = 0; i < SOURCES; i++)
        merged += sources[i].head - sources[i].tail;
    assert_int_equal(merged, written);
    hy_order_free(&order);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_comes_of_nothing),
        cmocka_unit_test_setup_teardown(stops_at_the_horizon, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_stamps_in_order_of_sources, setup, teardown),
        cmocka_unit_test_setup_teardown(many_rounds, setup, teardown),
    };
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
