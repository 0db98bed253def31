/* SPDX-License-Identifier: MIT
 *
 * test_region.c - regions: counting frees, marks, nesting.
 */
#include "exercise.h"

static void keeps_contents(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("region:chunk=16K", &heap);
    exercise_run(heap.heap, 3000, 4096, 3000, 2);
    assert_int_equal(exercise_count(heap.heap, HY_USED), 0); /* nothing lives: it reset itself */
    hy_close(&heap);
}

static void resets_when_nothing_lives(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("region:chunk=4K", &heap);
    char *const first = hy_alloc(heap.heap, 100, 16);
    char *const second = hy_alloc(heap.heap, 100, 16);
    hy_free(heap.heap, second, 100);
    assert_ptr_not_equal(hy_alloc(heap.heap, 100, 16), second); /* one block lives: nothing is used again */
    hy_free(heap.heap, second + 112, 100);
    hy_free(heap.heap, first, 100);
    assert_ptr_equal(hy_alloc(heap.heap, 100, 16), first);
    hy_close(&heap);
}

static void realloc_never_resets(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("region:chunk=4K", &heap);
    char *block = hy_alloc(heap.heap, 16, 16);
    hy_alloc(heap.heap, 16, 16);
    memset(block, 9, 16);
    block = hy_realloc(heap.heap, block, 16, 16, 6000);
    assert_int_equal(block[0], 9);
    assert_int_equal(block[15], 9);
    exercise_check(heap.heap);
    hy_close(&heap);
}

static void rewinds_over_chunks(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("region:chunk=4K", &heap);
    hy_alloc(heap.heap, 1000, 16);
    void *const mark = heap.heap->ops->mark(heap.heap);
    const size_t committed = heap.data->committed;
    for (int i = 0; i < 50; i++)
        assert_non_null(hy_alloc(heap.heap, 1000, 16));
    heap.heap->ops->rewind(heap.heap, mark);
    exercise_check(heap.heap);
    assert_int_equal(heap.data->committed, committed);
    assert_int_equal(exercise_count(heap.heap, HY_USED), 1);
    assert_ptr_equal(hy_alloc(heap.heap, 1000, 16), mark);
    hy_close(&heap);
}

static void a_mark_before_everything_rewinds_all(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("region", &heap);
    void *const mark = heap.heap->ops->mark(heap.heap);
    hy_alloc(heap.heap, 1000, 16);
    heap.heap->ops->rewind(heap.heap, mark);
    assert_int_equal(exercise_count(heap.heap, HY_USED), 0);
    exercise_check(heap.heap);
    hy_close(&heap);
}

static void a_stale_mark_does_nothing(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("region:chunk=4K", &heap);
    void *const low = heap.heap->ops->mark(heap.heap);
    hy_alloc(heap.heap, 3000, 16);
    hy_alloc(heap.heap, 3000, 16);
    void *const high = heap.heap->ops->mark(heap.heap);
    heap.heap->ops->rewind(heap.heap, low);
    hy_alloc(heap.heap, 100, 16);
    heap.heap->ops->rewind(heap.heap, high);
    assert_int_equal(exercise_count(heap.heap, HY_USED), 1);
    exercise_check(heap.heap);
    hy_close(&heap);
}

static void nested_regions_leave_nothing(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("region:chunk=2K+region:chunk=64K", &heap);
    hy_heap *const outer = heap.stack[0], *const inner = heap.stack[1];
    for (int i = 0; i < 100; i++)
        assert_non_null(hy_alloc(inner, 500, 16));
    exercise_check(outer);
    exercise_check(inner);
    assert_true(exercise_count(outer, HY_USED) > 20); /* the chunks of the inner one */
    inner->ops->reset(inner);
    inner->ops->trim(inner);
    assert_int_equal(exercise_count(outer, HY_USED), 0);
    exercise_run(inner, 3000, 64, 1000, 3);
    inner->ops->trim(inner);
    outer->ops->reset(outer);
    outer->ops->trim(outer);
    hy_pages *const data = heap.data;
    assert_int_equal(data->committed, 0);
    assert_int_equal(data->reserved, 0);
    hy_close(&heap);
}

static void draws_from_a_general_heap(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("region:chunk=2K+skeleton", &heap);
    hy_heap *const general = heap.stack[0];
    exercise_run(heap.heap, 5000, 256, 2000, 4);
    heap.heap->ops->trim(heap.heap);
    assert_int_equal(exercise_count(general, HY_USED), 0);
    exercise_check(general);
    hy_close(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_contents),
        cmocka_unit_test(resets_when_nothing_lives),
        cmocka_unit_test(realloc_never_resets),
        cmocka_unit_test(rewinds_over_chunks),
        cmocka_unit_test(a_mark_before_everything_rewinds_all),
        cmocka_unit_test(a_stale_mark_does_nothing),
        cmocka_unit_test(nested_regions_leave_nothing),
        cmocka_unit_test(draws_from_a_general_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
