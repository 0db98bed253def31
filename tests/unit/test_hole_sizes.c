/* SPDX-License-Identifier: MIT
 *
 * test_hole_sizes.c - classes of holes, and what U(k) says of a heap with known ones.
 */
#include "hole_sizes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_every_size_lies_in_its_class(void **state) {
    for (size_t size = 1; size < 100000; size++) {
        const unsigned c = hy_holes_class(size);
        assert_true(c < HY_HOLE_CLASSES && hy_holes_least(c) <= size);
        assert_true(size < hy_holes_least(c + 1));
    }
    assert_int_equal(hy_holes_class(SIZE_MAX), HY_HOLE_CLASSES - 1);
    assert_int_equal(hy_holes_least(hy_holes_class(4096)), 4096);
    assert_int_equal(hy_holes_least(hy_holes_class(4096) + 1), 5120);
}

/* Holes of 64, 64 and 128 bytes, and a block between that does not count. */
static int walk_three(hy_heap *heap, hy_visit *visit, void *context) {
    const hy_range ranges[] = {{.kind = HY_FREE, .size = 64},
                               {.kind = HY_USED, .size = 4096},
                               {.kind = HY_FREE, .size = 128},
                               {.kind = HY_META, .size = 512},
                               {.kind = HY_FREE, .size = 64}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        visit(context, &ranges[i]);
    return 0;
}

static void test_half_of_the_bytes_lie_below(void **state) {
    const hy_heap_ops ops = {.walk = walk_three};
    hy_heap heap = {.ops = &ops};
    const hy_instance instance = {.heap = &heap};
    hy_holes holes;
    char text[1024] = "";
    assert_true(hy_holes_measure(&instance, &holes));
    assert_int_equal(holes.free, 256);
    FILE *const out = fmemopen(text, sizeof text, "w");
    hy_holes_say(out, &holes);
    fclose(out);
    assert_string_equal(text, "point holes 64 0\npoint holes 80 0.5\npoint holes 96 0.5\npoint holes 112 0.5\n"
                              "point holes 128 0.5\npoint holes 160 1\n");
}

static void test_no_walk_says_nothing(void **state) {
    const hy_heap_ops ops = {.walk = NULL};
    hy_heap heap = {.ops = &ops};
    const hy_instance instance = {.heap = &heap};
    hy_holes holes;
    assert_false(hy_holes_measure(&instance, &holes));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_size_lies_in_its_class),
                                       cmocka_unit_test(test_half_of_the_bytes_lie_below),
                                       cmocka_unit_test(test_no_walk_says_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
