/* SPDX-License-Identifier: MIT
 *
 * test_placement.c - placement fragmentation of heaps made by hand: their walks are tables of ranges.
 */
#include "placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const hy_range *ranges;
static size_t range_count;

static int table_walk(hy_heap *heap, hy_visit *visit, void *context) {
    (void)heap;
    int r = 0;
    for (size_t i = 0; r == 0 && i < range_count; i++)
        r = visit(context, &ranges[i]);
    return r;
}

static hy_heap_ops table_ops = {.name = "table", .walk = table_walk};
static hy_heap table_heap = {.ops = &table_ops};
static const hy_instance instance = {.heap = &table_heap, .base = &table_ops};

#define RANGE(start_, size_, kind_)                                                                                    \
    { .start = start_, .size = size_, .kind = kind_ }
#define SHOW(table) (ranges = (table), range_count = sizeof(table) / sizeof *(table))

static void measure(hy_placement *placement, size_t used, size_t used_and_holes) {
    assert_true(hy_placement_measure(&instance, placement));
    assert_int_equal(placement->used, used);
    assert_int_equal(placement->used + placement->holes, used_and_holes);
}

static void test_an_empty_heap(void **state) {
    (void)state;
    static hy_placement p;
    range_count = 0;
    measure(&p, 0, 0);
    assert_true(hy_placement_ratio(&p) == 0);
}

/* What lies in front, between and behind; the rest of the last chunk was never touched. */
static void test_holes_below_the_top_count(void **state) {
    (void)state;
    static hy_placement p;
    static const hy_range heap[] = {RANGE(0x1000, 8, HY_META),    RANGE(0x1008, 100, HY_FREE),
                                    RANGE(0x106c, 200, HY_USED),  RANGE(0x1134, 50, HY_FREE),
                                    RANGE(0x1166, 30, HY_META),   RANGE(0x1184, 100, HY_USED),
                                    RANGE(0x11e8, 10000, HY_FREE)};
    SHOW(heap);
    measure(&p, 300, 450);
    assert_int_equal(p.extent, 8 + 450 + 30);
    assert_true(hy_placement_ratio(&p) == 1.5);
    assert_int_equal(p.ranges, 7);
}

/* The highest block is freed: its bytes stay in the extent, as long as its pages are there. */
static void test_high_water_stays_until_it_is_given_back(void **state) {
    (void)state;
    static hy_placement p;
    static const hy_range full[] = {RANGE(0x1000, 100, HY_USED), RANGE(0x1064, 100, HY_USED),
                                    RANGE(0x10c8, 800, HY_FREE)};
    static const hy_range freed[] = {RANGE(0x1000, 100, HY_USED), RANGE(0x1064, 900, HY_FREE)};
    static const hy_range unmerged[] = {RANGE(0x1000, 100, HY_USED), RANGE(0x1064, 60, HY_FREE),
                                        RANGE(0x10a0, 40, HY_FREE), RANGE(0x10c8, 800, HY_FREE)};
    static const hy_range trimmed[] = {RANGE(0x1000, 100, HY_USED), RANGE(0x1064, 30, HY_FREE)};
    static const hy_range empty[] = {RANGE(0x1000, 1000, HY_FREE)};
    SHOW(full);
    measure(&p, 200, 200);
    SHOW(freed);
    measure(&p, 100, 200);
    SHOW(unmerged);
    measure(&p, 100, 200);
    SHOW(trimmed);
    measure(&p, 100, 130);
    SHOW(freed);
    measure(&p, 100, 130);
    SHOW(empty);
    measure(&p, 0, 130);
    assert_true(hy_placement_ratio(&p) == 0);
}

/* Runs are told apart by gaps, come and go, and have a top each. */
static void test_each_run_has_a_top(void **state) {
    (void)state;
    static hy_placement p;
    static const hy_range two[] = {RANGE(0x1000, 100, HY_USED), RANGE(0x1064, 100, HY_FREE),
                                   RANGE(0x9000, 100, HY_FREE), RANGE(0x9064, 100, HY_USED)};
    static const hy_range three[] = {RANGE(0x1000, 200, HY_FREE), RANGE(0x5000, 100, HY_USED),
                                     RANGE(0x9000, 200, HY_FREE)};
    static const hy_range one[] = {RANGE(0x5000, 100, HY_USED), RANGE(0x5064, 100, HY_FREE)};
    SHOW(two);
    measure(&p, 200, 300);
    SHOW(three);
    measure(&p, 100, 100 + 100 + 200);
    SHOW(one);
    measure(&p, 100, 100);
    SHOW(two); /* its runs are new ones */
    measure(&p, 200, 300);
}

static void test_dead_blocks_must_be_known(void **state) {
    (void)state;
    static hy_placement p;
    static const hy_range heap[] = {RANGE(0x1000, 100, HY_USED)};
    hy_heap_ops ops = table_ops;
    hy_heap other = {.ops = &ops};
    const hy_instance same = {.heap = &other, .base = &ops};
    SHOW(heap);
    assert_true(hy_placement_measure(&same, &p));
    ops.flags = HY_NO_REUSE;
    assert_false(hy_placement_measure(&same, &p));
    ops.flags = HY_REGIONS;
    assert_false(hy_placement_measure(&same, &p));
    ops.flags = 0;
    ops.walk = NULL;
    assert_false(hy_placement_measure(&same, &p));
}

/* ---------------------------------------------------------------------------------------------- largest extent ---- */

/* A heap of blocks of 100 bytes: `lives` says which of the first `tops` places are taken. */
enum { PLACES = 4000 };
static bool lives[PLACES];
static size_t tops;

static int places_walk(hy_heap *heap, hy_visit *visit, void *context) {
    (void)heap;
    for (size_t i = 0; i < tops; i++) {
        const hy_range range = RANGE(0x10000 + 100 * i, 100, lives[i] ? HY_USED : HY_FREE);
        visit(context, &range);
    }
    return 0;
}

static size_t count_living(void) {
    size_t count = 0;
    for (size_t i = 0; i < PLACES; i++)
        count += lives[i];
    return count;
}

static void put_block(hy_extent_watch *watch, size_t place) {
    lives[place] = true;
    tops = place >= tops ? place + 1 : tops;
    hy_extent_block(watch, (void *)(uintptr_t)(0x10000 + 100 * place), 100, 100 * count_living(), 1 << 20);
}

/* Filled to the top, then emptied but for one block in ten, then one block higher: that is the moment, although no
 * sample was asked for; and what is filled in below it later changes nothing. */
static void test_the_moment_is_found(void **state) {
    (void)state;
    static hy_extent_watch watch;
    static const hy_heap_ops ops = {.name = "places", .walk = places_walk};
    static hy_heap heap = {.ops = &ops};
    static const hy_instance places = {.heap = &heap, .base = &ops};
    hy_extent_start(&watch, &places);
    for (size_t i = 0; i < 1000; i++)
        put_block(&watch, i);
    assert_int_equal(watch.most_extent, 100000);
    assert_true(watch.ratio == 1);
    for (size_t i = 0; i < 1000; i++)
        lives[i] = i % 10 == 0;
    put_block(&watch, 1000);
    assert_int_equal(watch.most_extent, 100100);
    assert_true(watch.ratio == 100100.0 / 10100);
    for (size_t i = 0; i < 1000; i++)
        put_block(&watch, i);
    assert_true(hy_extent_sample(&watch, 100 * count_living()) == 1);
    assert_int_equal(watch.most_extent, 100100);
    assert_true(watch.ratio == 100100.0 / 10100);
}

/* Measured after little work each time: the tolerance keeps the whole cheap, and the figure near. */
static void test_few_walks_are_enough(void **state) {
    (void)state;
    static hy_extent_watch watch;
    static const hy_heap_ops ops = {.name = "places", .walk = places_walk};
    static hy_heap heap = {.ops = &ops};
    static const hy_instance places = {.heap = &heap, .base = &ops};
    memset(lives, 0, sizeof lives);
    tops = 0;
    hy_extent_start(&watch, &places);
    watch.tolerance = 64; /* 1 of 32 */
    for (size_t i = 0; i < PLACES; i++)
        put_block(&watch, i);
    assert_in_range(watch.most_extent, 100 * PLACES / 32 * 31, 100 * PLACES);
    assert_true(watch.work < 32 * 2 * PLACES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_heap),
        cmocka_unit_test(test_holes_below_the_top_count),
        cmocka_unit_test(test_high_water_stays_until_it_is_given_back),
        cmocka_unit_test(test_each_run_has_a_top),
        cmocka_unit_test(test_dead_blocks_must_be_known),
        cmocka_unit_test(test_the_moment_is_found),
        cmocka_unit_test(test_few_walks_are_enough),
    };
    return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
