/* SPDX-License-Identifier: MIT
 *
 * test_tlsf.c - tlsf: the mapping of sizes to lists, good fit, merging, random sequences, exhaustion, giving back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap_cases.h"
#include "tlsf_map.h"

static const char *const specs[] = {"tlsf",
                                    "tlsf:sli=1",
                                    "tlsf:sli=6,chunk=4K,trim=8K",
                                    "tlsf:sli=3,reserve=256K,chunk=4K,trim=16K",
                                    "tlsf:reserve=64K,trim=0",
                                    NULL};

/* ---------------------------------------------------------------------------------------------------- mapping ---- */

static size_t list_number(unsigned bits, size_t size) {
    const tlsf_list list = tlsf_list_of(bits, size);
    assert_true(list.first < tlsf_levels(bits));
    assert_true(list.second < 1u << bits);
    return ((size_t)list.first << bits) + list.second;
}

/* Sizes around all powers of two, and around what each list starts with. */
static size_t some_size(uint64_t *state) {
    const unsigned log = 5 + (unsigned)(shadow_random(state) % 42);
    const size_t base = (size_t)1 << log;
    const size_t size = shadow_random(state) % 3 == 0 ? base - 16 : base + shadow_random(state) % base;
    return hy_align_down(size, TLSF_GRAIN);
}

static void lists_follow_sizes(void **state) {
    (void)state;
    for (unsigned bits = 1; bits <= 6; bits++) {
        for (size_t size = 16; size < 70000; size += 16) /* no list is left out, and none comes back */
            assert_in_range(list_number(bits, size + 16) - list_number(bits, size), 0, 1);
        uint64_t random = bits;
        for (unsigned i = 0; i < 20000; i++) {
            const size_t one = some_size(&random), two = some_size(&random);
            if (one <= two)
                assert_true(list_number(bits, one) <= list_number(bits, two));
        }
    }
}

/* Rounded up, a size is the least of its list; and no list is wider than its part of a doubling. */
static void rounding_is_tight(void **state) {
    (void)state;
    for (unsigned bits = 1; bits <= 6; bits++) {
        uint64_t random = bits;
        for (unsigned i = 0; i < 20000; i++) {
            const size_t size = some_size(&random), up = tlsf_round_up(bits, size);
            assert_true(up >= size && up - size <= size >> bits);
            assert_true(list_number(bits, up - 16) < list_number(bits, up));
            assert_int_equal(tlsf_round_up(bits, up), up);
            assert_in_range(list_number(bits, up) - list_number(bits, size), 0, 1);
        }
    }
}

/* --------------------------------------------------------------------------------------------------- good fit ---- */

typedef struct hole_sizes {
    size_t least_fitting, at_start; /* the smallest hole of `wanted` bytes or more; the hole at `start` */
    size_t wanted;
    uintptr_t start;
} hole_sizes;

static int note_hole(void *context, const hy_range *range) {
    hole_sizes *const sizes = context;
    if (range->kind == HY_FREE && range->size >= sizes->wanted && range->size < sizes->least_fitting)
        sizes->least_fitting = range->size;
    if (range->kind == HY_FREE && range->start == sizes->start)
        sizes->at_start = range->size;
    return 0;
}

/* If any hole has the rounded size, a request does not make the heap grow, and goes into a hole of the same list as the
 * smallest such hole. */
static void good_fit(void **state) {
    (void)state;
    for (unsigned bits = 1; bits <= 6; bits++) {
        char spec[64];
        snprintf(spec, sizeof spec, "tlsf:sli=%u,trim=0", bits);
        hy_instance instance;
        open_heap(spec, NULL, &instance);
        shadow model = {.heap = instance.heap};
        uint64_t random = bits;
        unsigned judged = 0;
        for (unsigned i = 0; i < 1500; i++) {
            expect_fine(shadow_step(&model, &random, SHADOW_SLOTS, 14), spec, "step", i);
            const size_t need = hy_max(hy_align_up(shadow_random_size(&random, 14) + 8, 16), 32);
            hole_sizes before = {.least_fitting = SIZE_MAX, .wanted = tlsf_round_up(bits, need)};
            instance.heap->ops->walk(instance.heap, note_hole, &before);
            if (before.least_fitting == SIZE_MAX)
                continue;
            const size_t committed = instance.data->committed;
            char *const block = hy_alloc(instance.heap, need - 8, 16);
            assert_non_null(block);
            assert_int_equal(instance.data->committed, committed);
            hy_free(instance.heap, block, 0);
            hole_sizes after = {.least_fitting = SIZE_MAX, .wanted = SIZE_MAX, .start = (uintptr_t)block - 8};
            instance.heap->ops->walk(instance.heap, note_hole, &after);
            assert_int_equal(list_number(bits, after.at_start), list_number(bits, before.least_fitting));
            judged++;
        }
        assert_true(judged > 500);
        hy_close(&instance);
    }
}

/* A hole of just the size of a request serves it, although its list has smaller ones too. */
static void same_size_is_found(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("tlsf:sli=1,trim=0", NULL, &instance);
    void *const hole = hy_alloc(instance.heap, 100000, 16);
    hy_alloc(instance.heap, 100, 16);
    hy_alloc(instance.heap, 1000000, 16);
    hy_free(instance.heap, hole, 0);
    const size_t committed = instance.data->committed;
    for (unsigned i = 0; i < 3; i++) {
        void *const again = hy_alloc(instance.heap, 100000, 16);
        assert_int_equal(instance.data->committed, committed);
        hy_free(instance.heap, again, 0);
    }
    hy_close(&instance);
}

/* ------------------------------------------------------------------------------------------------------ ranges ---- */

/* A block costs 8 bytes, and blocks lie side by side. */
static void overhead(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("tlsf", NULL, &instance);
    char *const one = hy_alloc(instance.heap, 24, 16), *const two = hy_alloc(instance.heap, 25, 16);
    char *const three = hy_alloc(instance.heap, 1, 16);
    assert_int_equal(two - one, 32);
    assert_int_equal(three - two, 48);
    assert_int_equal(instance.heap->ops->usable_size(instance.heap, one), 24);
    assert_int_equal(instance.heap->ops->usable_size(instance.heap, two), 40);
    hy_close(&instance);
}

/* In any order of frees no two holes ever touch: check says so after each. */
static void merging_is_immediate(void **state) {
    (void)state;
    for (unsigned order = 0; order < 24; order++) {
        hy_instance instance;
        open_heap("tlsf", NULL, &instance);
        void *blocks[4];
        unsigned left[4] = {0, 1, 2, 3};
        for (unsigned i = 0; i < 4; i++)
            blocks[i] = hy_alloc(instance.heap, 1000, 16);
        for (unsigned count = 4, code = order; count > 0; code /= count, count--) {
            const unsigned pick = code % count;
            hy_free(instance.heap, blocks[left[pick]], 0);
            left[pick] = left[count - 1];
            expect_fine(instance.heap->ops->check(instance.heap), "tlsf", "free in order", order);
        }
        hy_stats stats;
        instance.heap->ops->stats(instance.heap, &stats);
        assert_int_equal(stats.holes, 1);
        assert_int_equal(instance.heap->ops->coalesce(instance.heap), 0);
        hy_close(&instance);
    }
}

/* What grows for one block merges with the hole at the top, and with what comes behind. */
static void growth_is_contiguous(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("tlsf:trim=0", NULL, &instance);
    for (size_t size = 100000; size < 20000000; size *= 2) {
        void *const block = hy_alloc(instance.heap, size, 16);
        assert_non_null(block);
        hy_free(instance.heap, block, size);
        hy_stats stats;
        instance.heap->ops->stats(instance.heap, &stats);
        assert_int_equal(stats.holes, 1);
    }
    hy_close(&instance);
}

/* A fixed region is taken whole, and one block can have nearly all of it, again and again. */
static void fixed_region(void **state) {
    (void)state;
    static char storage[8192 + 3];
    for (size_t shift = 0; shift < 4; shift++) {
        array_pages pages = array_pages_of(storage + shift, 8192);
        const hy_open_options options = {.data = &pages.pages, .meta = open_mmap()};
        hy_instance instance;
        open_heap("tlsf", &options, &instance);
        for (unsigned i = 0; i < 3; i++) {
            void *const block = hy_alloc(instance.heap, 8000, 16);
            assert_non_null(block);
            assert_null(hy_alloc(instance.heap, 200, 16));
            hy_free(instance.heap, block, 0);
            assert_null(instance.heap->ops->check(instance.heap));
        }
        hy_close(&instance);
        assert_int_equal(pages.pages.committed, 0);
        options.meta->ops->destroy(options.meta);
    }
}

/* check finds damage. */
static void damage_is_found(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("tlsf", NULL, &instance);
    hy_heap *const heap = instance.heap;
    char *const one = hy_alloc(heap, 104, 16), *const two = hy_alloc(heap, 104, 16);
    hy_alloc(heap, 104, 16);
    hy_free(heap, two, 104);
    char *const damaged[] = {one + 104, two, two + 8, two + 96, two + 104}; /* headers, links, pointer back */
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        assert_null(heap->ops->check(heap));
        *damaged[i] = (char)(*damaged[i] + 16);
        if (i != 1) /* the hole is alone in its list: a link forwards would be followed */
            assert_non_null(heap->ops->check(heap));
        *damaged[i] = (char)(*damaged[i] - 16);
    }
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
}

/* ------------------------------------------------------------------------------------------- what all heaps do ---- */

static void top_goes_back(void **state) {
    run_top("tlsf:trim=256K,chunk=64K");
}

static void realloc_in_place(void **state) {
    run_realloc_in_place("tlsf");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_follow_sizes),
        cmocka_unit_test(rounding_is_tight),
        cmocka_unit_test(good_fit),
        cmocka_unit_test(same_size_is_found),
        cmocka_unit_test(overhead),
        cmocka_unit_test(merging_is_immediate),
        cmocka_unit_test(growth_is_contiguous),
        cmocka_unit_test(top_goes_back),
        cmocka_unit_test(realloc_in_place),
        cmocka_unit_test(fixed_region),
        cmocka_unit_test(damage_is_found),
        HEAP_CASE(random_steps, specs),
        HEAP_CASE(alignments, specs),
        HEAP_CASE(failing_requests, specs),
        HEAP_CASE(giving_back, specs),
        HEAP_CASE(walks, specs),
        HEAP_CASE(resets, specs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
