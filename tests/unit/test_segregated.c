/* SPDX-License-Identifier: MIT
 *
 * test_segregated.c - segregated: size classes, pages that change class, random sequences, exhaustion, giving back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap_cases.h"

static const char *const specs[] = {"segregated", "segregated:retain=0,chunk=4K", "segregated:huge=64K",
                                    "segregated:retain=0,reserve=2M,huge=1M", NULL};

static void random_sequences(void **state) {
    (void)state;
    for (const char *const *spec = specs; *spec; spec++) {
        run_random(*spec, 1, 6000, SHADOW_SLOTS, 12);
        run_random(*spec, 2, 4000, SHADOW_SLOTS, 17);
        run_random(*spec, 3, 2000, 40, 21);
    }
}

static void alignments(void **state) {
    (void)state;
    for (const char *const *spec = specs; *spec; spec++)
        run_alignments(*spec);
}

static void failing_requests(void **state) {
    (void)state;
    for (const char *const *spec = specs; *spec; spec++)
        run_failing(*spec);
}

static void giving_back(void **state) {
    (void)state;
    for (const char *const *spec = specs; *spec; spec++)
        run_giving_back(*spec, 0);
}

static void walks(void **state) {
    (void)state;
    for (const char *const *spec = specs; *spec; spec++)
        run_walk(*spec);
}

static void resets(void **state) {
    (void)state;
    for (const char *const *spec = specs; *spec; spec++)
        run_reset(*spec);
}

/* Every size gets a block of its class: at most 15 bytes, or an eighth, too large; above 32 KiB less than 4 KiB. */
static void size_classes(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("segregated", NULL, &instance);
    hy_heap *const heap = instance.heap;
    for (size_t size = 1; size <= 40000; size++) {
        void *const block = hy_alloc(heap, size, 16);
        const size_t usable = heap->ops->usable_size(heap, block);
        assert_in_range(usable, size, size <= 1024 ? size + 15 : size <= 32768 ? size + size / 8 : size + 4095);
        hy_free(heap, block, size);
    }
    hy_close(&instance);
}

/* Memory of one class serves another once it is empty. */
static void pages_change_class(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("segregated", NULL, &instance);
    hy_heap *const heap = instance.heap;
    enum { COUNT = 10000 };
    static void *blocks[COUNT];
    size_t most = 0;
    for (size_t size = 64; size <= 4096; size *= 2) {
        const size_t count = (size_t)COUNT * 64 / size;
        for (size_t i = 0; i < count; i++)
            blocks[i] = hy_alloc(heap, size, 16);
        for (size_t i = 0; i < count; i++)
            hy_free(heap, blocks[i], size);
        most = most ? most : instance.data->committed;
    }
    assert_in_range(instance.data->peak_committed, 0, most + most / 4);
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
}

/* A small heap stays small: one block of each of ten sizes. */
static void small_heaps(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("segregated", NULL, &instance);
    for (size_t size = 16; size <= 8192; size *= 2)
        assert_non_null(hy_alloc(instance.heap, size, 16));
    assert_in_range(instance.data->committed, 1, 128 << 10);
    hy_close(&instance);
}

static void realloc_in_place(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("segregated", NULL, &instance);
    hy_heap *const heap = instance.heap;
    char *const small = hy_alloc(heap, 100, 16), *const large = hy_alloc(heap, 100000, 16);
    assert_ptr_equal(hy_realloc(heap, small, 100, 16, 112), small);
    assert_ptr_equal(hy_realloc(heap, small, 112, 16, 60), small);
    assert_ptr_equal(hy_realloc(heap, large, 100000, 16, 900000), large);
    assert_ptr_equal(hy_realloc(heap, large, 900000, 16, 50000), large);
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
}

/* A heap in a fixed array, filled up, emptied, filled up again with other sizes. */
static void fixed_array(void **state) {
    (void)state;
    static char storage[1 << 20];
    for (size_t offset = 0; offset < 5000; offset += 1001) {
        array_pages pages = array_pages_of(storage + offset, sizeof storage - 8192);
        const hy_open_options options = {.data = &pages.pages, .meta = open_mmap()};
        hy_instance instance;
        open_heap("segregated", &options, &instance);
        shadow model = {.heap = instance.heap};
        uint64_t seed = offset + 1;
        for (unsigned i = 0; i < 3000; i++) {
            expect_fine(shadow_step(&model, &seed, SHADOW_SLOTS, 18), "segregated in an array", "step", i);
            if (i % 32 == 0)
                expect_fine(shadow_check(&model), "segregated in an array", "check", i);
        }
        assert_true(model.refused > 0);
        hy_close(&instance);
        assert_int_equal(pages.pages.committed, 0);
        options.meta->ops->destroy(options.meta);
    }
}

/* owns knows live blocks from freed ones, insides and strangers. */
static void ownership(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("segregated", NULL, &instance);
    hy_heap *const heap = instance.heap;
    const size_t sizes[] = {16, 1000, 20000, 100000, 64 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *const block = hy_alloc(heap, sizes[i], 16);
        assert_true(heap->ops->owns(heap, block));
        assert_false(heap->ops->owns(heap, block + 8));
        assert_false(heap->ops->owns(heap, block + sizes[i] / 2 / 16 * 16 + 8));
        hy_free(heap, block, sizes[i]);
        assert_false(heap->ops->owns(heap, block));
    }
    assert_false(heap->ops->owns(heap, sizes));
    assert_false(heap->ops->owns(heap, NULL));
    hy_close(&instance);
}

/* check finds damage that a program can do: a link of a freed block. */
static void damage_is_found(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("segregated", NULL, &instance);
    hy_heap *const heap = instance.heap;
    char *const one = hy_alloc(heap, 100, 16), *const two = hy_alloc(heap, 100, 16);
    hy_free(heap, one, 100);
    assert_null(heap->ops->check(heap));
    one[0] = 8;
    assert_non_null(heap->ops->check(heap));
    one[0] = 0;
    assert_null(heap->ops->check(heap));
    hy_free(heap, two, 100);
    two[0] = (char)(two[0] + 1);
    assert_non_null(heap->ops->check(heap));
    hy_close(&instance);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sequences), cmocka_unit_test(alignments),  cmocka_unit_test(failing_requests),
        cmocka_unit_test(giving_back),      cmocka_unit_test(walks),       cmocka_unit_test(resets),
        cmocka_unit_test(size_classes),     cmocka_unit_test(small_heaps), cmocka_unit_test(pages_change_class),
        cmocka_unit_test(realloc_in_place), cmocka_unit_test(fixed_array), cmocka_unit_test(ownership),
        cmocka_unit_test(damage_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
