/* SPDX-License-Identifier: MIT
 *
 * test_pool.c - blocks of one size.
 */
#include "exercise.h"

static void keeps_contents(void **state) {
    (void)state;
    static const char *const specs[] = {"pool", "pool:size=100,capacity=20", "pool:size=24,capacity=0,step=3,align=8",
                                        "pool:size=4,align=4", "pool:size=5,align=1,capacity=0"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        hy_instance heap;
        exercise_open(specs[i], &heap);
        exercise_run(heap.heap, heap.heap->max_size, heap.heap->ops->max_align, 3000, i);
        assert_int_equal(exercise_count(heap.heap, HY_USED), 0);
        hy_close(&heap);
    }
}

static void the_257th_is_null(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("pool:size=48", &heap);
    char *blocks[256];
    const size_t committed = heap.data->committed;
    for (int i = 0; i < 256; i++) {
        blocks[i] = hy_alloc(heap.heap, 48, 16);
        assert_non_null(blocks[i]);
        if (i > 0)
            assert_ptr_equal(blocks[i], blocks[i - 1] + 48); /* side by side, no header */
    }
    assert_null(hy_alloc(heap.heap, 48, 16));
    exercise_check(heap.heap);
    hy_free(heap.heap, blocks[77], 48);
    assert_ptr_equal(hy_alloc(heap.heap, 48, 16), blocks[77]);
    assert_null(hy_alloc(heap.heap, 1, 1));
    assert_int_equal(heap.data->committed, committed); /* memory use never changes */
    hy_close(&heap);
}

static void a_larger_request_is_null(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("pool:size=40", &heap);
    assert_int_equal(heap.heap->max_size, 48);
    assert_non_null(hy_alloc(heap.heap, 48, 16));
    assert_null(hy_alloc(heap.heap, 49, 16));
    assert_null(hy_alloc(heap.heap, 48, 32));
    char *const block = hy_alloc(heap.heap, 10, 16);
    assert_ptr_equal(hy_realloc(heap.heap, block, 10, 16, 48), block);
    assert_null(hy_realloc(heap.heap, block, 48, 16, 49));
    hy_close(&heap);
}

static void grows_in_place(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("pool:size=64,capacity=0,step=10", &heap);
    char *const first = hy_alloc(heap.heap, 64, 16);
    for (int i = 1; i < 1000; i++)
        assert_ptr_equal(hy_alloc(heap.heap, 64, 16), first + i * 64);
    exercise_check(heap.heap);
    hy_close(&heap);
}

static void ends_with_its_reservation(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("pool:size=64,capacity=0,reserve=8K", &heap);
    for (int i = 0; i < 128; i++)
        assert_non_null(hy_alloc(heap.heap, 64, 16));
    assert_null(hy_alloc(heap.heap, 64, 16));
    exercise_check(heap.heap);
    hy_close(&heap);
}

static void knows_its_blocks(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("pool", &heap);
    char *const block = hy_alloc(heap.heap, 64, 16);
    assert_true(heap.heap->ops->owns(heap.heap, block));
    assert_false(heap.heap->ops->owns(heap.heap, block + 1));
    assert_false(heap.heap->ops->owns(heap.heap, block + 64));
    assert_false(heap.heap->ops->owns(heap.heap, block - 64));
    hy_free(heap.heap, block, 64);
    assert_false(heap.heap->ops->owns(heap.heap, block));
    hy_close(&heap);
}

static void a_second_free_is_ignored_and_told(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("pool", &heap);
    char *const block = hy_alloc(heap.heap, 64, 16);
    hy_free(heap.heap, block, 64);
    hy_free(heap.heap, block, 64);
    assert_non_null(strstr(heap.heap->ops->check(heap.heap), "not live"));
    assert_ptr_not_equal(hy_alloc(heap.heap, 64, 16), hy_alloc(heap.heap, 64, 16));
    heap.heap->ops->reset(heap.heap);
    exercise_check(heap.heap);
    hy_close(&heap);
}

static void check_finds_a_broken_list(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("pool", &heap);
    char *const block = hy_alloc(heap.heap, 64, 16);
    hy_free(heap.heap, block, 64);
    memset(block, 0x11, 4); /* use after free: the link leads out of the array */
    assert_non_null(strstr(heap.heap->ops->check(heap.heap), "out of the array"));
    hy_close(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_contents),
        cmocka_unit_test(the_257th_is_null),
        cmocka_unit_test(a_larger_request_is_null),
        cmocka_unit_test(grows_in_place),
        cmocka_unit_test(ends_with_its_reservation),
        cmocka_unit_test(knows_its_blocks),
        cmocka_unit_test(a_second_free_is_ignored_and_told),
        cmocka_unit_test(check_finds_a_broken_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
