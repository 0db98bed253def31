/* SPDX-License-Identifier: MIT
 *
 * test_placement.c - placement fragmentation of heaps made by hand: their walks are tables of ranges.
 */
#include "event_list.h"
#include "extent.h"
#include "registry.h"

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

/* A heap over an array of places. */
enum { PLACES = 200, PLACE = 1000 };
typedef struct array_heap {
    hy_heap heap;
    bool lives[PLACES];
    size_t tops;
} array_heap;

static array_heap array;
static char memory[PLACES * PLACE] __attribute__((aligned(16)));
static unsigned made;

static int array_create(const hy_setup *setup, hy_heap **ret) {
    (void)setup;
    array = (array_heap){.tops = 0};
    made++;
    *ret = &array.heap;
    return 0;
}

static void array_destroy(hy_heap *heap) {
    (void)heap;
}

/* Blocks of a full place go on top, smaller ones into the first place that is free. */
static void *array_alloc(hy_heap *heap, size_t size, size_t align) {
    (void)heap;
    (void)align;
    size_t place = size == PLACE ? array.tops : 0;
    while (array.lives[place])
        place++;
    array.lives[place] = true;
    array.tops = place >= array.tops ? place + 1 : array.tops;
    return memory + place * PLACE;
}

static void array_free(hy_heap *heap, void *block, size_t size) {
    (void)heap;
    (void)size;
    array.lives[((char *)block - memory) / PLACE] = false;
}

static int array_walk(hy_heap *heap, hy_visit *visit, void *context) {
    (void)heap;
    for (size_t i = 0; i < array.tops; i++) {
        const hy_range range = RANGE((uintptr_t)memory + i * PLACE, PLACE, array.lives[i] ? HY_USED : HY_FREE);
        visit(context, &range);
    }
    return 0;
}

static const hy_heap_ops array_ops = {.name = "array",
                                      .summary = "places of one size",
                                      .source = "this test",
                                      .threads = HY_THREADS_NONE,
                                      .max_align = HY_ANY,
                                      .max_size = HY_ANY,
                                      .create = array_create,
                                      .destroy = array_destroy,
                                      .alloc = array_alloc,
                                      .free = array_free,
                                      .walk = array_walk};

/* 100 places are filled and 90 freed; one more on top is the moment, at which 11 of 101 are used; then the holes are
 * filled.  Samples before and after see nothing of it. */
static void test_the_moment_between_two_samples(void **state) {
    (void)state;
    static hy_event events[100 + 90 + 1 + 90];
    static const hy_heap_ops *const heaps[] = {&array_ops, NULL};
    static hy_instance opened;
    size_t count = 0;
    for (uint64_t i = 0; i < 100; i++)
        events[count++] = (hy_event)BORN(0, i, PLACE);
    for (uint64_t i = 0; i < 100; i++)
        if (i % 10 != 0)
            events[count++] = (hy_event)DEAD(0, i);
    events[count++] = (hy_event)BORN(0, 100, PLACE);
    for (uint64_t i = 0; i < 90; i++)
        events[count++] = (hy_event)BORN(0, 101 + i, PLACE - 1);
    hy_program p = map_list(HY_FORM_SERIAL, events, count);
    hy_catalog catalog = hy_registry;
    catalog.heaps = heaps;
    const hy_opening opening = {.catalog = &catalog, .spec = {"array", 5}};
    hy_error error = {""};
    hy_replay replay;
    static hy_extent extent;
    assert_int_equal(hy_open(&catalog, opening.spec, NULL, &opened, &error), 0);
    assert_int_equal(hy_replay_start(&replay, &p, &opened, HY_TOUCH_NONE, &error), 0);
    replay.opening = &opening;
    const hy_op *end, *op = hy_program_lane(&p, 0, &end);
    for (; op != end; op++) {
        if (op->kind == HY_OP_FREE) {
            array_free(NULL, replay.slot[op->slot], 0);
            continue;
        }
        replay.slot[op->slot] = array_alloc(NULL, op->size, 16);
        hy_extent_note(&extent, op, replay.slot[op->slot], 4096);
    }
    assert_true(hy_extent_sample(&extent, &opened) == 1); /* at the end */
    assert_ptr_equal(extent.at_highest, p.ops + 190);
    assert_ptr_equal(extent.at_committed, p.ops);
    assert_true(hy_extent_replay(&extent, &replay));
    assert_int_equal(made, 2);
    assert_int_equal(extent.most, 101 * PLACE);
    assert_true(extent.ratio == 101.0 / 11);
    hy_replay_end(&replay);
    hy_close(&opened);
    hy_program_unmap(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_heap),
        cmocka_unit_test(test_holes_below_the_top_count),
        cmocka_unit_test(test_high_water_stays_until_it_is_given_back),
        cmocka_unit_test(test_each_run_has_a_top),
        cmocka_unit_test(test_dead_blocks_must_be_known),
        cmocka_unit_test(test_the_moment_between_two_samples),
    };
    return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
