/* SPDX-License-Identifier: MIT
 *
 * test_buddy.c - buddy: sizes and places of blocks, merging back to the whole, the rules of lazy merging, exhaustion.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap_cases.h"

static const char *const specs[] = {"buddy",
                                    "buddy:lazy=yes",
                                    "buddy:min=16,chunk=4K,trim=8K",
                                    "buddy:lazy=yes,min=64,reserve=256K,chunk=4K,trim=16K",
                                    "buddy:min=4096,reserve=64K,trim=0",
                                    NULL};
static const char *const failing[] = {"buddy", "buddy:lazy=yes,trim=1M", "buddy:min=4096,reserve=4M,trim=4M", NULL};

static hy_stats stats_of(hy_heap *heap) {
    hy_stats stats;
    heap->ops->stats(heap, &stats);
    return stats;
}

/* Blocks are powers of two, without headers, at multiples of their size. */
static void blocks_are_powers_of_two(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("buddy", NULL, &instance);
    char *const one = hy_alloc(instance.heap, 64, 16), *const two = hy_alloc(instance.heap, 64, 16);
    assert_int_equal(two > one ? two - one : one - two, 64);
    const size_t sizes[][2] = {{1, 32}, {32, 32}, {33, 64}, {1000, 1024}, {4097, 8192}, {100000, 131072}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *const block = hy_alloc(instance.heap, sizes[i][0], 1);
        assert_int_equal(instance.heap->ops->usable_size(instance.heap, block), sizes[i][1]);
        assert_int_equal((uintptr_t)block % sizes[i][1], 0);
        assert_true(instance.heap->ops->owns(instance.heap, block));
        hy_free(instance.heap, block, 0);
        assert_false(instance.heap->ops->owns(instance.heap, block));
    }
    hy_close(&instance);
}

/* A small block with a large alignment takes no more than a small block. */
static void alignment_is_free(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("buddy", NULL, &instance);
    for (size_t align = 32; align <= 1 << 20; align *= 2) {
        void *const block = hy_alloc(instance.heap, 20, align);
        assert_int_equal((uintptr_t)block % align, 0);
        assert_int_equal(instance.heap->ops->usable_size(instance.heap, block), 32);
    }
    assert_null(instance.heap->ops->check(instance.heap));
    hy_close(&instance);
}

/* Whatever the order of frees, buddies merge back to the whole. */
static void merges_back_to_the_whole(void **state) {
    (void)state;
    enum { COUNT = 1024 };
    for (unsigned round = 0; round < 8; round++) {
        hy_instance instance;
        open_heap("buddy:chunk=128K,trim=0", NULL, &instance);
        void *blocks[COUNT];
        uint64_t random = round + 1;
        for (size_t i = 0; i < COUNT; i++)
            blocks[i] = hy_alloc(instance.heap, 128, 16);
        assert_int_equal(instance.data->committed, 128 << 10);
        assert_int_equal(stats_of(instance.heap).holes, 0);
        for (size_t left = COUNT; left > 0; left--) {
            const size_t i = shadow_random(&random) % left;
            hy_free(instance.heap, blocks[i], 0);
            blocks[i] = blocks[left - 1];
        }
        assert_int_equal(stats_of(instance.heap).holes, 1);
        assert_int_equal(stats_of(instance.heap).merges, stats_of(instance.heap).splits);
        assert_non_null(hy_alloc(instance.heap, 128 << 10, 16)); /* all of it serves one request */
        assert_int_equal(instance.data->committed, 128 << 10);
        hy_close(&instance);
    }
}

/* Neighbours that are not buddies stay apart. */
static void only_buddies_merge(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("buddy:chunk=64K,trim=0", NULL, &instance);
    char *blocks[4], *base = NULL;
    for (size_t i = 0; i < 4; i++) { /* the four quarters of the chunk, in whatever order */
        char *const block = hy_alloc(instance.heap, 16 << 10, 16);
        blocks[((uintptr_t)block >> 14) % 4] = block;
    }
    base = blocks[0];
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(blocks[i], base + i * (16 << 10));
    hy_free(instance.heap, blocks[1], 0);
    hy_free(instance.heap, blocks[2], 0);
    assert_int_equal(stats_of(instance.heap).holes, 2);
    hy_free(instance.heap, blocks[0], 0);
    assert_int_equal(stats_of(instance.heap).holes, 2);
    hy_free(instance.heap, blocks[3], 0);
    assert_int_equal(stats_of(instance.heap).holes, 1);
    hy_close(&instance);
}

/* -------------------------------------------------------------------------------------------------------- lazy ---- */

/* While an order is in demand, a free and a request like it neither merge nor split. */
static void lazy_defers(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("buddy:lazy=yes", NULL, &instance);
    for (size_t i = 0; i < 10; i++)
        hy_alloc(instance.heap, 100, 16);
    void *block = hy_alloc(instance.heap, 100, 16);
    const hy_stats before = stats_of(instance.heap);
    for (size_t i = 0; i < 100; i++) {
        hy_free(instance.heap, block, 0);
        void *const again = hy_alloc(instance.heap, 100, 16);
        assert_ptr_equal(again, block);
        block = again;
    }
    const hy_stats after = stats_of(instance.heap);
    assert_int_equal(after.merges, before.merges);
    assert_int_equal(after.splits, before.splits);
    hy_close(&instance);
}

/* The three rules in turn, with 8 blocks of one order that fill the committed memory: used less local is the slack. */
static void lazy_rules(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("buddy:lazy=yes,chunk=64K,trim=0", NULL, &instance);
    char *blocks[8];
    for (size_t i = 0; i < 8; i++) {
        char *const block = hy_alloc(instance.heap, 8 << 10, 16);
        blocks[((uintptr_t)block >> 13) % 8] = block;
    }
    const uint64_t merges = stats_of(instance.heap).merges;
    for (size_t i = 0; i < 4; i++) /* slack 8, 6, 4, 2: put off */
        hy_free(instance.heap, blocks[i], 0);
    assert_int_equal(stats_of(instance.heap).merges, merges);
    assert_int_equal(stats_of(instance.heap).holes, 4);
    hy_free(instance.heap, blocks[4], 0); /* slack 0: it merges if it can, which it cannot; and so does a local one */
    assert_int_equal(stats_of(instance.heap).merges, merges);
    assert_null(instance.heap->ops->check(instance.heap));
    hy_free(instance.heap, blocks[5], 0); /* slack 0: with its buddy; and one more local one, with the one before */
    assert_true(stats_of(instance.heap).merges > merges);
    assert_null(instance.heap->ops->check(instance.heap));
    hy_free(instance.heap, blocks[6], 0);
    hy_free(instance.heap, blocks[7], 0); /* no used block is left, so no local hole may be */
    assert_int_equal(stats_of(instance.heap).holes, 1);
    assert_int_equal(instance.heap->ops->coalesce(instance.heap), 0);
    hy_close(&instance);
}

typedef struct last_hole {
    uintptr_t end, start;
    size_t size;
    unsigned buddies;
} last_hole;

/* Two holes side by side that are each other's buddies. */
static int note_buddies(void *context, const hy_range *range) {
    last_hole *const last = context;
    if (range->kind != HY_FREE)
        return 0;
    last->buddies +=
        range->start == last->end && range->size == last->size && (last->start ^ range->size) == range->start;
    *last = (last_hole){range->start + range->size, range->start, range->size, last->buddies};
    return 0;
}

static unsigned free_buddies(hy_heap *heap) {
    last_hole last = {0};
    heap->ops->walk(heap, note_buddies, &last);
    return last.buddies;
}

/* After coalesce no two buddies are free; before it there are some, now and then; and check keeps the slack rule. */
static void coalesce_merges_all(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("buddy:lazy=yes", NULL, &instance);
    shadow model = {.heap = instance.heap};
    uint64_t random = 9, deferred = 0;
    for (unsigned i = 0; i < 20000; i++) {
        expect_fine(shadow_step(&model, &random, SHADOW_SLOTS, 10), "buddy:lazy=yes", "step", i);
        if (i % 100 != 99)
            continue;
        expect_fine(shadow_check(&model), "buddy:lazy=yes", "check after step", i);
        deferred += free_buddies(instance.heap);
        const hy_stats before = stats_of(instance.heap);
        const size_t merges = instance.heap->ops->coalesce(instance.heap);
        const hy_stats after = stats_of(instance.heap);
        assert_int_equal(free_buddies(instance.heap), 0);
        assert_int_equal(after.holes + merges, before.holes);
        assert_int_equal(after.live_blocks, before.live_blocks);
        assert_int_equal(instance.heap->ops->coalesce(instance.heap), 0);
        expect_fine(shadow_check(&model), "buddy:lazy=yes", "check after coalesce", i);
    }
    assert_true(deferred > 0);
    hy_close(&instance);
}

/* Both kinds of merging serve the same requests with blocks of the same sizes: only the places differ. */
static void lazy_merges_less(void **state) {
    (void)state;
    uint64_t merges[2];
    for (unsigned lazy = 0; lazy < 2; lazy++) {
        hy_instance instance;
        open_heap(lazy ? "buddy:lazy=yes" : "buddy", NULL, &instance);
        shadow model = {.heap = instance.heap};
        uint64_t random = 4;
        for (unsigned i = 0; i < 20000; i++)
            expect_fine(shadow_step(&model, &random, SHADOW_SLOTS, 10), "buddy", "step", i);
        merges[lazy] = stats_of(instance.heap).merges;
        hy_close(&instance);
    }
    assert_true(merges[1] < merges[0]);
}

/* ------------------------------------------------------------------------------------------------ realloc, top ---- */

static void realloc_in_place(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("buddy", NULL, &instance);
    hy_heap *const heap = instance.heap;
    char *const block = hy_alloc(heap, 32 << 10, 16); /* the lower half of the first chunk */
    assert_ptr_equal(hy_realloc(heap, block, 0, 16, 64 << 10), block);
    assert_ptr_equal(hy_realloc(heap, block, 0, 16, 100), block);
    assert_int_equal(heap->ops->usable_size(heap, block), 128);
    assert_null(heap->ops->check(heap));
    assert_ptr_equal(hy_realloc(heap, block, 0, 16, 1000), block);
    char *const other = hy_alloc(heap, 1000, 16);
    assert_ptr_equal(other, block + 1024);
    assert_ptr_not_equal(hy_realloc(heap, block, 0, 16, 2000), block);
    assert_ptr_not_equal(hy_realloc(heap, other, 0, 16, 2000), other); /* an upper half never grows */
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
}

/* A fixed region at any address is taken whole. */
static void fixed_region(void **state) {
    (void)state;
    static _Alignas(8192) char storage[8192 + 64];
    for (size_t shift = 0; shift < 64; shift += 21) {
        array_pages pages = array_pages_of(storage + shift, 8192);
        const hy_open_options options = {.data = &pages.pages, .meta = open_mmap()};
        hy_instance instance;
        open_heap("buddy", &options, &instance);
        unsigned count = 0;
        while (hy_alloc(instance.heap, 32, 16))
            count++;
        assert_int_equal(count, shift == 0 ? 256 : 255);
        assert_null(instance.heap->ops->check(instance.heap));
        instance.heap->ops->reset(instance.heap);
        assert_non_null(hy_alloc(instance.heap, 4096, 16));
        assert_null(hy_alloc(instance.heap, 1 << 20, 16));
        assert_null(instance.heap->ops->check(instance.heap));
        hy_close(&instance);
        assert_int_equal(pages.pages.committed, 0);
        options.meta->ops->destroy(options.meta);
    }
}

static void odd_minimum_is_refused(void **state) {
    (void)state;
    const char *const spec = "buddy:min=48";
    hy_instance instance;
    hy_error error;
    assert_true(hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, NULL, &instance, &error) < 0);
    assert_non_null(strstr(error.text, "power of two"));
}

/* check finds damage. */
static void damage_is_found(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("buddy", NULL, &instance);
    hy_heap *const heap = instance.heap;
    char *const one = hy_alloc(heap, 64, 16), *const two = hy_alloc(heap, 64, 16);
    hy_free(heap, one < two ? two : one, 64);
    char *const hole = one < two ? two : one;
    assert_null(heap->ops->check(heap));
    hole[8] = (char)(hole[8] ^ 16); /* the link to the hole before, which is the list's head */
    assert_non_null(heap->ops->check(heap));
    hole[8] = (char)(hole[8] ^ 16);
    assert_null(heap->ops->check(heap));
    char *const fresh = hole + 64 + 40; /* in a hole that was never a block */
    *fresh = 1;
    assert_non_null(heap->ops->check(heap));
    *fresh = 0;
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
}

/* ------------------------------------------------------------------------------------------- what all heaps do ---- */

static void top_goes_back(void **state) {
    run_top("buddy:trim=256K,chunk=64K");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_powers_of_two),
        cmocka_unit_test(alignment_is_free),
        cmocka_unit_test(merges_back_to_the_whole),
        cmocka_unit_test(only_buddies_merge),
        cmocka_unit_test(lazy_defers),
        cmocka_unit_test(lazy_rules),
        cmocka_unit_test(coalesce_merges_all),
        cmocka_unit_test(lazy_merges_less),
        cmocka_unit_test(realloc_in_place),
        cmocka_unit_test(top_goes_back),
        cmocka_unit_test(fixed_region),
        cmocka_unit_test(odd_minimum_is_refused),
        cmocka_unit_test(damage_is_found),
        HEAP_CASE(random_steps, specs),
        HEAP_CASE(alignments, specs),
        HEAP_CASE(failing_requests, failing),
        HEAP_CASE(giving_back, specs),
        HEAP_CASE(walks, specs),
        HEAP_CASE(resets, specs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
