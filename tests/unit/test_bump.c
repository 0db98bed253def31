/* SPDX-License-Identifier: MIT
 *
 * test_bump.c - bump and bump-wrap.
 */
#include "chunk.h"
#include "exercise.h"

#include <sys/mman.h>

static void keeps_contents(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("bump:chunk=64K", &heap);
    exercise_run(heap.heap, 3000, 4096, 3000, 1);
    hy_close(&heap);
}

static void never_reuses(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("bump", &heap);
    char *last = hy_alloc(heap.heap, 40, 16);
    for (int i = 0; i < 1000; i++) {
        hy_free(heap.heap, last, 40);
        char *const next = hy_alloc(heap.heap, 40, 16);
        assert_ptr_equal(next, last + 48);
        last = next;
    }
    assert_int_equal(exercise_bytes(heap.heap, HY_USED) / 48, 1001);
    hy_close(&heap);
}

static void last_block_grows_in_place(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("bump", &heap);
    char *const first = hy_alloc(heap.heap, 100, 16);
    char *const last = hy_alloc(heap.heap, 100, 16);
    assert_ptr_equal(hy_realloc(heap.heap, last, 100, 16, 5000), last);
    assert_ptr_equal(hy_realloc(heap.heap, last, 5000, 16, 20), last);
    assert_ptr_equal(hy_alloc(heap.heap, 1, 1), last + 32);
    memset(first, 7, 100);
    char *const moved = hy_realloc(heap.heap, first, 0, 16, 200);
    assert_ptr_not_equal(moved, first);
    assert_int_equal(moved[0], 7);
    assert_int_equal(moved[99], 7);
    hy_close(&heap);
}

static void large_blocks_and_alignments_get_chunks(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("bump:chunk=4K", &heap);
    char *const small = hy_alloc(heap.heap, 10, 1);
    char *const large = hy_alloc(heap.heap, 1 << 20, 16);
    char *const aligned = hy_alloc(heap.heap, 10, 4 << 20);
    memset(large, 1, 1 << 20);
    assert_non_null(aligned);
    assert_int_equal((uintptr_t)aligned % (4 << 20), 0);
    assert_ptr_equal(hy_alloc(heap.heap, 10, 1), small + 16); /* the first chunk still serves */
    assert_int_equal(exercise_count(heap.heap, HY_USED), 4);
    assert_true(heap.heap->ops->usable_size(heap.heap, large) >= 1 << 20);
    assert_null(hy_alloc(heap.heap, PTRDIFF_MAX, 16));
    assert_null(hy_alloc(heap.heap, 16, (size_t)1 << 63));
    exercise_check(heap.heap);
    hy_close(&heap);
}

/* Wherever the pages come from, a chunk that is planned for a block has room for it. */
static void planned_chunks_have_room(void **state) {
    (void)state;
    enum { PAGE = 4096, MOST = 4 << 20 };
    char *const memory = mmap(NULL, 3 * MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    for (size_t align = PAGE / 4; align <= MOST; align *= 4)
        for (size_t offset = 0; offset < align; offset += PAGE) {
            size_t size, span;
            assert_true(hy_chunk_plan(PAGE, 10, align, &size, &span));
            hy_chunk *const chunk = hy_chunk_format(memory + offset, hy_align_up(size, PAGE), span);
            const char *const block = hy_chunk_push(chunk, 10, align);
            if (!block || (uintptr_t)block % align != 0 || hy_chunk_check(chunk))
                fail_msg("at %zu pages, alignment %zu: %p", offset / PAGE, align, (const void *)block);
        }
    munmap(memory, 3 * MOST);
}

static void reset_gives_all_back(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("bump:chunk=4K", &heap);
    const size_t before = heap.data->committed;
    for (int i = 0; i < 100; i++)
        assert_non_null(hy_alloc(heap.heap, 1000, 16));
    assert_true(heap.data->committed > before + 100000);
    heap.heap->ops->reset(heap.heap);
    assert_int_equal(heap.data->committed, before);
    assert_non_null(hy_alloc(heap.heap, 1000, 16));
    hy_close(&heap);
}

static void wrap_goes_round(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("bump-wrap:cap=8K", &heap);
    assert_true(heap.base->flags & HY_FAKE);
    char *const first = hy_alloc(heap.heap, 4096, 16);
    assert_ptr_equal(hy_alloc(heap.heap, 4096, 16), first + 4096);
    assert_ptr_equal(hy_alloc(heap.heap, 4096, 16), first);
    char *const large = hy_alloc(heap.heap, 1 << 20, 16);
    assert_ptr_equal(large, first);
    memset(large, 1, 1 << 20); /* reaches behind the cap, and is memory all the same */
    assert_int_equal((uintptr_t)hy_alloc(heap.heap, 1, 4096) % 4096, 0);
    exercise_check(heap.heap);
    hy_close(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_contents),
        cmocka_unit_test(never_reuses),
        cmocka_unit_test(last_block_grows_in_place),
        cmocka_unit_test(large_blocks_and_alignments_get_chunks),
        cmocka_unit_test(planned_chunks_have_room),
        cmocka_unit_test(reset_gives_all_back),
        cmocka_unit_test(wrap_goes_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
