/* SPDX-License-Identifier: MIT
 *
 * The table of living blocks against an array that is searched.
 */
#include "addresses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

static void empty_has_nothing(void **state) {
    hy_addresses map = {NULL, 0, 0};
    hy_block block;
    assert_false(hy_addresses_take(&map, 16, &block));
    assert_null(hy_addresses_list(&map));
    hy_addresses_clear(&map);
}

static void keeps_every_field(void **state) {
    hy_addresses map = {NULL, 0, 0};
    const hy_block put = {
        .address = 0x7fffdeadbe00, .size = UINT64_MAX, .id = HY_BLOCK_ID_MOST, .kind = 2, .align = 47};
    hy_block got;
    assert_int_equal(hy_addresses_put(&map, put), 0);
    assert_false(hy_addresses_take(&map, 0, &got));
    assert_true(hy_addresses_take(&map, put.address, &got));
    assert_memory_equal(&put, &got, sizeof put);
    assert_false(hy_addresses_take(&map, put.address, &got));
    hy_addresses_clear(&map);
}

enum { PLACES = 5000, STEPS = 400000 };

/* `stride` decides how much the addresses collide. */
static void compare_with_array(uint64_t stride) {
    static uint64_t ids[PLACES]; /* 0: not there */
    hy_addresses map = {NULL, 0, 0};
    size_t count = 0;
    memset(ids, 0, sizeof ids);
    for (uint64_t step = 1; step <= STEPS; step++) {
        const size_t place = next_random() % PLACES;
        const uint64_t address = 4096 + place * stride;
        hy_block block = {.address = address, .id = step & HY_BLOCK_ID_MOST};
        const bool found = hy_addresses_take(&map, address, &block);
        assert_int_equal(found, ids[place] != 0);
        if (found)
            assert_int_equal(block.id, ids[place]);
        else
            assert_int_equal(hy_addresses_put(&map, block), 0);
        count += found ? (size_t)-1 : 1;
        ids[place] = found ? 0 : step;
        assert_int_equal(map.count, count);
    }
    hy_addresses_clear(&map);
}

static void neighbours(void **state) {
    compare_with_array(16);
}

static void odd_addresses(void **state) {
    compare_with_array(1);
}

/* No more than two or three of a thousand addresses begin at the same place, however far apart they are. */
static void addresses_far_apart_spread(void **state) {
    for (unsigned log = 4; log <= 50; log++) {
        hy_addresses map = {NULL, 0, 0};
        bool home[2048] = {false};
        size_t homes = 0;
        for (uint64_t i = 1; i <= 1000; i++)
            assert_int_equal(hy_addresses_put(&map, (hy_block){.address = i << log}), 0);
        assert_int_equal(map.capacity, 2048);
        for (uint64_t i = 1; i <= 1000; i++) {
            bool *const is = &home[hy_addresses_home(&map, i << log)];
            homes += !*is;
            *is = true;
        }
        assert_in_range(homes, 400, 1000);
        hy_addresses_clear(&map);
    }
}

static void same_low_bits(void **state) {
    compare_with_array((uint64_t)1 << 34);
}

static void list_is_in_order_of_birth(void **state) {
    hy_addresses map = {NULL, 0, 0};
    for (uint64_t i = 0; i < 3000; i++)
        assert_int_equal(hy_addresses_put(&map, (hy_block){.address = (next_random() << 8) | 1 | i << 52,
                                                           .id = (i * 7) % 3000 & HY_BLOCK_ID_MOST}),
                         0);
    hy_block *const list = hy_addresses_list(&map);
    for (uint64_t i = 0; i < 3000; i++)
        assert_int_equal(list[i].id, i);
    free(list);
    hy_addresses_clear(&map);
}

/* So many that the table is one of huge pages. */
static void keeps_many(void **state) {
    enum { MANY = 300007, STEP = 99991 };
    hy_addresses map = {NULL, 0, 0};
    hy_block block;
    for (uint64_t i = 0; i < MANY; i++) {
        hy_addresses_expect(&map, 4096 + 48 * i);
        block = (hy_block){.address = 4096 + 48 * i, .id = i & HY_BLOCK_ID_MOST};
        assert_int_equal(hy_addresses_put(&map, block), 0);
    }
    for (uint64_t i = 0; i < MANY; i++) {
        const uint64_t id = i * STEP % MANY;
        assert_true(hy_addresses_take(&map, 4096 + 48 * id, &block));
        assert_int_equal(block.id, id);
    }
    assert_int_equal(map.count, 0);
    hy_addresses_clear(&map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_has_nothing),
        cmocka_unit_test(keeps_every_field),
        cmocka_unit_test(neighbours),
        cmocka_unit_test(odd_addresses),
        cmocka_unit_test(addresses_far_apart_spread),
        cmocka_unit_test(same_low_bits),
        cmocka_unit_test(list_is_in_order_of_birth),
        cmocka_unit_test(keeps_many),
    };
    return cmocka_run_group_tests_name("addresses", tests, NULL, NULL);
}
