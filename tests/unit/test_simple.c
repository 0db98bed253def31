/* SPDX-License-Identifier: MIT
 *
 * test_simple.c - the classic heap, byte for byte.
 */
#include "exercise.h"
#include "fixed_pages.h"

/* The storage's start: the first range. */
static char *storage_of(hy_heap *heap) {
    exercise_map map;
    exercise_walk(heap, &map);
    return (char *)map.range[0].start;
}

static uint64_t header_at(const char *storage, size_t offset) {
    uint64_t header;
    memcpy(&header, storage + offset, sizeof header);
    return header;
}

static void keeps_contents(void **state) {
    (void)state;
    static const char *const specs[] = {"simple:storage=1M", "simple:storage=1M,grain=16", "simple:storage=20001"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        hy_instance heap;
        exercise_open(specs[i], &heap);
        exercise_run(heap.heap, 1000, heap.heap->ops->max_align, 4000, i);
        assert_int_equal(exercise_count(heap.heap, HY_USED), 0);
        hy_close(&heap);
    }
}

/* Blocks of 100, 240, 256 and 333; the second and third freed; then 300, which fits neither hole. */
static void two_neighbouring_holes_cannot_serve(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("simple:storage=4096", &heap);
    char *const storage = storage_of(heap.heap);
    assert_int_equal(header_at(storage, 0), 0x1000);
    char *const first = hy_alloc(heap.heap, 100, 1), *const second = hy_alloc(heap.heap, 240, 1);
    char *const third = hy_alloc(heap.heap, 256, 1), *const fourth = hy_alloc(heap.heap, 333, 1);
    assert_ptr_equal(first, storage + 8);
    assert_ptr_equal(second, storage + 0x6c + 8);
    assert_ptr_equal(third, storage + 0x164 + 8);
    assert_ptr_equal(fourth, storage + 0x26c + 8);
    hy_free(heap.heap, second, 0);
    hy_free(heap.heap, third, 0);
    static const struct {
        size_t offset;
        uint64_t header;
    } expected[] = {{0, 0x800000000000006c},
                    {0x6c, 0x00000000000000f8},
                    {0x164, 0x0000000000000108},
                    {0x26c, 0x8000000000000155},
                    {0x3c1, 0x0000000000000c3f}};
    exercise_map map;
    exercise_walk(heap.heap, &map);
    assert_int_equal(map.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(map.range[i].start - (uintptr_t)storage, expected[i].offset);
        assert_int_equal(header_at(storage, expected[i].offset), expected[i].header);
    }
    assert_ptr_equal(hy_alloc(heap.heap, 300, 1), storage + 0x3c1 + 8);
    hy_close(&heap);
}

/* Payloads of 241 to 256 go to the second hole, 240 and fewer to the first. */
static void first_fit_takes_the_first_that_is_large_enough(void **state) {
    (void)state;
    for (size_t size = 239; size <= 258; size++) {
        hy_instance heap;
        exercise_open("simple:storage=4096", &heap);
        char *const storage = storage_of(heap.heap);
        hy_alloc(heap.heap, 100, 1);
        char *const second = hy_alloc(heap.heap, 240, 1), *const third = hy_alloc(heap.heap, 256, 1);
        hy_alloc(heap.heap, 333, 1);
        hy_free(heap.heap, second, 0);
        hy_free(heap.heap, third, 0);
        const size_t range = size <= 240 ? 0x6c : size <= 256 ? 0x164 : 0x3c1;
        assert_ptr_equal(hy_alloc(heap.heap, size, 1), storage + range + 8);
        hy_close(&heap);
    }
}

/* A hole of 240: what is left over for each request, down to nothing. */
static void splits_leave_any_rest(void **state) {
    (void)state;
    for (size_t size = 200; size <= 240; size++) {
        hy_instance heap;
        exercise_open("simple:storage=4096", &heap);
        char *const hole = hy_alloc(heap.heap, 240, 1);
        hy_alloc(heap.heap, 1, 1);
        hy_free(heap.heap, hole, 0);
        assert_ptr_equal(hy_alloc(heap.heap, size, 1), hole);
        const size_t rest = 240 - size, whole = rest < 8 ? 240 : size;
        assert_int_equal(heap.heap->ops->usable_size(heap.heap, hole), whole);
        assert_int_equal(exercise_count(heap.heap, HY_FREE), rest < 8 ? 1 : 2);
        exercise_check(heap.heap);
        hy_close(&heap);
    }
}

/* As the original does it: a rest of one byte gets a header of eight, over the header behind it. */
static void a_split_sliver_destroys_its_neighbour(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("simple:storage=4096,sliver=split", &heap);
    char *const storage = storage_of(heap.heap);
    char *const hole = hy_alloc(heap.heap, 240, 1);
    hy_alloc(heap.heap, 50, 1);
    hy_free(heap.heap, hole, 0);
    hy_alloc(heap.heap, 239, 1);
    assert_int_equal(header_at(storage, 247), 1);
    assert_non_null(heap.heap->ops->check(heap.heap));
    assert_null(hy_alloc(heap.heap, 1, 1)); /* the walk cannot go on, and does not run wild */
    hy_close(&heap);
}

static void a_sliver_at_the_end_stays_inside(void **state) {
    (void)state;
    static char memory[128];
    memset(memory, 0x55, sizeof memory);
    hy_pages *fixed = NULL;
    assert_int_equal(hy_fixed_pages_over(memory + 3, 101, 1, &fixed), 0);
    hy_instance heap;
    exercise_open_with("simple:storage=101,sliver=split", &(hy_open_options){.data = fixed}, &heap);
    assert_ptr_equal(hy_alloc(heap.heap, 92, 1), memory + 3 + 8); /* 100 of 101 bytes */
    assert_int_equal(memory[3 + 101], 0x55);
    assert_int_equal(memory[2], 0x55);
    hy_close(&heap);
    fixed->ops->destroy(fixed);
}

static void exhausts_to_the_last_byte(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("simple:storage=4096", &heap);
    assert_int_equal(heap.heap->max_size, 4088);
    char *const all = hy_alloc(heap.heap, 4088, 1);
    assert_non_null(all);
    memset(all, 1, 4088);
    assert_null(hy_alloc(heap.heap, 1, 1));
    hy_free(heap.heap, all, 0);
    assert_null(hy_alloc(heap.heap, 4089, 1));
    size_t blocks = 0;
    while (hy_alloc(heap.heap, 1, 1))
        blocks++;
    assert_int_equal(blocks, 4096 / 9);
    exercise_check(heap.heap);
    heap.heap->ops->reset(heap.heap);
    assert_ptr_equal(hy_alloc(heap.heap, 4088, 1), all);
    hy_close(&heap);
}

static void any_size_at_any_address(void **state) {
    (void)state;
    static char memory[700];
    for (size_t shift = 0; shift < 17; shift++) {
        for (size_t size = 600; size < 620; size++) {
            hy_pages *fixed = NULL;
            char spec[64];
            assert_int_equal(hy_fixed_pages_over(memory + shift, size, 1, &fixed), 0);
            snprintf(spec, sizeof spec, "simple:storage=%zu", size);
            hy_instance heap;
            exercise_open_with(spec, &(hy_open_options){.data = fixed}, &heap);
            assert_ptr_equal(storage_of(heap.heap), memory + shift);
            assert_int_equal(exercise_bytes(heap.heap, HY_FREE), size);
            exercise_run(heap.heap, 50, 1, 100, size);
            hy_close(&heap);
            fixed->ops->destroy(fixed);
        }
    }
}

static void grain_16_aligns(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("simple:storage=4096,grain=16", &heap);
    assert_int_equal(heap.heap->ops->max_align, 16);
    for (size_t size = 1; size < 100; size++)
        assert_int_equal((uintptr_t)hy_alloc(heap.heap, size % 30 + 1, 16) % 16, 0);
    exercise_check(heap.heap);
    hy_close(&heap);
    exercise_open("simple", &heap);
    assert_null(hy_alloc(heap.heap, 10, 16)); /* grain 1 promises no alignment */
    hy_close(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_contents),
        cmocka_unit_test(two_neighbouring_holes_cannot_serve),
        cmocka_unit_test(first_fit_takes_the_first_that_is_large_enough),
        cmocka_unit_test(splits_leave_any_rest),
        cmocka_unit_test(a_split_sliver_destroys_its_neighbour),
        cmocka_unit_test(a_sliver_at_the_end_stays_inside),
        cmocka_unit_test(exhausts_to_the_last_byte),
        cmocka_unit_test(any_size_at_any_address),
        cmocka_unit_test(grain_16_aligns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
