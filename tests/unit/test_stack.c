/* SPDX-License-Identifier: MIT
 *
 * test_stack.c - last in, first out, and what happens otherwise.
 */
#include "exercise.h"

/* Without check: frees in a random order leave dead blocks waiting, and check says so. */
static void keeps_contents_in_any_order(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("stack", &heap);
    hy_heap *const stack = heap.heap;
    const char *(*const check)(hy_heap *) = stack->ops->check;
    heap.resolved[0].check = NULL;
    exercise_run(stack, 3000, 4096, 3000, 7);
    assert_null(check(stack)); /* nothing lives, so nothing waits */
    assert_int_equal(exercise_count(stack, HY_USED), 0);
    hy_close(&heap);
}

static void pops_in_order(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("stack", &heap);
    char *blocks[100];
    for (int i = 0; i < 100; i++)
        blocks[i] = hy_alloc(heap.heap, (size_t)i + 1, 16);
    for (int i = 99; i >= 0; i--) {
        hy_free(heap.heap, blocks[i], (size_t)i + 1);
        exercise_check(heap.heap);
        assert_ptr_equal(hy_alloc(heap.heap, (size_t)i + 1, 16), blocks[i]);
        hy_free(heap.heap, blocks[i], (size_t)i + 1);
    }
    hy_close(&heap);
}

static void a_free_in_the_wrong_order_waits(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("stack", &heap);
    char *const low = hy_alloc(heap.heap, 100, 16);
    char *const high = hy_alloc(heap.heap, 100, 16);
    memset(high, 5, 100);
    hy_free(heap.heap, low, 100);
    assert_non_null(strstr(heap.heap->ops->check(heap.heap), "before the blocks above it"));
    char *const top = hy_alloc(heap.heap, 100, 16);
    assert_true(top > high);
    assert_int_equal(high[99], 5);
    hy_free(heap.heap, top, 100);
    hy_free(heap.heap, high, 100);
    exercise_check(heap.heap);
    assert_ptr_equal(hy_alloc(heap.heap, 100, 16), low);
    hy_close(&heap);
}

static void a_second_free_is_ignored_and_told(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("stack", &heap);
    char *const low = hy_alloc(heap.heap, 100, 16);
    char *const high = hy_alloc(heap.heap, 100, 16);
    hy_free(heap.heap, high, 100);
    hy_free(heap.heap, high, 100);
    assert_non_null(strstr(heap.heap->ops->check(heap.heap), "not live"));
    assert_int_equal(exercise_count(heap.heap, HY_USED), 1);
    hy_free(heap.heap, low, 100);
    assert_int_equal(exercise_count(heap.heap, HY_USED), 0);
    hy_close(&heap);
}

static void rewinds_to_a_mark(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("stack", &heap);
    hy_alloc(heap.heap, 10, 16);
    void *const mark = heap.heap->ops->mark(heap.heap);
    char *const first = hy_alloc(heap.heap, 10, 16);
    for (int i = 0; i < 1000; i++)
        assert_non_null(hy_alloc(heap.heap, 1000, i % 2 ? 16 : 256));
    hy_free(heap.heap, first, 10);
    heap.heap->ops->rewind(heap.heap, mark);
    exercise_check(heap.heap);
    assert_int_equal(exercise_count(heap.heap, HY_USED), 1);
    assert_ptr_equal(hy_alloc(heap.heap, 10, 16), first);
    hy_close(&heap);
}

static void the_top_block_grows_in_place(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("stack:reserve=64K,step=4K", &heap);
    char *const low = hy_alloc(heap.heap, 100, 16);
    char *const top = hy_alloc(heap.heap, 100, 16);
    assert_ptr_equal(hy_realloc(heap.heap, top, 100, 16, 40000), top);
    assert_ptr_equal(hy_realloc(heap.heap, low, 100, 16, 50), low);
    assert_null(hy_realloc(heap.heap, top, 40000, 16, 80000));
    exercise_check(heap.heap);
    hy_close(&heap);
}

static void ends_where_its_reservation_ends(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("stack:reserve=8K,step=4K", &heap);
    char *const all = hy_alloc(heap.heap, 8192 - 32, 16); /* the base head and its own */
    assert_non_null(all);
    memset(all, 1, 8192 - 32);
    assert_null(hy_alloc(heap.heap, 1, 1));
    hy_free(heap.heap, all, 0);
    assert_null(hy_alloc(heap.heap, 8192 - 31, 16));
    assert_null(hy_alloc(heap.heap, 16, 1 << 20));
    assert_int_equal(heap.heap->ops->trim(heap.heap), 4096);
    assert_non_null(hy_alloc(heap.heap, 8192 - 32, 16));
    exercise_check(heap.heap);
    hy_close(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_contents_in_any_order),
        cmocka_unit_test(pops_in_order),
        cmocka_unit_test(a_free_in_the_wrong_order_waits),
        cmocka_unit_test(a_second_free_is_ignored_and_told),
        cmocka_unit_test(rewinds_to_a_mark),
        cmocka_unit_test(the_top_block_grows_in_place),
        cmocka_unit_test(ends_where_its_reservation_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
