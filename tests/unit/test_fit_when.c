/* SPDX-License-Identifier: MIT
 *
 * test_fit_when.c - fit's merge policies one by one: each merges exactly when it should, and counts what it did.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap_cases.h"

#define BLOCKS 8

/* A heap with eight blocks of one size side by side, and a last one that keeps them from the top hole. */
typedef struct yard {
    hy_instance instance;
    hy_heap *heap;
    char *block[BLOCKS], *guard;
    size_t size;
} yard;

static void yard_open(yard *self, const char *merge, size_t size) {
    char spec[200];
    snprintf(spec, sizeof spec, "fit:trim=0,merge=%s", merge);
    open_heap(spec, NULL, &self->instance);
    self->heap = self->instance.heap;
    self->size = size;
    for (size_t i = 0; i < BLOCKS; i++)
        self->block[i] = hy_alloc(self->heap, size, 16);
    self->guard = hy_alloc(self->heap, 24, 16);
    assert_non_null(self->guard);
}

static hy_stats yard_stats(const yard *self) {
    hy_stats stats;
    memset(&stats, 0xff, sizeof stats);
    self->heap->ops->stats(self->heap, &stats);
    assert_null(self->heap->ops->check(self->heap));
    return stats;
}

/* Frees a block; how many passes and merges there were in all by now. */
static void yard_free(yard *self, size_t i, uint64_t passes, uint64_t merges) {
    hy_free(self->heap, self->block[i], self->size);
    const hy_stats stats = yard_stats(self);
    assert_int_equal(stats.merge_passes, passes);
    assert_int_equal(stats.merges, merges);
}

static void never(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "never", 100);
    for (size_t i = 0; i < BLOCKS; i++)
        yard_free(&y, i, HY_UNKNOWN, 0);
    assert_int_equal(yard_stats(&y).holes, BLOCKS + 1);
    assert_ptr_not_equal(hy_alloc(y.heap, 150, 16), y.block[0]); /* no hole is that large but the top */
    assert_int_equal(y.heap->ops->coalesce(y.heap), BLOCKS - 1);
    assert_int_equal(yard_stats(&y).holes, 2);
    hy_close(&y.instance);
}

static void immediate(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "immediate", 100);
    yard_free(&y, 0, HY_UNKNOWN, 0);
    yard_free(&y, 1, HY_UNKNOWN, 1);
    yard_free(&y, 3, HY_UNKNOWN, 1);
    yard_free(&y, 2, HY_UNKNOWN, 3);
    assert_int_equal(yard_stats(&y).holes, 2);
    assert_int_equal(y.heap->ops->coalesce(y.heap), 0);
    hy_close(&y.instance);
}

static void every(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "every:3", 100);
    yard_free(&y, 0, 0, 0);
    yard_free(&y, 1, 0, 0);
    assert_int_equal(yard_stats(&y).holes, 3);
    yard_free(&y, 2, 1, 2);
    assert_int_equal(yard_stats(&y).holes, 2);
    assert_int_equal(yard_stats(&y).pass_steps, 3);
    yard_free(&y, 4, 1, 2);
    yard_free(&y, 6, 1, 2);
    yard_free(&y, 7, 2, 3);
    assert_int_equal(yard_stats(&y).pass_steps, 6);
    assert_int_equal(yard_stats(&y).longest_pass, 3);
    hy_close(&y.instance);
}

/* A block of 100 bytes has 104. */
static void bytes(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "bytes:312", 100);
    yard_free(&y, 0, 0, 0);
    yard_free(&y, 1, 0, 0);
    yard_free(&y, 2, 1, 2);
    yard_free(&y, 3, 1, 2);
    hy_close(&y.instance);
    yard_open(&y, "bytes:313", 100);
    for (size_t i = 0; i < 3; i++)
        yard_free(&y, i, 0, 0);
    yard_free(&y, 3, 1, 3);
    hy_close(&y.instance);
}

/* The top hole is one of them. */
static void count(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "count:4", 100);
    yard_free(&y, 0, 0, 0);
    yard_free(&y, 2, 0, 0);
    yard_free(&y, 4, 1, 0);
    yard_free(&y, 5, 2, 1); /* five for a moment */
    yard_free(&y, 1, 3, 3);
    yard_free(&y, 7, 4, 3);
    hy_close(&y.instance);
}

/* Before the heap grows. */
static void onfail(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "onfail", 100);
    for (size_t i = 0; i < BLOCKS; i++)
        yard_free(&y, i, 0, 0);
    assert_ptr_not_equal(hy_alloc(y.heap, 150, 16), y.block[0]); /* the top hole serves */
    assert_int_equal(yard_stats(&y).merge_passes, 0);
    assert_int_equal(yard_stats(&y).failed_searches, 1); /* the very first */
    assert_non_null(hy_alloc(y.heap, 70000, 16));
    assert_int_equal(yard_stats(&y).merge_passes, 1);
    assert_int_equal(yard_stats(&y).merges, BLOCKS - 1);
    assert_int_equal(yard_stats(&y).failed_searches, 3); /* before the pass and after it */
    assert_int_equal(yard_stats(&y).grows, 2);
    hy_close(&y.instance);
}

/* Two neighbours in a full region. */
static void onfail_before_failing(void **state) {
    (void)state;
    static char storage[1024];
    array_pages pages = array_pages_of(storage, sizeof storage);
    const hy_open_options options = {.data = &pages.pages, .meta = open_mmap()};
    hy_instance instance;
    open_heap("fit:merge=onfail", &options, &instance);
    void *blocks[8];
    size_t count = 0;
    while (count < 8 && (blocks[count] = hy_alloc(instance.heap, 200, 16)))
        count++;
    assert_int_equal(count, 4);
    hy_free(instance.heap, blocks[1], 200);
    hy_free(instance.heap, blocks[2], 200);
    assert_ptr_equal(hy_alloc(instance.heap, 300, 16), blocks[1]);
    hy_stats stats;
    instance.heap->ops->stats(instance.heap, &stats);
    assert_int_equal(stats.merge_passes, 1);
    assert_int_equal(stats.merges, 1);
    hy_close(&instance);
    options.meta->ops->destroy(options.meta);
}

static void large(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "large:1000", 100);
    char *const big = hy_alloc(y.heap, 1000, 16);
    assert_non_null(hy_alloc(y.heap, 24, 16));
    yard_free(&y, 0, 0, 0);
    yard_free(&y, 1, 0, 0);
    hy_free(y.heap, big, 1000); /* a large block is freed */
    assert_int_equal(yard_stats(&y).merge_passes, 1);
    assert_int_equal(yard_stats(&y).merges, 1);
    yard_free(&y, 2, 1, 1);
    assert_non_null(hy_alloc(y.heap, 500, 16));
    assert_int_equal(yard_stats(&y).merge_passes, 1);
    assert_non_null(hy_alloc(y.heap, 2000, 16)); /* and asked for */
    assert_int_equal(yard_stats(&y).merge_passes, 2);
    assert_int_equal(yard_stats(&y).merges, 2);
    assert_non_null(hy_alloc(y.heap, 2000, 16)); /* nothing is pending */
    assert_int_equal(yard_stats(&y).merge_passes, 2);
    hy_close(&y.instance);
}

static void quick(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "quick:2", 100);
    yard_free(&y, 0, 0, 0);
    yard_free(&y, 1, 0, 0);
    assert_int_equal(yard_stats(&y).holes, 3);
    assert_ptr_equal(hy_alloc(y.heap, 97, 16), y.block[1]); /* last freed first, if the size is the same */
    assert_ptr_not_equal(hy_alloc(y.heap, 60, 16), y.block[0]);
    hy_free(y.heap, y.block[1], 97);
    yard_free(&y, 2, 1, 2); /* the third is too many */
    assert_int_equal(yard_stats(&y).pass_steps, 3);
    assert_ptr_equal(hy_alloc(y.heap, 300, 16), y.block[0]);
    hy_close(&y.instance);
}

/* Blocks of more than 1 KiB merge at once. */
static void quick_is_for_small_ones(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "quick:100", 1024);
    yard_free(&y, 0, 0, 0);
    yard_free(&y, 1, 0, 0);
    hy_close(&y.instance);
    static const char *const kinds[] = {"quick:100", "quick:100,metadata=out-of-band"};
    for (size_t i = 0; i < 2; i++) {
        yard_open(&y, kinds[i], i ? 1025 : 1040); /* in band, what 1024 bytes are rounded up to serves 1032 */
        yard_free(&y, 0, 0, 0);
        yard_free(&y, 1, 0, 1);
        hy_close(&y.instance);
    }
}

/* A quick list's block keeps nothing of what was in it when zeroes are asked for. */
static void quick_zeroed(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "quick:4", 100);
    memset(y.block[3], 7, 100);
    yard_free(&y, 3, 0, 0);
    const char *const block = hy_alloc_zeroed(y.heap, 100, 16);
    assert_ptr_equal(block, y.block[3]);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(block[i], 0);
    hy_close(&y.instance);
}

/* The hand offers one range a free, in address order. */
static void slice(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "slice:1", 100);
    yard_free(&y, 5, 1, 0); /* offered to its neighbours, in vain */
    yard_free(&y, 6, 2, 1); /* pending alone: takes 5 in */
    yard_free(&y, 0, 3, 1);
    yard_free(&y, 1, 4, 2);
    assert_int_equal(yard_stats(&y).pass_steps, 4);
    assert_int_equal(yard_stats(&y).longest_pass, 1);
    hy_close(&y.instance);
}

/* 1: more is free than live.  The heap is a chunk of 64 KiB: eight ranges of 6016 bytes, the guard, and 17 KiB of top
 * hole, which is free too. */
static void ratio(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "ratio:1", 6000);
    yard_free(&y, 0, 0, 0); /* 23 KiB free, 41 live */
    yard_free(&y, 1, 0, 0); /* 29, 35 */
    yard_free(&y, 2, 1, 2); /* 35, 29 */
    hy_close(&y.instance);
    yard_open(&y, "ratio:2.5", 6000);
    for (size_t i = 0; i < 4; i++)
        yard_free(&y, i, 0, 0); /* 40, 24 */
    yard_free(&y, 4, 1, 4);     /* 46, 18 */
    hy_close(&y.instance);
}

/* Merges whose hole is cut within three allocs and frees. */
static void regret(void **state) {
    (void)state;
    yard y;
    yard_open(&y, "immediate,regret=3", 100);
    yard_free(&y, 0, HY_UNKNOWN, 0);
    yard_free(&y, 1, HY_UNKNOWN, 1);
    assert_ptr_equal(hy_alloc(y.heap, 100, 16), y.block[0]); /* cut at once */
    assert_int_equal(yard_stats(&y).merges_wasted, 1);
    assert_ptr_equal(hy_alloc(y.heap, 100, 16), y.block[1]); /* taken whole, what was merged was not this */
    assert_int_equal(yard_stats(&y).merges_wasted, 1);
    yard_free(&y, 1, HY_UNKNOWN, 1);
    yard_free(&y, 3, HY_UNKNOWN, 1);
    yard_free(&y, 2, HY_UNKNOWN, 3); /* two merges at a time */
    assert_ptr_equal(hy_alloc(y.heap, 10, 16), y.block[1]);
    assert_int_equal(yard_stats(&y).merges_wasted, 3);
    yard_free(&y, 6, HY_UNKNOWN, 3);
    yard_free(&y, 5, HY_UNKNOWN, 4);
    for (size_t i = 0; i < 3; i++)
        assert_non_null(hy_alloc(y.heap, 1000, 16));         /* from the top hole */
    assert_ptr_equal(hy_alloc(y.heap, 100, 16), y.block[5]); /* a fourth operation: nobody regrets it any more */
    assert_int_equal(yard_stats(&y).merges_wasted, 3);
    yard_free(&y, 5, HY_UNKNOWN, 5);
    for (size_t i = 0; i < 2; i++)
        assert_non_null(hy_alloc(y.heap, 1000, 16));
    assert_ptr_equal(hy_alloc(y.heap, 100, 16), y.block[5]); /* the third */
    assert_int_equal(yard_stats(&y).merges_wasted, 4);
    hy_close(&y.instance);
}

/* A hole too small for a stamp has the bytes of a block where that would be; they may look like one. */
static void regret_reads_no_block(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("fit", NULL, &instance);
    hy_heap *const heap = instance.heap;
    char *const block = hy_alloc(heap, 40, 16), *const behind = hy_alloc(heap, 40, 16);
    assert_non_null(hy_alloc(heap, 40, 16));
    const uint64_t like_a_stamp = 4 << 16 | 7; /* seven merges at the fourth operation */
    memcpy(behind + 16, &like_a_stamp, sizeof like_a_stamp);
    hy_free(heap, behind, 40);
    assert_ptr_equal(hy_realloc(heap, block, 40, 16, 56), block); /* 16 bytes of a hole of 48 */
    hy_stats stats = {0};
    heap->ops->stats(heap, &stats);
    assert_int_equal(stats.splits, 4);
    assert_int_equal(stats.merges_wasted, 0);
    hy_close(&instance);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never),
        cmocka_unit_test(immediate),
        cmocka_unit_test(every),
        cmocka_unit_test(bytes),
        cmocka_unit_test(count),
        cmocka_unit_test(onfail),
        cmocka_unit_test(onfail_before_failing),
        cmocka_unit_test(large),
        cmocka_unit_test(quick),
        cmocka_unit_test(quick_is_for_small_ones),
        cmocka_unit_test(quick_zeroed),
        cmocka_unit_test(slice),
        cmocka_unit_test(ratio),
        cmocka_unit_test(regret),
        cmocka_unit_test(regret_reads_no_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
