/* SPDX-License-Identifier: MIT
 *
 * test_skeleton.c - the template works as it stands.
 */
#include "exercise.h"

static void keeps_contents(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("skeleton:chunk=16K", &heap);
    exercise_run(heap.heap, 20000, 4096, 4000, 5);
    hy_stats stats;
    memset(&stats, 0xff, sizeof stats);
    heap.heap->ops->stats(heap.heap, &stats);
    assert_int_equal(stats.live_blocks, 0);
    assert_int_equal(stats.live_bytes, 0);
    assert_int_equal(stats.merges, HY_UNKNOWN);
    assert_int_equal(exercise_count(heap.heap, HY_USED), 0);
    heap.heap->ops->reset(heap.heap);
    assert_int_equal(heap.data->committed, 0);
    hy_close(&heap);
}

static void reuses_a_freed_range(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("skeleton", &heap);
    void *const block = hy_alloc(heap.heap, 100, 16);
    hy_free(heap.heap, block, 100);
    assert_ptr_equal(hy_alloc(heap.heap, 90, 16), block);
    assert_null(hy_alloc(heap.heap, PTRDIFF_MAX, 16));
    hy_close(&heap);
}

/* Together they are more than the largest class, though each is not. */
static void refuses_size_with_alignment(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("skeleton", &heap);
    void *const block = hy_alloc(heap.heap, 100, 16);
    for (unsigned shift = 40; shift < 63; shift++)
        assert_null(hy_alloc(heap.heap, (size_t)1 << 46, (size_t)1 << shift));
    hy_free(heap.heap, block, 100);
    exercise_check(heap.heap);
    hy_close(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_contents),
        cmocka_unit_test(reuses_a_freed_range),
        cmocka_unit_test(refuses_size_with_alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
