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
#include "seg_class.h"
#include "strict_pages.h"

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

static size_t most_waste(size_t size) {
    return size <= SEG_FINE_MAX ? SEG_FINE_STEP - 1 : size <= SEG_SMALL_MAX ? size / SEG_STEPS : 4095;
}

/* Every size gets a block of its class: at most 15 bytes, or an eighth, too large; above 32 KiB less than 4 KiB. */
static void size_classes(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("segregated", NULL, &instance);
    hy_heap *const heap = instance.heap;
    for (size_t size = 1; size <= SEG_SMALL_MAX + 8000; size++) {
        void *const block = hy_alloc(heap, size, 16);
        const size_t usable = heap->ops->usable_size(heap, block);
        assert_in_range(usable, size, size + most_waste(size));
        hy_free(heap, block, size);
    }
    hy_close(&instance);
}

#define SPACING(name) const char *spacing_##name(void);
SPACINGS
#undef SPACING

/* What may be chosen when the allocator is built. */
static void other_spacings(void **state) {
    (void)state;
#define SPACING(name) expect_fine(spacing_##name(), "the classes of " #name, "of", SEG_SMALL_MAX);
    SPACINGS
#undef SPACING
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
    char *const small = hy_alloc(heap, 100, 16), *const tiny = hy_alloc(heap, 16, 16),
                *const large = hy_alloc(heap, 100000, 16);
    assert_ptr_equal(hy_realloc(heap, small, 100, 16, 112), small);
    assert_ptr_equal(hy_realloc(heap, small, 112, 16, 60), small);
    assert_ptr_equal(hy_realloc(heap, tiny, 16, 16, 1), tiny); /* there is no smaller class */
    assert_ptr_equal(hy_realloc(heap, large, 100000, 16, 900000), large);
    assert_ptr_equal(hy_realloc(heap, large, 900000, 16, 70000), large);
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

/* As many spans as slices: there is no record for one more, and no room in the table behind the last. */
static void every_slice_a_span(void **state) {
    (void)state;
    enum { SLICES = 64 };
    static _Alignas(8192) char storage[SLICES * 4096];
    array_pages pages = array_pages_of(storage, sizeof storage);
    hy_pages *const mapped = open_mmap();
    strict_pages meta = strict_pages_of(mapped, 4096);
    const hy_open_options options = {.data = &pages.pages, .meta = &meta.pages};
    hy_instance instance;
    open_heap("segregated", &options, &instance);
    hy_heap *const heap = instance.heap;
    for (size_t i = 0; i < SLICES / 2; i++)
        assert_non_null(hy_alloc(heap, 1, 8192)); /* each takes the first slice of two */
    for (size_t i = 0; i < SLICES / 2; i++)
        assert_non_null(hy_alloc(heap, 4096, 16));
    for (size_t size = 1; size < 100000; size *= 3)
        assert_null(hy_alloc(heap, size, 16));
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
    mapped->ops->destroy(mapped);
}

/* Pages larger than slices, and a reservation that is no multiple of them.  What was decommitted is committed again
 * only in part. */
static void large_granules(void **state) {
    (void)state;
    static const char *const coarse[] = {"segregated:retain=0,chunk=4K,huge=300K",
                                         "segregated:retain=0,reserve=68K,huge=300K"};
    for (size_t n = 0; n < 2; n++) {
        hy_pages *const mapped = open_mmap();
        strict_pages data = strict_pages_of(mapped, 65536), meta = strict_pages_of(mapped, 4096);
        const hy_open_options options = {.data = &data.pages, .meta = &meta.pages};
        hy_instance instance;
        open_heap(coarse[n], &options, &instance);
        void *const odd = hy_alloc(instance.heap, 68 << 10, 16), *const one = hy_alloc(instance.heap, 256 << 10, 65536);
        void *const two = hy_alloc(instance.heap, 256 << 10, 65536);
        hy_free(instance.heap, one, 0);
        hy_free(instance.heap, hy_alloc(instance.heap, 200 << 10, 16), 0);
        hy_free(instance.heap, odd, 0);
        hy_free(instance.heap, two, 0);
        shadow model = {.heap = instance.heap};
        uint64_t seed = 17;
        for (unsigned i = 0; i < 5000; i++) {
            expect_fine(shadow_step(&model, &seed, 40, 19), coarse[n], "step", i);
            if (i % 32 == 0)
                expect_fine(shadow_check(&model), coarse[n], "check", i);
            if (i % 500 == 0)
                instance.heap->ops->trim(instance.heap);
        }
        expect_fine(shadow_free_all(&model), coarse[n], "freeing all", 0);
        hy_close(&instance);
        assert_int_equal(mapped->reserved, 0);
        assert_int_equal(mapped->committed, 0);
        mapped->ops->destroy(mapped);
    }
}

/* What owns reads of a table that was never written may be anything. */
static void ownership_with_dirty_tables(void **state) {
    (void)state;
    hy_pages *const mapped = open_mmap();
    strict_pages meta = strict_pages_of(mapped, 4096);
    hy_instance instance;
    open_heap("segregated", &(hy_open_options){.data = mapped, .meta = &meta.pages}, &instance);
    hy_heap *const heap = instance.heap;
    char *const block = hy_alloc(heap, 100000, 16);
    for (size_t at = 16; at < 100000; at += 16)
        assert_false(heap->ops->owns(heap, block + at));
    assert_true(heap->ops->owns(heap, block));
    hy_close(&instance);
    mapped->ops->destroy(mapped);
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
    const char link = one[0];
    one[0] = (char)(link + 8);
    assert_non_null(heap->ops->check(heap));
    one[0] = link;
    assert_null(heap->ops->check(heap));
    hy_free(heap, two, 100);
    two[0] = (char)(two[0] + 1);
    assert_non_null(heap->ops->check(heap));
    hy_close(&instance);
}

/* A heap that may have all addresses puts all small blocks into one stride, where the hot paths find them. */
static void one_stride(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("segregated:reserve=1G", NULL, &instance);
    hy_heap *const heap = instance.heap;
    char *const first = hy_alloc(heap, 30000, 16);
    const size_t reserved = instance.data->reserved;
    assert_true(reserved >= (size_t)1 << 30);
    for (size_t i = 0; i < 4000; i++) {
        const char *const block = hy_alloc(heap, 30000, 16);
        assert_true(block > first && block < first + ((size_t)1 << 30));
    }
    assert_int_equal(instance.data->reserved, reserved);
    hy_close(&instance);
}

/* Before a request gets nothing, every empty page that was kept for its class is given up. */
static void last_resort(void **state) {
    (void)state;
    enum { CLASSES = 40 };
    static _Alignas(4096) char storage[512 << 10];
    array_pages pages = array_pages_of(storage, sizeof storage);
    const hy_open_options options = {.data = &pages.pages, .meta = open_mmap()};
    hy_instance instance;
    open_heap("segregated", &options, &instance);
    hy_heap *const heap = instance.heap;
    void *blocks[CLASSES];
    for (size_t i = 0; i < CLASSES; i++)
        assert_non_null(blocks[i] = hy_alloc(heap, 16 * (i + 1), 16));
    for (size_t i = 0; i < CLASSES; i++)
        hy_free(heap, blocks[i], 0);
    assert_non_null(hy_alloc(heap, sizeof storage - 8192, 16));
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
    options.meta->ops->destroy(options.meta);
}

/* What was fetched again after it had been given back is kept, up to a limit; what comes back once is not. */
static void missed_memory_is_kept(void **state) {
    (void)state;
    enum { COUNT = 300 };
    hy_instance instance;
    open_heap("segregated", NULL, &instance);
    hy_heap *const heap = instance.heap;
    static void *blocks[COUNT];
    size_t left[3];
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT; i++)
            assert_non_null(blocks[i] = hy_alloc(heap, (size_t)1 << 20, 16));
        for (size_t i = 0; i < COUNT; i++)
            hy_free(heap, blocks[i], 0);
        left[round] = instance.data->committed;
    }
    assert_in_range(left[0], 0, (size_t)20 << 20);
    assert_in_range(left[1], left[0] + 1, (size_t)90 << 20);
    assert_in_range(left[2], left[0] + 1, (size_t)90 << 20);
    hy_close(&instance);
}

/* Who frees all it had, of many classes of larger blocks, gives nearly all of it back by that alone. */
static void nothing_stays_on_shelves(void **state) {
    (void)state;
    enum { BYTES = 4 << 20, COUNT = BYTES / SEG_FINE_MAX };
    hy_instance instance;
    open_heap("segregated:retain=0", NULL, &instance);
    hy_heap *const heap = instance.heap;
    static void *blocks[SEG_CLASSES][COUNT];
    for (unsigned c = SEG_FINE_CLASSES; c < SEG_CLASSES; c++)
        for (size_t i = 0; i < BYTES / seg_class_size(c); i++)
            assert_non_null(blocks[c][i] = hy_alloc(heap, seg_class_size(c), 16));
    for (unsigned c = SEG_FINE_CLASSES; c < SEG_CLASSES; c++)
        for (size_t i = 0; i < BYTES / seg_class_size(c); i++)
            hy_free(heap, blocks[c][i], 0);
    assert_in_range(instance.data->committed, 0, (size_t)12 << 20);
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
}

/* Arenas that stand alone may come and go any number of times, in some sizes and in many. */
static void arenas_come_and_go(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("segregated:retain=0,reserve=2M,huge=64M", NULL, &instance);
    hy_heap *const heap = instance.heap;
    hy_free(heap, hy_alloc(heap, (size_t)1 << 20, 16), 0);
    const size_t reserved = instance.data->reserved;
    for (size_t round = 0; round < 700; round++) {
        void *const large = hy_alloc(heap, ((size_t)3 << 20) + round % 101 * 30000, 16);
        void *const more[] = {hy_alloc(heap, 1200000, 16), hy_alloc(heap, 1200000, 16)};
        assert_true(large && more[0] && more[1]);
        assert_true(instance.data->reserved > reserved);
        hy_free(heap, large, 0);
        hy_free(heap, more[round % 2], 0);
        hy_free(heap, more[1 - round % 2], 0);
        assert_int_equal(instance.data->reserved, reserved);
    }
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sequences),
        HEAP_CASE(alignments, specs),
        HEAP_CASE(failing_requests, specs),
        HEAP_CASE(giving_back, specs),
        HEAP_CASE(walks, specs),
        HEAP_CASE(resets, specs),
        cmocka_unit_test(size_classes),
        cmocka_unit_test(other_spacings),
        cmocka_unit_test(small_heaps),
        cmocka_unit_test(pages_change_class),
        cmocka_unit_test(realloc_in_place),
        cmocka_unit_test(fixed_array),
        cmocka_unit_test(ownership),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(one_stride),
        cmocka_unit_test(last_resort),
        cmocka_unit_test(missed_memory_is_kept),
        cmocka_unit_test(nothing_stays_on_shelves),
        cmocka_unit_test(arenas_come_and_go),
        cmocka_unit_test(every_slice_a_span),
        cmocka_unit_test(large_granules),
        cmocka_unit_test(ownership_with_dirty_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
